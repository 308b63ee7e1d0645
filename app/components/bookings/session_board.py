"""Both people's sessions: the next one large, then the days; tabs for what comes and what was."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Booking
from app.components.bookings.microsite.hold_card import HoldCard
from app.components.bookings.next_session import NextSession
from app.components.bookings.session_card import DayHeading, DayHeadingRow, SessionCard, SessionRow
from app.components.bookings.session_pane import SessionSide
from app.components.bookings.start_button import Now
from app.components.design.feedback import confirm, toast
from app.components.design.note_line import NoteLine
from app.components.design.theme import READABLE, SPACE_12, SPACE_24
from app.components.frame.page import Page
from app.components.frame.page_events import use_width
from app.components.frame.polling import use_polling
from app.components.frame.refreshable_list import RefreshableList
from app.components.frame.window_events import use_front_when
from app.state.bookings.session_lists import SessionList, by_day
from app.state.core.hooks import Ref, use_observed, use_ref
from app.state.core.services import Services
from app.state.core.wall_time import time_words

UPCOMING, PAST = "upcoming", "past"
BESIDE = 1000  # page width from which a session's details stand beside the list
SIDE_WIDTH = 400

PhotoOf = Callable[[Booking], str | None]
"""The absolute address of the other person's picture, if there is one."""


