"""What opens beside a list of sessions, or in its place on a narrow page: one session, moving it, cancelling it."""

from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from app.api.models import Booking, Role
from app.components.bookings.attendance_panel import ProblemForm
from app.components.bookings.calendar_file import save_calendar_file
from app.components.bookings.changes.cancel_panel import CancelPanel
from app.components.bookings.changes.move_panel import MovePanel
from app.components.bookings.session_detail import DetailActions, SessionDetails
from app.components.design.buttons import IconAction
from app.components.design.card import Card
from app.components.design.feedback import confirm, toast
from app.components.design.theme import SPACE_8, SPACE_16, SPACE_24
from app.components.frame.page_events import use_key
from app.components.frame.polling import use_polling
from app.state.bookings import follow_up
from app.state.bookings.session_detail import REFUNDING, SessionDetail
from app.state.bookings.session_messages import ASK_TITLE, ask_words
from app.state.core.hooks import Ref, use_model
from app.state.core.services import Services

OnStart = Callable[[Booking], object]
OnChanged = Callable[[], Awaitable[object]]
PhotoOf = Callable[[Booking], str | None]


@ft.component
def SessionSide(
    services: Services,
    role: Role,
    session_id: str,
    known: Booking | None,
    on_start: OnStart,
    on_close: Callable[[], object],
    on_changed: OnChanged,
    photo_of: PhotoOf,
    beside: bool,
    way_back: Ref[Callable[[], object]],
) -> ft.Control:
    """`known` is what the list says of it, `on_changed` is awaited when it was moved or cancelled; `way_back` is given
    what the page's back arrow does. One session for its whole life: give another one another key.
    """
    detail = use_model(lambda: SessionDetail(services, role, session_id, known))
    refunding = detail.booking is not None and detail.booking.payment_status in REFUNDING
    use_polling(detail.poll, [refunding])

    def back() -> None:
        if detail.cancelling or detail.moving:
            detail.keep()
        else:
            on_close()

    def on_key(event: ft.KeyboardEvent) -> None:
        if event.key == "Escape":
            back()

    use_key(on_key)
    way_back.current = back
    return _framed(_body(detail, on_start, on_changed, photo_of), back, beside)


def _body(detail: SessionDetail, on_start: OnStart, on_changed: OnChanged, photo_of: PhotoOf) -> ft.Control:
    async def announce(words: str) -> None:
        if words:
            toast(words)
            await on_changed()

    async def cancel() -> None:
        await announce(await detail.cancel())

    async def move() -> None:
        await announce(await detail.move())

    async def report() -> None:
        words = await detail.report()
        if words:
            toast(words)

    if detail.reporting:
        return _scrolled(ProblemForm(detail.reporting, report, detail.keep), "problem")
    if detail.moving:
        return ft.Container(MovePanel(detail.moving, move, detail.keep), key="move", expand=True)
    if detail.cancelling:
        return _scrolled(CancelPanel(detail.cancelling, cancel, detail.keep), "cancel")
    photo = photo_of(detail.booking) if detail.booking else None
    return _scrolled(SessionDetails(detail, _actions(detail, on_start), photo), "details")


def _actions(detail: SessionDetail, on_start: OnStart) -> DetailActions:
    async def add_to_calendar() -> None:
        if detail.booking is not None:
            await save_calendar_file(detail.services, detail.booking, detail.calendar_file)

    page = ft.context.page

    def book_again() -> None:
        if detail.booking is not None:
            page.navigate(f"/professional/{detail.booking.professional.id}")

    def check() -> None:
        page.navigate(f"/session/{detail.session_id}")

    async def delete_messages() -> None:
        booking = detail.booking
        name = booking.other(detail.role).name if booking is not None else ""
        if await confirm(ASK_TITLE, ask_words(name), yes="Delete", no="Keep", danger=True):
            toast(await detail.delete_messages())

    return DetailActions(
        on_start=on_start,
        on_calendar=add_to_calendar,
        on_check=check,
        on_move=detail.start_moving,
        on_cancel=detail.start_cancelling,
        on_again=book_again,
        on_object=detail.start_reporting,
        on_delete_messages=delete_messages,
        on_follow_up=partial(_send_follow_up, detail),
    )


async def _send_follow_up(detail: SessionDetail) -> None:
    name = detail.booking.user.name if detail.booking is not None else ""
    words = follow_up.ask_words(name, len(detail.follow_up_form.files.ids))
    sure = await confirm(follow_up.ASK_TITLE, words, yes="Send", no="Not yet")
    if sure and (words := await detail.send_follow_up()):
        toast(words)


def _scrolled(content: ft.Control, key: str) -> ft.Control:
    return ft.Column(
        [content],
        key=key,
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _framed(body: ft.Control, on_close: Callable[[], object], beside: bool) -> ft.Control:
    """A card with a way to close it where it stands beside the list; elsewhere the page's own back arrow does that."""
    close = ft.Row([IconAction(ft.Icons.CLOSE, "Close", on_close)], alignment=ft.MainAxisAlignment.END, visible=beside)
    return Card(
        ft.Column([close, body], expand=True, spacing=0, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        ft.Padding.only(left=SPACE_24, right=SPACE_24, bottom=SPACE_24, top=SPACE_8) if beside else SPACE_16,
        expand=True,
    )
