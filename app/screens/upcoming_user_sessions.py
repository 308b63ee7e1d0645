"""UpcomingUserSessions: a user's bookings, what is paid and what waits for payment, and Start."""

import flet as ft

from app.api.models import USER, Booking
from app.components.bookings.session_board import PAST, UPCOMING, SessionBoard
from app.components.design.states import EmptyState
from app.state.bookings.session_lists import SessionList
from app.state.core.hooks import use_model
from app.state.core.services import use_services


@ft.component
def UpcomingUserSessions() -> ft.Control:
    """The user's second tab."""
    services = use_services()
    page = ft.context.page
    lists = use_model(lambda: {when: SessionList(services, USER, when) for when in (UPCOMING, PAST)})

    def start(booking: Booking) -> None:
        page.navigate(f"/session/{booking.id}")

    def photo_of(booking: Booking) -> str | None:
        path = booking.professional.photo_url
        return services.api.photo_url(path) if path else None

    def find() -> None:
        page.navigate("/find")

    return SessionBoard(
        "My sessions",
        lists,
        services,
        start,
        photo_of,
        empty={
            UPCOMING: EmptyState(
                ft.Icons.EVENT_AVAILABLE_OUTLINED,
                "Nothing booked yet. Find someone and pick a time that suits you.",
                "Find someone",
                find,
            ),
            PAST: EmptyState(ft.Icons.HISTORY, "No past sessions yet. Sessions move here when they are over."),
        },
        selected=ft.use_route_params().get("session_id") or "",
        on_select=lambda session_id: page.navigate(f"/my-sessions/{session_id}".rstrip("/")),
    )
