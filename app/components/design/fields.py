"""Fields of forms: one style, a label always, the error below the field that it is about."""

from collections.abc import Awaitable, Callable, Sequence

import flet as ft

from app.components.design.buttons import OnClick, use_single_flight
from app.components.design.theme import FIELD, RADIUS_MEDIUM, SPACE_8, SPACE_16
from app.state.core.hooks import use_ref
from app.state.core.kept.drafts import Drafts
from app.state.core.services import SERVICES


def _outline(colour: ft.Colors, width: float) -> ft.OutlineInputBorder:
    return ft.OutlineInputBorder(side=ft.BorderSide(width, colour), border_radius=RADIUS_MEDIUM)


BORDER: dict[ft.ControlState, ft.InputBorder] = {
    ft.ControlState.DEFAULT: _outline(ft.Colors.OUTLINE, 1),
    ft.ControlState.FOCUSED: _outline(ft.Colors.PRIMARY, 2),
    ft.ControlState.ERROR: _outline(ft.Colors.ERROR, 1),
}
"""How a field's edge looks; also for a field that is built elsewhere."""


@ft.component
def Field(
    label: str,
    value: str,
    on_change: Callable[[str], object],
    error: str = "",
    hint: str = "",
    on_submit: OnClick | None = None,
    ref: ft.Ref[ft.TextField] | None = None,
    secret: bool = False,
    autofocus: bool = False,
    multiline: bool = False,
    max_length: int | None = None,
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
    autofill: ft.AutofillHint | None = None,
    helper: str = "",
    prefix_icon: ft.IconData | None = None,
    suffix_icon: ft.Control | None = None,
    disabled: bool = False,
) -> ft.Control:
    """A text field. `on_change` gets the text; `on_submit` comes with Enter, once until it is done. `secret` hides what
    is typed, with an eye to reveal it. `ref` lets the form move the focus. `value` is the model's; a late one never
    takes back what is typed.
    """
    own = use_ref(ft.Ref[ft.TextField]()).current
    submit, _ = use_single_flight(on_submit)
    draft = use_draft(label, value, on_change, kept=not secret)
    memory = ft.use_memo(TypedText, [label])  # a field that takes another's place in the tree starts from nothing
    field = ref or own
    stands = field.current.value if field.current and field.current.label == label else None

    def changed(event: ft.Event[ft.TextField]) -> None:
        text = event.control.value or ""
        memory.typed(text)
        draft(text)
        on_change(text)

    return ft.TextField(
        label=label,
        value=memory.shown(value, stands),
        error=error or None,
        hint_text=hint or None,
        helper=helper or None,
        helper_max_lines=3,
        error_max_lines=3,
        ref=field,
        password=secret,
        can_reveal_password=secret,
        autofocus=autofocus,
        multiline=multiline,
        align_label_with_hint=multiline,  # at the top, where the writing begins
        min_lines=4 if multiline else None,
        max_lines=12 if multiline else 1,
        max_length=max_length,
        keyboard_type=ft.KeyboardType.MULTILINE if multiline else keyboard,
        autofill_hints=autofill,
        autocorrect=not secret and keyboard == ft.KeyboardType.TEXT,
        prefix_icon=prefix_icon,
        suffix_icon=suffix_icon,
        disabled=disabled,
        filled=True,
        fill_color=FIELD,
        border=BORDER,
        content_padding=ft.Padding.symmetric(horizontal=SPACE_16, vertical=18),
        on_change=changed,
        on_submit=submit if on_submit else None,
    )


def use_draft(label: str, value: str, on_change: Callable[[str], object], kept: bool = True) -> Callable[[str], None]:
    """Brings back what was typed here when the process that served the page ended, and gives what notes a new text. The
    draft ends when its field goes, or is emptied after it was sent.
    """
    services = ft.use_context(SERVICES)
    drafts = services.drafts if services is not None and kept else Drafts()
    field = use_ref(f"{ft.context.page.route} {label}").current
    before = use_ref(value)

    def bring_back() -> None:
        if text := drafts.text(field):
            on_change(text)

    def follow() -> None:
        if before.current and not value:
            drafts.note(field, "")
        before.current = value

    ft.use_effect(bring_back, [], lambda: drafts.note(field, ""))
    ft.use_effect(follow, [value])
    return lambda text: drafts.note(field, text)


def Choice(
    label: str,
    value: str | None,
    options: Sequence[tuple[str, str]],
    on_choose: Callable[[str], object],
    error: str = "",
    searchable: bool = False,
) -> ft.Control:
    """One of several `(value, words)`; its label is also its name for screen readers. `searchable` lets one type."""
    dropdown = ft.Dropdown(
        label=label,
        value=value,
        error_text=error or None,
        options=[ft.DropdownOption(key=key, text=words) for key, words in options],
        on_select=lambda event: on_choose(event.control.value or ""),
        filled=True,
        fill_color=FIELD,
        border=BORDER,
        editable=searchable,
        enable_filter=searchable,
        menu_height=360 if searchable else None,
        expand=True,
    )
    return ft.Semantics(label=label, container=True, content=ft.Row([dropdown]))


def SwitchRow(words: str, on: bool, on_change: Callable[[bool], object]) -> ft.Control:
    """A switch with words that wrap, where its own label would run out of a narrow card. They are also its name for
    screen readers, which otherwise find two things: words, and a nameless switch.
    """

    async def changed(event: ft.Event[ft.Switch]) -> None:
        result = on_change(event.control.value is True)
        if isinstance(result, Awaitable):
            await result

    switch = ft.Switch(value=on, on_change=changed)
    return ft.MergeSemantics(ft.Row([switch, ft.Text(words, expand=True)], spacing=SPACE_8))


def may_take_focus_first() -> bool:
    """Whether the first screen may give a field the keyboard by itself. Not in a browser: whoever turns the semantics
    on for a screen reader afterwards would type into a field whose text Flutter never hears (seen in Chromium, Flet
    1.0.5: the form stays empty until another field had the focus).
    """
    return not ft.context.page.web


async def focus(field: ft.Ref[ft.TextField]) -> None:
    """Moves the keyboard to that field, if it is on the page."""
    control = field.current
    if control is None:
        return
    try:
        on_page = control.page is not None
    except RuntimeError:  # Flet's way of saying that it has left the page, or is not there yet
        on_page = False
    if on_page:
        await control.focus()  # type: ignore[no-untyped-call]  # Flet declares no types here


class TypedText:
    """One field's memory. Without it a render that lags a keystroke behind would take that keystroke back: Flet sends
    every difference between what a render says and what the client last reported.
    """

    def __init__(self) -> None:
        self._on_the_way: list[str] = []
        self._given: str | None = None

    def typed(self, text: str) -> None:
        """The client reported this text; the model is about to hear of it."""
        self._on_the_way.append(text)

    def shown(self, given: str, in_field: str | None) -> str:
        """What to draw: `given` when the model wrote something of its own, else what stands in the field already."""
        if given in self._on_the_way:
            del self._on_the_way[: self._on_the_way.index(given) + 1]
        elif given != self._given:
            self._on_the_way.clear()
            in_field = None
        self._given = given
        return given if in_field is None else in_field
