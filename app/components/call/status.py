"""What a call says of itself: its state, its length, its end in sight, the devices that fail, and the short
notes beside the other's name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import flet as ft

from app.components.call.call_theme import ACCENT, QUIET, TEXT, WARNING, pill, stage_text
from app.components.design.theme import WAITING, Type
from app.components.frame.clock import use_every, use_now
from app.state.call.call_context import use_call
from app.state.call.words.call_words import closing_words
from app.state.call.words.device_words import NO_BLUR, FaultWords
from app.state.call.words.in_call_words import microphone_note, notes_of, own_notes
from app.state.call.words.stage_words import SPEAKING_MUTED, TALKING
from app.state.core.wall_time import clock_words


@ft.component
def CallTimer(since: datetime, now: Callable[[], datetime]) -> ft.Control:
    """Counts from the first moment both were there; redraws itself alone. Roboto's digits are all of one width."""
    elapsed = max(use_now(now) - since, timedelta())
    return ft.Semantics(
        label=f"Time in the call {clock_words(elapsed)}",
        exclude_semantics=True,
        content=stage_text(clock_words(elapsed)),
    )


@ft.component
def ClosingNotice(closes_in_s: Callable[[], float]) -> ft.Control:
    """Says ten minutes and two minutes before the room closes that it will; otherwise takes no room."""
    words, set_words = ft.use_state(closing_words(closes_in_s()))
    use_every(1.0, lambda: set_words(closing_words(closes_in_s())))
    return ft.Semantics(
        identifier="closing-notice",
        live_region=True,
        content=pill([ft.Icon(ft.Icons.SCHEDULE, color=WARNING, size=18), stage_text(words)], wrap=True)
        if words
        else ft.Container(),
    )


@ft.component
def MutedNotice(speaking_muted: bool, talking: bool) -> ft.Control:
    """To a person who speaks though muted; and while the space bar lets them speak. Otherwise takes no room."""
    if talking:
        icon, words = ft.Icon(ft.Icons.MIC, color=ACCENT, size=18), TALKING
    elif speaking_muted:
        icon = ft.Icon(ft.Icons.MIC_OFF, color=WARNING, size=18)
        words = SPEAKING_MUTED
    else:
        return ft.Container()
    return ft.Semantics(identifier="muted-notice", live_region=True, content=pill([icon, stage_text(words)], wrap=True))


@ft.component
def StateNotice(words: str, detail: str, busy: bool, face: ft.Control | None) -> ft.Control:
    """The call's state in the middle of the stage, under the other's avatar where there is no picture."""
    return ft.Semantics(
        identifier="call-status",
        live_region=True,
        content=ft.Column(
            alignment=ft.MainAxisAlignment.CENTER,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            spacing=12,
            tight=True,
            controls=[
                *([face] if face else []),
                ft.Row(
                    alignment=ft.MainAxisAlignment.CENTER,
                    tight=True,
                    wrap=True,
                    spacing=12,
                    controls=[
                        *([ft.ProgressRing(width=18, height=18, stroke_width=2, color=ACCENT)] if busy else []),
                        ft.Text(words, theme_style=Type.SECTION, color=TEXT, text_align=ft.TextAlign.CENTER),
                    ],
                ),
                *(
                    [ft.Text(detail, theme_style=Type.BODY, color=QUIET, text_align=ft.TextAlign.CENTER)]
                    if detail
                    else []
                ),
            ],
        ),
    )


@dataclass(frozen=True)
class NoticeStyle:
    """Colours of a notice: its ground, its headline, the words below and what can be pressed."""

    ground: str
    headline: str
    words: str
    accent: str


NOTICE_WIDTH = 480
"""With room for the button beside the words."""
ON_STAGE = NoticeStyle("#33291A", TEXT, "#D9CBB3", WARNING)
ON_PAGE = NoticeStyle(*(colour.value for colour in (WAITING.ground, WAITING.ink, WAITING.ink, WAITING.ink)))


@ft.component
def FaultNotice(
    words: FaultWords,
    device: str,
    retrying: bool,
    wide: bool,
    on_retry: Callable[[], object],
    on_hide: Callable[[], object] | None = None,
    style: NoticeStyle = ON_STAGE,
) -> ft.Control:
    """An own device that fails: what it means, what helps, and another try, beside the words where it is `wide`. The
    call goes on meanwhile.
    """
    hide: list[ft.Control] = []
    if on_hide is not None:
        cross = ft.Icon(
            ft.Icons.CLOSE, semantics_label=f"Hide this notice about the {device}", color=style.words, size=18
        )
        hide = [ft.IconButton(icon=cross, on_click=lambda e: on_hide())]
    again = ft.Text("Trying…" if retrying else "Try again", color=style.accent, semantics_label=f"Try {device} again")
    said = ft.Column(
        [stage_text(words.what, color=style.headline), stage_text(words.remedy, role=Type.SMALL, color=style.words)],
        spacing=2,
        tight=True,
    )
    button = ft.TextButton(content=again, disabled=retrying, on_click=lambda e: on_retry())
    top: list[ft.Control] = [
        ft.Icon(ft.Icons.WARNING_AMBER_ROUNDED, color=style.accent, size=20),
        ft.Semantics(live_region=True, expand=True, content=said),
        *([button] if wide else []),
        *hide,
    ]
    below: list[ft.Control] = [] if wide else [ft.Row([button], alignment=ft.MainAxisAlignment.END)]
    return ft.Container(
        bgcolor=style.ground,
        border_radius=12,
        padding=ft.Padding.only(left=16, right=8, top=10, bottom=10 if wide else 4),
        content=ft.Column([ft.Row(top, spacing=12), *below], spacing=0, tight=True),
    )


@ft.component
def CallNotes() -> ft.Control:
    """Takes no room while all is well. Screen readers hear of changes from `app.components.call.announcing`."""
    call = use_call()
    silent = microphone_note(call.snapshot, call.other_name)
    pills: list[ft.Control] = [_note(ft.Icons.MIC_OFF, silent, TEXT)] if silent else []
    pills += [
        _note(ft.Icons.WARNING_AMBER_ROUNDED, words, WARNING) for words in notes_of(call.snapshot, call.other_name)
    ]
    pills += [_note(ft.Icons.WARNING_AMBER_ROUNDED, words, WARNING) for words in own_notes(call.snapshot)]
    if call.snapshot.background_blur.blocked:
        pills.append(_note(ft.Icons.BLUR_OFF, NO_BLUR, WARNING))
    return ft.Row(pills, spacing=8, run_spacing=8, wrap=True, tight=True, visible=bool(pills))


def _note(icon: ft.IconData, words: str, color: str) -> ft.Control:
    return ft.Container(pill([ft.Icon(icon, size=16, color=color), stage_text(words)], wrap=True), key=words)
