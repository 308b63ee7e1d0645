"""The field of a person's own notes, with how far they are saved; over a call and in a session's details."""

import flet as ft

from app.components.design.fields import BORDER, TypedText
from app.components.design.theme import FIELD as FIELD_COLOR
from app.components.design.theme import SPACE_8, Type
from app.state.core.hooks import use_observed, use_ref
from app.state.core.private_notes import FIELD, JOINED, LONGEST_NOTE, ONLY_YOU, PrivateNotes, Saving
from app.state.core.services import use_services

LINES = 5
_ICONS = {
    Saving.SAVED: ft.Icons.CHECK,
    Saving.NOT_YET: ft.Icons.CLOUD_OFF_OUTLINED,
    Saving.TOO_LONG: ft.Icons.WARNING_AMBER_ROUNDED,
    Saving.REFUSED: ft.Icons.WARNING_AMBER_ROUNDED,
}


@ft.component
def NotesField(session_id: str, lines: int = 0, autofocus: bool = False) -> ft.Control:
    """As high as so many `lines`, else as what is written. What is typed stays in the model, whatever becomes of the
    field.
    """
    services = use_services()
    note = use_observed(PrivateNotes.kept_by(services).of(session_id))
    field = use_ref(ft.Ref[ft.TextField]()).current
    memory = ft.use_memo(TypedText, [session_id])
    ft.use_effect(note.open, [session_id])

    def typed(text: str) -> None:
        memory.typed(text)
        note.typed(text)

    writing = ft.TextField(
        ref=field,
        value=memory.shown(note.text, field.current.value if field.current else None),
        label=FIELD,
        autofocus=autofocus,
        multiline=True,
        align_label_with_hint=True,
        min_lines=lines or LINES,
        max_lines=lines or 3 * LINES,
        max_length=LONGEST_NOTE,
        counter=ft.Container(),
        filled=True,
        fill_color=FIELD_COLOR,
        border=BORDER,
        on_change=lambda e: typed(e.control.value or ""),
    )
    told = [_line(JOINED, None, urgent=True)] if note.both_kept else []
    amiss = note.saving in (Saving.NOT_YET, Saving.TOO_LONG, Saving.REFUSED)
    only_you = ft.Text(ONLY_YOU, theme_style=Type.SMALL, color=ft.Colors.ON_SURFACE_VARIANT)
    foot = ft.Row(
        [*([_line(note.words, _ICONS.get(note.saving), urgent=amiss)] if note.words else []), only_you],
        wrap=True,
        spacing=SPACE_8,
        run_spacing=0,
    )
    return ft.Column(
        [*told, writing, foot],
        spacing=SPACE_8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _line(words: str, icon: ft.IconData | None, urgent: bool) -> ft.Control:
    """Read out by itself where the person has to know of it: not after each key that is saved."""
    sign = [ft.Icon(icon, size=16, color=ft.Colors.ON_SURFACE_VARIANT)] if icon else []
    text = ft.Text(
        words, theme_style=Type.SMALL, color=ft.Colors.ON_SURFACE if urgent else ft.Colors.ON_SURFACE_VARIANT
    )
    return ft.Semantics(live_region=urgent, content=ft.Row([*sign, text], spacing=4, tight=True, wrap=urgent))