@ft.component
def SessionBoard(
    title: str,
    lists: dict[str, SessionList],
    services: Services,
    on_start: Callable[[Booking], object],
    photo_of: PhotoOf,
    empty: dict[str, ft.Control],
    selected: str,
    on_select: Callable[[str], object],
    notices: Sequence[ft.Control] = (),
) -> ft.Control:
    """`lists` and `empty` (what stands where nothing is) are by UPCOMING and PAST; the list not shown rests. `selected`
    is the id of the session whose details are open (beside the list, or in its place), empty when none are;
    `on_select` is called with another one. `notices` stand above the list.
    """
    shown, show = ft.use_state(UPCOMING)
    beside = use_width() >= BESIDE
    way_back: Ref[Callable[[], object]] = use_ref(_close(on_select))
    sessions, now, zone = lists[shown], services.now, services.zone

    def choose(event: ft.Event[ft.SegmentedButton]) -> None:
        show(next(iter(event.control.selected), UPCOMING))

    tabs = ft.Row(
        [
            ft.SegmentedButton(
                segments=[ft.Segment(UPCOMING, label="Upcoming"), ft.Segment(PAST, label="Past")],
                selected=[shown],
                show_selected_icon=False,
                on_change=choose,
            )
        ]
    )
    own = SessionTab(sessions, now, zone, on_start, photo_of, empty[shown], on_select, selected, beside)
    # the key makes it another component: with the same one, its hooks would go on observing the other list
    body = ft.Container(own, key=shown, expand=True)
    side = None
    if selected:
        known = next((each for each in sessions.items if each.id == selected), None)
        side = SessionSide(
            services,
            sessions.role,
            selected,
            known,
            on_start,
            _close(on_select),
            sessions.refresh,
            photo_of,
            beside,
            way_back,
        )
    # both keep their place in the tree in every shape: what moves would be rebuilt and lose what was begun in it
    columns = ft.Row(
        [
            ft.Container(
                ft.Column([_notices(notices), tabs, body], spacing=SPACE_12),
                expand=True,
                visible=beside or not selected,
            ),
            ft.Container(
                side, key=selected, expand=not beside, width=SIDE_WIDTH if beside else None, visible=bool(side)
            ),
        ],
        expand=True,
        spacing=SPACE_24,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    alone = bool(selected) and not beside
    return Page(
        "Session" if alone else title,
        [columns],
        scroll=False,
        max_width=READABLE + SPACE_24 + SIDE_WIDTH if selected and beside else READABLE,
        on_back=(lambda: way_back.current()) if alone else None,
    )


def _notices(notices: Sequence[ft.Control]) -> ft.Control:
    """One place for all of them, so that nothing below moves in the tree when one comes or goes."""
    column = ft.Column([*notices], spacing=SPACE_12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return ft.Container(column, visible=bool(notices))


def _close(on_select: Callable[[str], object]) -> Callable[[], object]:
    return lambda: on_select("")


@ft.component
def SessionTab(
    sessions: SessionList,
    now: Now,
    zone: ZoneInfo,
    on_start: Callable[[Booking], object],
    photo_of: PhotoOf,
    empty: ft.Control,
    on_select: Callable[[str], object],
    selected: str,
    beside: bool,
) -> ft.Control:
    """One list that keeps itself fresh while it is shown."""
    use_observed(sessions)
    use_polling(sessions.poll, [bool(sessions.paying)])
    use_front_when(sessions.paid)

    place = use_ref(0.0)

    def open_details(booking: Booking) -> None:
        on_select(booking.id)

    def draw(value: DayHeading | SessionRow) -> ft.Control:
        if isinstance(value, DayHeading):
            return DayHeadingRow(value)
        return SessionCard(value, sessions.role, now, zone, on_start, open_details, photo_of(value.booking))

    row = use_ref(draw)  # the same object over renders, so that pages of rows are drawn again only when they changed
    above: list[ft.Control] = [*(_hold(sessions, each, now, zone, photo_of) for each in sessions.holds)]
    following = sessions.next
    if following:
        waiting = sessions.other_waiting == following.id
        photo = photo_of(following)
        tight = bool(selected) and beside
        card = NextSession(
            following, sessions.role, now, zone, on_start, open_details, photo, waiting, tight, following.id == selected
        )
        above.append(ft.Container(card, key=following.id))
    return RefreshableList(
        rows=_rows(sessions, zone, now, selected, beside),
        phase=sessions.phase,
        on_refresh=sessions.refresh,
        more=sessions.more,
        on_more=sessions.load_more,
        loading_more=sessions.loading_more,
        last_refreshed=sessions.refreshed_at,
        empty=None if sessions.items else empty,
        error="" if sessions.items else sessions.error,
        row=row.current,
        header=[*_notes(sessions, zone), *above],
        end_text="That's all." if len(sessions.items) > 1 else "",
        place=place,
    )


def _notes(sessions: SessionList, zone: ZoneInfo) -> list[ft.Control]:
    if not sessions.error or not sessions.items or sessions.refreshed_at is None:
        return []
    return [NoteLine(f"{sessions.error} Shown as of {time_words(sessions.refreshed_at, zone)}.")]


def _rows(
    sessions: SessionList, zone: ZoneInfo, now: Now, selected: str, beside: bool
) -> tuple[DayHeading | SessionRow, ...]:
    above = {each.id for each in sessions.holds}
    if sessions.next:
        above.add(sessions.next.id)
    rows: list[DayHeading | SessionRow] = []
    tight = bool(selected) and beside
    for day in by_day(tuple(each for each in sessions.items if each.id not in above), zone, now()):
        rows += [DayHeading(day.words), *(SessionRow(each, each.id == selected, tight) for each in day.sessions)]
    return tuple(rows)


def _hold(sessions: SessionList, booking: Booking, now: Now, zone: ZoneInfo, photo_of: PhotoOf) -> ft.Control:
    page = ft.context.page

    async def opened_checkout() -> None:
        if sessions.start_paying(booking) is None:
            await sessions.refresh()

    async def back_out() -> None:
        text = f"Someone else can then book {booking.professional.name} at this time."
        if await confirm("Release this time?", text, yes="Back out", no="Keep it"):
            toast(await sessions.release(booking) or "The time is free again. Nothing was charged.")

    card = HoldCard(
        booking,
        now,
        zone,
        opened_checkout,
        back_out,
        on_over=lambda: page.run_task(sessions.refresh),
        paying=booking.id in sessions.paying,
        releasing=booking.id in sessions.releasing,
        photo_url=photo_of(booking),
    )
    return ft.Container(card, key=booking.id)
