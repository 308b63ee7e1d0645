"""The form that offers an hour: start, end, price, how often, Add. Enter leads through it."""

from collections.abc import Callable

import flet as ft

from app.components.availability.entry_field import PriceField, TimeField
from app.components.design.buttons import PrimaryButton
from app.components.design.card import Card, Heading, Stacked
from app.components.design.fields import Choice, focus
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, GOOD, QUIET_INK, SPACE_12, SPACE_16, SPACE_24, Type
from app.components.frame.email_check import EmailCheckCard
from app.components.frame.page_events import use_cramped, use_text_width
from app.state.availability.own_slots import OwnSlots
from app.state.availability.slot_entry import FIELDS, FieldText, SlotEntry
from app.state.availability.slot_rules import MOST_REPEATS, date_words, repeat_words
from app.state.core.hooks import use_observed, use_ref

ADD_WIDTH = 128
THREE_ABREAST = 420
"""Logical pixels of page, at the normal size of text: on a narrower one "$ 250.00" is cut in a third of the card."""
LABELS = {"start_time": "Start", "end_time": "End", "price": "Price"}
MAKERS = {"start_time": TimeField, "end_time": TimeField, "price": PriceField}


@ft.component
def SlotEntryForm(entry: SlotEntry, own: OwnSlots, wide: bool) -> ft.Control:
    """`own` is observed for the chosen day and its slots, which what is typed must not overlap."""
    use_observed(entry)
    use_observed(own)
    blocked = use_observed(entry.payouts).why_not_publish
    fields = use_ref({name: ft.Ref[ft.TextField]() for name in FIELDS}).current

    async def move_focus() -> None:
        if entry.focus[0]:
            await focus(fields[entry.focus[0]])

    # after the render, so that a text written into the field is there before it is selected
    ft.use_effect(move_focus, [entry.focus])
    drawn = {name: text.revision for name, text in _texts(entry).items()}

    async def add() -> None:
        for name, field in fields.items():
            if field.current:
                entry.catch_up(name, field.current.value or "", drawn[name])
        await entry.add()

    day = own.day
    title = f"Add a time on {date_words(day)}"
    repeats = [(str(weeks), repeat_words(day, weeks)) for weeks in range(MOST_REPEATS + 1)]
    controls: list[ft.Control] = [
        Heading(title),
        _placed([_field(entry, name, fields[name]) for name in FIELDS], use_cramped(), use_text_width()),
        *_which_of_two(entry),
        *_sending(
            Choice("Repeat weekly", str(entry.repeat_weeks), repeats, lambda weeks: entry.repeat(int(weeks or 0))),
            PrimaryButton("Add", None if blocked else add, busy=entry.adding, icon=ft.Icons.ADD, expand=True),
            wide,
        ),
        *_notice(entry, blocked),
    ]
    return Card(Stacked(controls), SPACE_24 if wide else SPACE_16)


def _placed(fields: list[ft.Control], cramped: bool, width: float) -> ft.Control:
    """Side by side as far as each shows all of its text: three, or two above one, or each on a line of its own."""
    if cramped:
        return Stacked(fields)
    if width < THREE_ABREAST:
        return Stacked([_beside(fields[:2]), *fields[2:]])
    return _beside(fields)


def _beside(fields: list[ft.Control]) -> ft.Control:
    held: list[ft.Control] = [ft.Container(field, expand=True) for field in fields]
    return ft.Row(held, spacing=SPACE_12, vertical_alignment=ft.CrossAxisAlignment.START)


def _texts(entry: SlotEntry) -> dict[str, FieldText]:
    return {"start_time": entry.start, "end_time": entry.end, "price": entry.price}


def _field(entry: SlotEntry, name: str, field: ft.Ref[ft.TextField]) -> ft.Control:
    shown = _texts(entry)[name]
    page = ft.context.page
    leave: Callable[[], object] = lambda: entry.leave(name)  # noqa: E731 - three one-line handlers read as a table

    def enter(text: str) -> None:
        entry.catch_up(name, text, shown.revision)
        page.run_task(entry.enter, name)

    return MAKERS[name](
        LABELS[name],
        shown,
        lambda text: entry.type(name, text),
        leave,
        enter,
        field,
        entry.error_of(name),
    )


def _which_of_two(entry: SlotEntry) -> list[ft.Control]:
    """On the night on which the clocks go back over the start."""
    if not entry.which:
        return []
    chosen = "second" if entry.second else "first"
    return [Choice("This time occurs twice", chosen, entry.which, entry.choose)]


def _sending(repeat: ft.Control, add: ft.Control, wide: bool) -> list[ft.Control]:
    if not wide:
        return [repeat, add]
    return [ft.Row([ft.Container(repeat, expand=True), ft.Container(add, width=ADD_WIDTH)], spacing=SPACE_12)]


def _notice(entry: SlotEntry, blocked: str) -> list[ft.Control]:
    """Why Add is off stands here, where there is room for it; and what has to come first."""
    if entry.email_check is not None:
        return [EmailCheckCard(entry.email_check)]
    if entry.notice:
        return [NoteLine(entry.notice, ft.Icons.ERROR_OUTLINE, BAD)]
    if entry.added:
        left_out = [NoteLine(entry.left_out, ft.Icons.INFO_OUTLINE)] if entry.left_out else []
        return [NoteLine(entry.added, ft.Icons.CHECK, GOOD), *left_out]
    if blocked:
        return [ft.Text(blocked, theme_style=Type.SMALL, color=QUIET_INK)]
    return []
