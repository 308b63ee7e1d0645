"""The chosen day of a public page: its free times, or why there are none and where the next ones are."""

import datetime as dt

import flet as ft

from app.components.bookings.microsite.slot_picker import SlotPicker
from app.components.design.buttons import SecondaryButton
from app.components.design.card import Heading
from app.components.design.note_line import NoteLine
from app.components.design.states import EmptyState, ErrorState
from app.components.design.theme import QUIET_INK, SPACE_4, SPACE_8, SPACE_12, SPACE_16, Type
from app.state.bookings.microsite import Microsite
from app.state.core.fetching import Phase
from app.state.core.wall_time import MONTH_NAMES, WEEKDAY_NAMES


def day_title(day: dt.date, today: dt.date) -> str:
    """ "Today, 24 November", "Friday, 27 November"."""
    near = {0: "Today", 1: "Tomorrow"}.get((day - today).days)
    return f"{near or WEEKDAY_NAMES[day.weekday()]}, {day.day} {MONTH_NAMES[day.month - 1]}"


def DayTimes(microsite: Microsite, elsewhere: bool = True) -> ft.Control:
    """Part of a component that observes `microsite`. `elsewhere`: where nothing is free, somebody else may do."""
    day = microsite.day or microsite.today
    head = Heading(day_title(day, microsite.today), live=True)
    note = microsite.zone_note
    words: list[ft.Control] = [head]
    if note:
        words.append(ft.Text(note, theme_style=Type.SMALL, color=QUIET_INK))
    return ft.Column(
        [ft.Column(words, spacing=SPACE_4, tight=True), *_body(microsite, elsewhere)], spacing=SPACE_16, tight=True
    )


def _body(microsite: Microsite, elsewhere: bool) -> list[ft.Control]:
    page = ft.context.page
    if microsite.parts:
        stale = [NoteLine(microsite.day_error)] if microsite.day_error else []
        chosen = microsite.chosen.id if microsite.chosen else None
        return [*stale, SlotPicker(microsite.parts, chosen, microsite.zone, microsite.choose)]
    if microsite.day_phase is Phase.LOADING:
        ring = ft.ProgressRing(width=20, height=20, stroke_width=2, semantics_label="Looking for free times")
        looking = ft.Text("Looking for free times", theme_style=Type.BODY, color=QUIET_INK)
        return [ft.Row([ring, looking], spacing=SPACE_12)]
    if microsite.day_phase in (Phase.ERROR, Phase.OFFLINE):
        return [ErrorState(microsite.day_error, microsite.refresh, offline=microsite.day_phase is Phase.OFFLINE)]
    if microsite.has_no_times:
        name = microsite.professional.name if microsite.professional else "This professional"
        text = f"{name} has no free times right now. New ones will appear here."
        if not elsewhere:
            return [EmptyState(ft.Icons.EVENT_BUSY_OUTLINED, text)]
        return [EmptyState(ft.Icons.EVENT_BUSY_OUTLINED, text, "Find someone else", lambda: page.navigate("/find"))]
    return [_nothing_free(microsite)]


def _nothing_free(microsite: Microsite) -> ft.Control:
    following = microsite.next_free_day
    controls: list[ft.Control] = [
        ft.Text(_why_nothing(microsite), theme_style=Type.BODY, color=QUIET_INK),
    ]
    if following:

        async def go() -> None:
            await microsite.choose_day(following)

        words = f"{WEEKDAY_NAMES[following.weekday()]} {following.day} {MONTH_NAMES[following.month - 1]}"
        controls.append(SecondaryButton(f"Next free day: {words}", go, icon=ft.Icons.ARROW_FORWARD))
    return ft.Column(controls, spacing=SPACE_8 + SPACE_4, tight=True)


def _why_nothing(microsite: Microsite) -> str:
    if microsite.has_other_prices:
        return "The free times on this day have a different price."
    return "No free times on this day."
