"""PublicMicrositePTView: a professional's public page, from choosing a free time to the paid session."""

import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import flet as ft

from app.components.bookings.calendar_file import save_calendar_file
from app.components.bookings.microsite.book_bar import BookBar, policy_lines
from app.components.bookings.microsite.booked_panel import BookedPanel
from app.components.bookings.microsite.day_times import DayTimes
from app.components.bookings.microsite.hold_panel import HoldPanel
from app.components.bookings.microsite.profile_summary import ProfileSummary
from app.components.design.card import Card
from app.components.design.month_calendar import MonthCalendar
from app.components.design.states import EmptyState, ErrorState, LoadingRows
from app.components.design.theme import (
    SPACE_8,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    WIDE,
)
from app.components.frame.page import Page
from app.components.frame.page_events import use_width
from app.components.frame.polling import use_polling
from app.components.frame.window_events import use_front_when
from app.state.bookings.booking_flow import POLL_S, BookingFlow, Stage
from app.state.bookings.microsite import Microsite
from app.state.bookings.words.cancellation_words import free_until_words
from app.state.core.fetching import Phase
from app.state.core.history import History, instant_in_route
from app.state.core.hooks import use_model, use_ref
from app.state.core.services import use_services
from app.state.core.wall_time import moment_words

FRESH_EVERY_S = 20.0
THREE_COLUMNS = 1160  # page width from which the profile stands beside calendar and times
PROFILE_WIDTH = 288
CALENDAR_WIDTH = 400
PANEL_WIDTH = 520
PAGE_WIDTH = 1120
TIMES = "times"

PickDay = Callable[[dt.date], Coroutine[Any, Any, None]]


@ft.component
def PublicMicrositePTView() -> ft.Control:
    """The professional is the route's, and perhaps a time; another one is another page with a state of its own."""
    params = ft.use_route_params()
    professional_id, time = params.get("professional_id", ""), params.get("time") or ""
    shown = ProfessionalPage(professional_id, instant_in_route(time))
    return ft.Container(shown, key=f"{professional_id}/{time}", expand=True)


