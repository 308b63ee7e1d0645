"""What is amiss while the call goes on, beside the other's name: short words that come and go."""

import flet as ft

from app.components.call.stage_look import TEXT, WARNING, pill, stage_text
from app.state.call.call_context import use_call
from app.state.call.device_words import NO_BLUR
from app.state.call.trouble_words import microphone_note, notes_of


@ft.component
def CallNotes() -> ft.Control:
    """Takes no room while all is well. Screen readers are told of changes by `app.components.call.announcing`."""
    call = use_call()
    silent = microphone_note(call.snapshot, call.other_name)
    pills: list[ft.Control] = [_note(ft.Icons.MIC_OFF, silent, TEXT)] if silent else []
    pills += [
        _note(ft.Icons.WARNING_AMBER_ROUNDED, words, WARNING) for words in notes_of(call.snapshot, call.other_name)
    ]
    if call.snapshot.background_blur.blocked:
        pills.append(_note(ft.Icons.BLUR_OFF, NO_BLUR, WARNING))
    return ft.Row(pills, spacing=8, run_spacing=8, wrap=True, tight=True, visible=bool(pills))


def _note(icon: ft.IconData, words: str, color: str) -> ft.Control:
    return ft.Container(pill([ft.Icon(icon, size=16, color=color), stage_text(words)]), key=words)
