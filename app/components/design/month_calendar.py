"""A month as a grid of buttons, one a day, with how much there is on each: for free days and for own days alike."""

import calendar
import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import flet as ft

from app.components.design.theme import FAMILIES
from app.state.core.region import current_region
from app.state.core.wall_time import MONTH_NAMES, MONTHS, WEEKDAY_NAMES, days_ahead, month_from

CELL_RADIUS = 12
DOT, MOST_DOTS = 5, 4
"""A day shows a dot for each thing on it, four for more; the label says how many there are."""
MAX_WIDTH = 480


def month_words(month: dt.date) -> str:
    """ "November 2026"."""
    return f"{MONTH_NAMES[month.month - 1]} {month.year}"


def months_words(first: dt.date, last: dt.date) -> str:
    """ "November 2026", "Nov – Dec 2026", "Dec 2026 – Jan 2027": on one line of a small phone."""
    if (first.year, first.month) == (last.year, last.month):
        return month_words(first)
    year = f" {first.year}" if first.year != last.year else ""
    return f"{MONTHS[first.month - 1]}{year} – {MONTHS[last.month - 1]} {last.year}"


def mark_words(count: int, mark_word: str) -> str:
    """ "3 free", "nothing free"; any other word counts: "1 slot", "2 slots", "no slots"."""
    if mark_word == "free":
        return f"{count} free" if count else "nothing free"
    return f"{count or 'no'} {mark_word}{'' if count == 1 else 's'}"


def day_label(day: dt.date, marks: str, selected: bool, today: bool) -> str:
    """What a screen reader says of a day: "Tuesday 24 November, today, 3 free, selected"."""
    parts = [f"{WEEKDAY_NAMES[day.weekday()]} {day.day} {MONTH_NAMES[day.month - 1]}"]
    parts += ["today"] if today else []
    parts += [marks, "selected"] if selected else [marks]
    return ", ".join(parts)


def _day(
    day: dt.date,
    count: int,
    label: str,
    selected: bool,
    today: bool,
    closed: bool,
    on_pick: Callable[[dt.date], object],
    month: str = "",
) -> ft.Control:
    """`month` stands above the number, where another month begins; a blank keeps its week on one line."""
    marked = count > 0 and not closed
    ink = ft.Colors.ON_PRIMARY if selected else ft.Colors.ON_SURFACE if marked else ft.Colors.ON_SURFACE_VARIANT
    fill = ft.Colors.PRIMARY if selected else ft.Colors.PRIMARY_CONTAINER if marked else None
    if marked and not selected:
        ink = ft.Colors.ON_PRIMARY_CONTAINER
    dots = min(count, MOST_DOTS) if marked else 0
    weight = ft.FontWeight.W_600 if marked or today else ft.FontWeight.W_400
    number = ft.Text(
        str(day.day),
        theme_style=ft.TextThemeStyle.BODY_LARGE,
        weight=weight,
        font_family=FAMILIES[weight],
        color=ink,
        opacity=0.4 if closed else 1.0,
        no_wrap=True,
    )
    mark = ft.Row(
        [ft.Container(width=DOT, height=DOT, border_radius=DOT / 2, bgcolor=ink) for _ in range(dots)],
        spacing=2,
        tight=True,
        height=DOT,
    )
    above = [ft.Text(month, theme_style=ft.TextThemeStyle.LABEL_SMALL, color=ink, no_wrap=True)] if month else []
    column = ft.Column([*above, number, mark], spacing=2, tight=True, horizontal_alignment=ft.CrossAxisAlignment.CENTER)
    button = ft.TextButton(
        disabled=closed,
        on_click=lambda e: on_pick(day),
        # no fixed height: at 200 % text the marks would run into the week below
        style=ft.ButtonStyle(
            padding=ft.Padding.symmetric(vertical=8),
            bgcolor=fill,
            shape=ft.RoundedRectangleBorder(radius=CELL_RADIUS),
            side=ft.BorderSide(1, ft.Colors.PRIMARY) if today and not selected else None,
        ),
        content=ft.Semantics(label=label, exclude_semantics=True, content=column),
    )
    # without MergeSemantics the label and the button are two nodes, and the button has no name
    return ft.MergeSemantics(button, key=day.isoformat(), expand=True)