@ft.component
def ProfessionalPage(professional_id: str, wanted_at: dt.datetime | None = None) -> ft.Control:
    """The page of one professional; the time that starts at `wanted_at` is chosen to begin with."""
    services = use_services()
    microsite = use_model(lambda: Microsite(services, professional_id, wanted_at=wanted_at))
    flow = use_model(lambda: BookingFlow(services, professional_id, microsite.refresh))
    _use_polls(microsite, flow)
    width = use_width()
    column = use_ref(ft.Ref[ft.Column]()).current
    narrow = width < WIDE

    to_times = _use_way_to_times(microsite, narrow, column)
    person = microsite.professional
    if person is None:
        return Page("Professional", [_not_there(microsite)], on_back=_back(flow))

    async def pick_day(day: dt.date) -> None:
        await to_times()
        await microsite.choose_day(day)

    summary = ProfileSummary(person, microsite.photo, beside=width >= THREE_COLUMNS)
    main = _main(microsite, flow, narrow, pick_day)
    if narrow:
        return _narrow(person.name, summary, main, microsite, flow, column)
    if width >= THREE_COLUMNS:
        content: ft.Control = ft.Row(
            [ft.Container(summary, width=PROFILE_WIDTH), ft.Container(main, expand=True)],
            spacing=SPACE_16,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
    else:
        content = ft.Column([summary, main], spacing=SPACE_16, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return Page(person.name, [content], max_width=PAGE_WIDTH, on_back=_back(flow))


def _use_polls(microsite: Microsite, flow: BookingFlow) -> None:
    """Keeps the times fresh, and a hold until it is paid or over."""
    waits_for_payment = flow.stage in (Stage.HELD, Stage.OVER)

    async def poll() -> float:
        if microsite.phase is Phase.READY:
            await microsite.refresh()
        elif microsite.phase is not Phase.MISSING:
            await microsite.load()
        await flow.find_hold()
        return FRESH_EVERY_S

    async def poll_hold() -> float:
        await flow.poll()
        return POLL_S if waits_for_payment else FRESH_EVERY_S

    use_polling(poll, [])
    use_polling(poll_hold, [waits_for_payment])
    use_front_when(int(flow.stage is Stage.CONFIRMED and flow.checkout_opened))


def _use_way_to_times(microsite: Microsite, narrow: bool, column: ft.Ref[ft.Column]) -> Callable[[], Awaitable[None]]:
    """What brings the day's times into view on a narrow page; done once for a time that a link asked for."""

    async def to_times() -> None:
        if narrow and column.current:
            with contextlib.suppress(RuntimeError, TimeoutError):  # the page was left meanwhile
                await column.current.scroll_to(scroll_key=TIMES, duration=200)

    async def show_linked_time() -> None:
        if microsite.came_for_time:
            await to_times()

    ft.use_effect(show_linked_time, [microsite.came_for_time])
    return to_times


def _back(flow: BookingFlow) -> Callable[[], None]:
    """To where this person came from: the list, a session with the professional, their own profile."""
    page, history = ft.context.page, flow.services.kept(History, History)
    otherwise = "/profile" if _is_own_page(flow) else "/find"
    return lambda: page.navigate(history.before(page.route or "", otherwise))


def _is_own_page(flow: BookingFlow) -> bool:
    """Whether this is a professional, who sees the page as others do."""
    account = flow.services.account.account
    return account is not None and account.is_professional


def _not_there(microsite: Microsite) -> ft.Control:
    if microsite.phase is Phase.LOADING:
        return LoadingRows()
    if microsite.phase is Phase.MISSING:
        page = ft.context.page
        find = lambda: page.navigate("/find")  # noqa: E731  a handler of one call
        return EmptyState(ft.Icons.PERSON_OFF_OUTLINED, microsite.error, "Find someone else", find)
    return ErrorState(microsite.error, microsite.load, offline=microsite.phase is Phase.OFFLINE)


def _narrow(
    name: str,
    summary: ft.Control,
    main: ft.Control,
    microsite: Microsite,
    flow: BookingFlow,
    column: ft.Ref[ft.Column],
) -> ft.Control:
    """One column; what is pressed next stays in reach below it."""
    settled = flow.stage in (Stage.HELD, Stage.CONFIRMED)
    above = [main, summary] if settled else [summary, main]
    if not settled:
        above += policy_lines(microsite)  # in the bar it would leave little room for the times
    scrolled = ft.Column(
        [*above, ft.Container(height=SPACE_8)],
        ref=column,
        key=f"column-{settled}",
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        spacing=SPACE_12,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    bar = (
        []
        if settled
        else [ft.Container(BookBar(microsite, flow, with_policy=False), padding=ft.Padding.only(bottom=SPACE_12))]
    )
    return Page(name, [scrolled, *bar], scroll=False, on_back=_back(flow))


def _main(microsite: Microsite, flow: BookingFlow, narrow: bool, pick_day: PickDay) -> ft.Control:
    """Calendar and times; in their place the hold, or the session that came of it."""
    if flow.stage is Stage.HELD and flow.booking is not None:
        return _panel(_hold(flow), narrow)
    if flow.stage is Stage.CONFIRMED and flow.booking is not None:
        return _panel(_booked(flow), narrow)
    calendar = Card(_calendar(microsite, pick_day), SPACE_16)
    day_times = DayTimes(microsite, elsewhere=not _is_own_page(flow))
    if narrow:
        here = ft.ScrollKey(TIMES)  # type: ignore[call-arg]  # Flet's lazy decorator hides the field
        below = ft.Container(Card(day_times, SPACE_16), key=here)
        return ft.Column(
            [calendar, below], spacing=SPACE_12, horizontal_alignment=ft.CrossAxisAlignment.STRETCH, tight=True
        )
    times = Card(ft.Column([day_times, BookBar(microsite, flow)], spacing=SPACE_24, tight=True), SPACE_16)
    return ft.Row(
        [ft.Container(calendar, width=CALENDAR_WIDTH), ft.Container(times, expand=True)],
        spacing=SPACE_16,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _panel(panel: ft.Control, narrow: bool) -> ft.Control:
    return panel if narrow else ft.Row([ft.Container(panel, width=PANEL_WIDTH)])


def _calendar(microsite: Microsite, pick_day: PickDay) -> ft.Control:
    run = ft.context.page.run_task
    return MonthCalendar(
        microsite.marks,
        lambda day: run(pick_day, day),
        microsite.day,
        microsite.today,
        lambda month: run(microsite.show_month, month),
    )


def _hold(flow: BookingFlow) -> ft.Control:
    booking = flow.booking
    if booking is None or booking.hold_expires_at is None:
        return LoadingRows(1)
    run = ft.context.page.run_task
    return HoldPanel(
        booking,
        (booking.hold_expires_at - booking.created_at).total_seconds(),
        flow.when_words,
        flow.services.now,
        flow.opened_checkout,
        flow.back_out,
        lambda: run(flow.poll),
        checkout_opened=flow.checkout_opened,
        declined=flow.declined,
        out_of_reach=flow.out_of_reach,
        releasing=flow.releasing,
        error=flow.error.text if flow.error else "",
        policy=free_until_words(booking, flow.services.now(), flow.services.zone),
    )


def _booked(flow: BookingFlow) -> ft.Control:
    booking, page, services = flow.booking, ft.context.page, flow.services
    if booking is None:
        return LoadingRows(1)

    async def add_to_calendar() -> None:
        await save_calendar_file(services, booking, flow.calendar_file)

    return BookedPanel(
        booking,
        flow.when_words,
        moment_words(booking.join_opens_at, services.zone, services.now()),
        add_to_calendar,
        lambda: page.navigate("/my-sessions"),
        flow.again,
        flow.error.text if flow.error else "",
        free_until_words(booking, services.now(), services.zone),
    )
