"""Whether the call is encrypted: the sign that is always there, what it means, and the question where it cannot be."""

from collections.abc import Callable

import flet as ft

from app.call.contract.call_state import CallSnapshot
from app.call.contract.encryption import Encryption
from app.components.call.call_theme import ACCENT, FADE, PANEL, TEXT, WARNING, pill, stage_text
from app.components.call.status import NOTICE_WIDTH, ON_STAGE
from app.components.design.theme import Type
from app.components.frame.page_events import use_width
from app.state.call.call_context import use_call
from app.state.call.words.encryption_words import (
    CHANGE_MIND,
    CLOSE,
    DO_NOT_GO_ON,
    GO_ON,
    KEY_WORDS,
    SHOW,
    encryption_words,
    new_words,
    sign_words,
)

WIDTH = 340
_ICONS = {Encryption.OFF: ft.Icons.LOCK_OPEN, Encryption.UNREADABLE: ft.Icons.LOCK_RESET}


@ft.component
def EncryptionSign(
    encryption: Encryption, has_new_words: bool, faded: bool, on_show: Callable[[], object]
) -> ft.Control:
    """Pressing it says more. It fades with the controls only while all is well and as it was."""
    calm = encryption not in _ICONS and not has_new_words
    icon = ft.Icon(_ICONS.get(encryption, ft.Icons.LOCK), size=16, color=ACCENT if calm else WARNING)
    words = sign_words(encryption, has_new_words)
    shown = ft.Semantics(
        label=f"{words}. {SHOW}",
        button=True,
        exclude_semantics=True,
        content=pill([icon, stage_text(words, role=Type.SMALL)]),
    )
    return ft.Container(
        ft.MergeSemantics(ft.Container(shown, on_click=lambda e: on_show(), ink=True, border_radius=20)),
        opacity=0.01 if faded and calm else 1,
        animate_opacity=FADE,
    )


@ft.component
def EncryptionPanel(wide: bool, on_close: Callable[[], object]) -> ft.Control:
    """What the sign means. Escape closes it too."""
    call = use_call()
    page_width = use_width()
    snapshot = call.snapshot
    words = encryption_words(snapshot.encryption, call.other_name, origin=snapshot.key_origin)
    to_compare = _key_words(snapshot, call.other_name) if snapshot.encryption is Encryption.ON else []
    cross = ft.Icon(ft.Icons.CLOSE, semantics_label=CLOSE, color=TEXT, size=20)
    head = ft.Row(
        [
            ft.Container(stage_text(words.title, role=Type.TITLE), expand=True),
            ft.IconButton(icon=cross, autofocus=True, on_click=lambda e: on_close()),
        ]
    )
    return ft.Container(
        right=16 if wide else 8,
        top=64 if wide else None,
        bottom=None if wide else 92,
        width=WIDTH if wide else page_width - 16,
        bgcolor=PANEL,
        border_radius=16,
        padding=16,
        content=ft.Column([head, *to_compare, stage_text(words.text)], spacing=8, tight=True),
    )


def _key_words(snapshot: CallSnapshot, name: str) -> list[ft.Control]:
    """The four words of the agreed key, and whether they are others than before."""
    if not snapshot.key_words:
        return []
    said = " ".join(snapshot.key_words)
    shown = stage_text(said, role=Type.SECTION, color=ACCENT)
    changed = [stage_text(new_words(name), color=WARNING)] if snapshot.key_words_changed else []
    return [ft.Semantics(label=f"{KEY_WORDS}: {said}", exclude_semantics=True, content=shown), *changed]


@ft.component
def EncryptionNotice(wide: bool) -> ft.Control:
    """Over the stage while one side cannot encrypt and it is not agreed, or what comes cannot be decrypted."""
    call = use_call()
    page = ft.context.page
    words = encryption_words(call.snapshot.encryption, call.other_name)
    said = ft.Column(
        [stage_text(words.title, color=ON_STAGE.headline), stage_text(words.text, color=ON_STAGE.words)],
        spacing=4,
        tight=True,
    )
    answers = [(GO_ON, True), (DO_NOT_GO_ON, False)] if words.asks else [(CHANGE_MIND, True)] if words.mends else []
    buttons: list[ft.Control] = [_answer(label, yes, page, call.answer_unencrypted) for label, yes in answers]
    row = [ft.Row(buttons, alignment=ft.MainAxisAlignment.END, wrap=True, spacing=8)] if buttons else []
    return ft.Container(
        bgcolor=ON_STAGE.ground,
        border_radius=12,
        padding=ft.Padding.only(left=16, right=16, top=12, bottom=8 if buttons else 12),
        width=NOTICE_WIDTH if wide else None,
        content=ft.Column([ft.Semantics(live_region=True, content=said), *row], spacing=4, tight=True),
    )


def _answer(label: str, yes: bool, page: ft.Page, answer: Callable[[bool], object]) -> ft.Control:
    return ft.TextButton(
        content=ft.Text(label, color=ON_STAGE.accent),
        on_click=lambda e: page.run_task(answer, yes),  # type: ignore[arg-type]  # a coroutine function; run_task's ParamSpec does not see it
    )
