"""UpcomingSessions: a professional sees who is next and when, and starts."""

import flet as ft

from app.api.models import PROFESSIONAL, Booking
from app.components.bookings.session_board import PAST, UPCOMING, SessionBoard
from app.components.design.buttons import SecondaryButton
from app.components.design.card import Card
from app.components.design.states import EmptyState
from app.components.design.theme import SPACE_12, SPACE_16, WAITING, Type
from app.components.frame.polling import use_polling
from app.state.bookings.session_lists import SessionList
from app.state.core.hooks import use_model, use_observed
from app.state.core.services import use_services
from app.state.payouts.payout_setup import PayoutSetup


@ft.component
def UpcomingSessions() -> ft.Control:
    """The professional's first screen."""
    services = use_services()
    page = ft.context.page
    payouts = use_observed(PayoutSetup.of(services))
    use_polling(payouts.poll, [])
    lists = use_model(lambda: {when: SessionList(services, PROFESSIONAL, when) for when in (UPCOMING, PAST)})

    def start(booking: Booking) -> None:
        page.navigate(f"/session/{booking.id}")

    return SessionBoard(
        "Sessions",
        lists,
        services,
        start,
        lambda booking: None,  # users have no picture
        empty={
            UPCOMING: _nothing_yet(page, payouts),
            PAST: EmptyState(ft.Icons.HISTORY, "No past sessions yet. Sessions move here when they are over."),
        },
        selected=ft.use_route_params().get("session_id") or "",
        on_select=lambda session_id: page.navigate(f"/upcoming/{session_id}".rstrip("/")),
        notices=[_on_hold(page, payouts)] if payouts.state == "restricted" else [],
    )


def _on_hold(page: ft.Page, payouts: PayoutSetup) -> ft.Control:
    """Above the sessions: nobody books any more, which is seen nowhere else on this screen."""
    sentence = ft.Text(f"{payouts.words.headline}. {payouts.words.sentence}", theme_style=Type.BODY, color=WAITING.ink)
    see = SecondaryButton(payouts.words.action, lambda: page.navigate("/earnings"))
    return ft.Semantics(
        live_region=True,
        container=True,
        content=Card(ft.Column([sentence, see], spacing=SPACE_12, tight=True), SPACE_16, ground=WAITING.ground),
    )


def _nothing_yet(page: ft.Page, payouts: PayoutSetup) -> ft.Control:
    """Leads a new professional to their first bookings: payouts first, then hours."""
    if payouts.state == "restricted":
        return EmptyState(ft.Icons.EVENT_AVAILABLE_OUTLINED, "No bookings right now.")
    if payouts.is_wanted:
        return EmptyState(
            ft.Icons.ACCOUNT_BALANCE_OUTLINED,
            "Bookings will show up here. Two steps to the first one: set up payouts, then add your hours.",
            payouts.words.action if payouts.state == "none" else "Finish setting up payouts",
            lambda: page.navigate("/earnings"),
        )
    return EmptyState(
        ft.Icons.EVENT_AVAILABLE_OUTLINED,
        "No bookings yet. Publish the hours you offer, and bookings will show up here.",
        "Add hours",
        lambda: page.navigate("/availability"),
    )