def _head(names: Sequence[str]) -> ft.Control:
    return ft.Row(
        spacing=4,
        controls=[
            ft.Container(
                expand=True,
                alignment=ft.Alignment.CENTER,
                padding=ft.Padding.only(bottom=4),
                content=ft.Text(
                    name[:2],
                    semantics_label=name,
                    theme_style=ft.TextThemeStyle.LABEL_MEDIUM,
                    color=ft.Colors.ON_SURFACE_VARIANT,
                    no_wrap=True,
                ),
            )
            for name in names
        ],
    )


def _title_row(words: str, move: Callable[[int], None], back_off: bool) -> ft.Control:
    def arrow(icon: ft.IconData, label: str, by: int, off: bool) -> ft.Control:
        return ft.IconButton(icon=ft.Icon(icon, semantics_label=label), on_click=lambda e: move(by), disabled=off)

    title = ft.Semantics(
        header=True,
        live_region=True,
        content=ft.Text(words, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, text_align=ft.TextAlign.CENTER),
    )
    return ft.Row(
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        controls=[
            arrow(ft.Icons.CHEVRON_LEFT, "Previous month", -1, back_off),
            ft.Container(title, expand=True, alignment=ft.Alignment.CENTER),
            arrow(ft.Icons.CHEVRON_RIGHT, "Next month", 1, False),
        ],
    )


@ft.component
def MonthCalendar(
    marks: Mapping[dt.date, int],
    on_pick: Callable[[dt.date], object],
    selected: dt.date | None,
    today: dt.date,
    on_month: Callable[[dt.date], object] | None = None,
    mark_word: str = "free",
) -> ft.Control:
    """`marks` counts what each day holds; `on_month` is called with the first day of a month that comes into view.

    The first page shows five weeks from today on, into the next month; each after it a month. Past days are closed.
    The page of `selected` is shown whenever that changes.
    """
    first_weekday = current_region().week_starts_on
    ahead, this_month = days_ahead(today, first_weekday), today.replace(day=1)

    def page_of(day: dt.date) -> dt.date:
        return this_month if day in ahead else max(day.replace(day=1), this_month)

    shown, set_shown = ft.use_state(page_of(selected or today))
    weeks = _weeks(shown, ahead if shown <= this_month else (), first_weekday)
    days = [day for week in weeks for day in week if day]

    def show(month: dt.date) -> None:
        set_shown(month)
        if on_month:
            on_month(month)

    def follow() -> None:
        if selected and selected not in days:
            set_shown(page_of(selected))

    ft.use_effect(follow, [selected])

    def begins(day: dt.date | None) -> str:
        """The month that begins on this day, inside a page of several."""
        return MONTHS[day.month - 1] if day and day.day == 1 and days[0] < day else ""

    def cell(day: dt.date | None, blank: str) -> ft.Control:
        if day is None:
            return ft.Container(expand=True)
        count, closed = marks.get(day, 0), day < today
        words = "past" if closed else mark_words(count, mark_word)
        label = day_label(day, words, day == selected, day == today)
        return _day(day, count, label, day == selected, day == today, closed, on_pick, begins(day) or blank)

    names = (*WEEKDAY_NAMES[first_weekday:], *WEEKDAY_NAMES[:first_weekday])
    rows: list[ft.Control] = []
    for week in weeks:
        blank = " " if any(begins(day) for day in week) else ""
        rows.append(ft.Row([cell(day, blank) for day in week], spacing=4))
    title = months_words(max(days[0], this_month), days[-1])
    # width= is a cap: in a narrower parent the column shrinks to it
    return ft.Column(
        [_title_row(title, lambda by: show(month_from(shown, by)), shown <= this_month), _head(names), *rows],
        width=MAX_WIDTH,
        spacing=4,
        tight=True,
    )


def _weeks(month: dt.date, ahead: Sequence[dt.date], first_weekday: int) -> list[list[dt.date | None]]:
    """The rows of a page: the days ahead on the first one, else those of the month, None where it has no day."""
    if ahead:
        return [list(ahead[at : at + 7]) for at in range(0, len(ahead), 7)]
    weeks = calendar.Calendar(firstweekday=first_weekday).monthdatescalendar(month.year, month.month)
    return [[day if day.month == month.month else None for day in week] for week in weeks]
