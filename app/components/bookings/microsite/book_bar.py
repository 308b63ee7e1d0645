"""The button that books the chosen time, with what to know before pressing it and what went wrong after."""

from collections.abc import Awaitable, Callable

import flet as ft

from app.api.models import FreeSlot
from app.components.bookings.microsite.waiting_button import WaitingButton
from app.components.design.buttons import PrimaryButton
from app.components.design.error_note import ErrorNote, NextStepButton
from app.components.design.note_line import PolicyLine, RuleLine
from app.components.design.theme import SPACE_12
from app.components.frame.email_check import EmailCheckCard
from app.state.bookings.booking_flow import BookingFlow, Stage
from app.state.bookings.microsite import Microsite
from app.state.bookings.words.attendance_words import rule_words
from app.state.bookings.words.cancellation_words import offer_words
from app.state.core.history import professional_route, sign_in_for
from app.state.core.shown_error import NextStep
from app.state.core.wall_time import time_words


def BookBar(microsite: Microsite, flow: BookingFlow, with_policy: bool = True) -> ft.Control:
    """Part of a component that observes both. Who is not signed in does that first, and comes back to the time."""
    chosen = microsite.chosen
    reason = flow.why_not(chosen)
    page = ft.context.page

    async def book() -> None:
        if chosen and flow.needs_sign_in:
            page.navigate(sign_in_for(professional_route(microsite.professional_id, chosen.starts_at)))
        elif chosen:
            await flow.book(chosen)
            if flow.stage is Stage.HELD:
                microsite.choose(None)

    check = flow.check_for(chosen)
    if check is not None:
        return EmailCheckCard(check)
    words = f"Book {time_words(chosen.starts_at, microsite.zone)}, {chosen.price_words}" if chosen else "Book"
    button: ft.Control = PrimaryButton(
        words, None if reason or chosen is None else book, reason, busy=flow.stage is Stage.BOOKING, expand=True
    )
    if flow.not_before is not None and flow.wait_s > 0:
        button = WaitingButton(words, lambda: flow.why_not(chosen), flow.services.now, flow.not_before, flow.waited)
    return ft.Column(
        [*_error(microsite, flow), *(policy_lines(microsite) if with_policy else []), button],
        spacing=SPACE_12,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def policy_lines(microsite: Microsite) -> list[ft.Control]:
    """What cancelling gives back, and what happens when somebody does not come."""
    person = microsite.professional
    if person is None:
        return []
    policy = [PolicyLine(offer_words(person.cancellation_policy))] if person.cancellation_policy else []
    return [*policy, RuleLine(rule_words(person.name))]


def _error(microsite: Microsite, flow: BookingFlow) -> list[ft.Control]:
    if flow.ended_message:
        return [ErrorNote(flow.ended_message, calm=True)]
    error = flow.error
    if error is None:
        return [ErrorNote(microsite.missed, calm=True)] if microsite.missed else []
    page = ft.context.page
    ways: list[NextStepButton] = []
    for slot in error.next_free:
        ways.append(NextStepButton(flow.offer_words(slot), _take(slot, microsite, flow)))
    if error.next_step is NextStep.MY_SESSIONS:
        ways.append(NextStepButton("Go to my sessions", lambda: page.navigate("/my-sessions")))
    return [ErrorNote(error.text, ways)]


def _take(slot: FreeSlot, microsite: Microsite, flow: BookingFlow) -> Callable[[], Awaitable[None]]:
    async def take() -> None:
        flow.dismiss()
        await microsite.show_slot(slot)

    return take
