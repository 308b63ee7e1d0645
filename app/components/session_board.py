"""Both people's sessions: the next one large, then the days; tabs for what comes and what was."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Booking
from app.components.feedback import confirm, toast
from app.components.hold_card import HoldCard
from app.components.keep_fresh import use_refreshing
from app.components.lists import RefreshableList
from app.components.next_session import NextSession
from app.components.note_line import NoteLine
from app.components.session_card import DayHeading, DayHeadingRow, SessionCard
from app.components.shell import Page
from app.components.start_button import Now
from app.state.hooks import use_box, use_observed
from app.state.upcoming import Sessions, by_day
from app.state.wall_time import time_words

UPCOMING, PAST = "upcoming", "past"

PhotoOf = Callable[[Booking], str | None]
"""The absolute address of the other person's picture, if there is one."""


@ft.component
def SessionBoard(
    title: str,
    lists: dict[str, Sessions],
    now: Now,
    zone: ZoneInfo,
    on_start: Callable[[Booking], object],
    photo_of: PhotoOf,
    empty: dict[str, ft.Control],
) -> ft.Control:
    """`lists` and `empty` (what stands where nothing is) are by UPCOMING and PAST; the list not shown rests."""
    shown, show = ft.use_state(UPCOMING)

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
    # the key makes it another component: with the same one, its hooks would go on observing the other list
    body = ft.Container(SessionTab(lists[shown], now, zone, on_start, photo_of, empty[shown]), key=shown, expand=True)
    return Page(title, [tabs, body], scroll=False)


@ft.component
def SessionTab(
    sessions: Sessions,
    now: Now,
    zone: ZoneInfo,
    on_start: Callable[[Booking], object],
    photo_of: PhotoOf,
    empty: ft.Control,
) -> ft.Control:
    """One list that keeps itself fresh while it is shown."""
    use_observed(sessions)
    use_refreshing(sessions.poll, [bool(sessions.paying)])

    def draw(value: DayHeading | Booking) -> ft.Control:
        if isinstance(value, DayHeading):
            return DayHeadingRow(value)
        return SessionCard(value, sessions.role, now, zone, on_start, photo_of(value))

    row = use_box(draw)  # the same object over renders, so that pages of rows are drawn again only when they changed
    above: list[ft.Control] = [*(_hold(sessions, each, now, zone, photo_of) for each in sessions.holds)]
    following = sessions.next
    if following:
        waiting = sessions.other_waiting == following.id
        photo = photo_of(following)
        card = NextSession(following, sessions.role, now, zone, on_start, photo, waiting)
        above.append(ft.Container(card, key=following.id))
    return RefreshableList(
        rows=_rows(sessions, zone, now),
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
        end_text="That is all." if len(sessions.items) > 1 else "",
    )


def _notes(sessions: Sessions, zone: ZoneInfo) -> list[ft.Control]:
    if not sessions.error or not sessions.items or sessions.refreshed_at is None:
        return []
    return [NoteLine(f"{sessions.error} Shown as of {time_words(sessions.refreshed_at, zone)}.")]


def _rows(sessions: Sessions, zone: ZoneInfo, now: Now) -> tuple[DayHeading | Booking, ...]:
    above = {each.id for each in sessions.holds}
    if sessions.next:
        above.add(sessions.next.id)
    rows: list[DayHeading | Booking] = []
    for day in by_day(tuple(each for each in sessions.items if each.id not in above), zone, now()):
        rows += [DayHeading(day.words), *day.sessions]
    return tuple(rows)


def _hold(sessions: Sessions, booking: Booking, now: Now, zone: ZoneInfo, photo_of: PhotoOf) -> ft.Control:
    page = ft.context.page

    async def pay() -> None:
        address = sessions.start_paying(booking)
        if address is None:
            await sessions.refresh()
        else:
            await ft.UrlLauncher().launch_url(address)

    async def back_out() -> None:
        text = f"{booking.professional.name} may then be booked by someone else at this time."
        if await confirm("Give this time back?", text, yes="Back out", no="Keep it"):
            toast(await sessions.release(booking) or "The time is free again. Nothing was charged.")

    card = HoldCard(
        booking,
        now,
        zone,
        pay,
        back_out,
        on_over=lambda: page.run_task(sessions.refresh),
        paying=booking.id in sessions.paying,
        releasing=booking.id in sessions.releasing,
        photo_url=photo_of(booking),
    )
    return ft.Container(card, key=booking.id)
