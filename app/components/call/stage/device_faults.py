"""The own devices that fail, over the call."""

from collections.abc import Callable, Sequence
from functools import partial

import flet as ft

from app.call.contract.devices import DeviceFault, DeviceKind
from app.components.call.call_theme import ACCENT, GLASS, stage_text
from app.components.call.device_panel import NAMES
from app.components.call.status import NOTICE_WIDTH, FaultNotice
from app.components.design.theme import Type
from app.state.call.call_context import use_call
from app.state.call.words.device_words import fault_words

BESIDE_MOST = 1.25
"""The largest text with which three notices have room beside each other."""
Fault = tuple[DeviceKind, DeviceFault]


@ft.component
def CallFaults(faults: Sequence[Fault], wide: bool, on_hide: Callable[[Fault], object]) -> ft.Control:
    """A machine without any device has three, and they must not hide a face: beside each other where there is room,
    else (also for large text) the most important one and the names of the others.
    """
    scale = use_call().services.preferences.text_scale
    room, wide = NOTICE_WIDTH * scale if wide else None, wide and scale <= BESIDE_MOST
    all_shown, set_all_shown = ft.use_state(False)
    folded = [] if wide or all_shown else list(faults[1:])
    notices: list[ft.Control] = [
        ft.Container(
            _Notice(fault, wide, partial(on_hide, fault)),
            key=f"{fault[0].value}-{fault[1].value}",
            width=room,
        )
        for fault in faults[: len(faults) - len(folded)]
    ]
    if wide:
        return ft.Row(notices, wrap=True, spacing=8, run_spacing=8, alignment=ft.MainAxisAlignment.CENTER)
    if folded:
        notices.append(_more([kind for kind, _ in folded], lambda: set_all_shown(True)))
    across = ft.CrossAxisAlignment.CENTER if room else ft.CrossAxisAlignment.STRETCH
    return ft.Column(notices, tight=True, spacing=8, horizontal_alignment=across)


@ft.component
def _Notice(fault: Fault, wide: bool, on_hide: Callable[[], object]) -> ft.Control:
    call = use_call()
    page = ft.context.page
    kind, reason = fault
    return FaultNotice(
        fault_words(kind, reason, call.other_name),
        NAMES[kind].lower(),
        call.retrying is kind,
        wide,
        lambda: page.run_task(call.retry, kind),
        on_hide,
    )


def _more(kinds: Sequence[DeviceKind], on_click: Callable[[], object]) -> ft.Control:
    """What else fails, in a line that opens to the whole of it."""
    names = " and ".join(NAMES[kind].lower() for kind in kinds)
    words = f"{names.capitalize()} too: show {'it' if len(kinds) == 1 else 'them'}"
    line = ft.TextButton(
        content=stage_text(words, role=Type.SMALL, color=ACCENT),
        icon=ft.Icon(ft.Icons.EXPAND_MORE, size=18, color=ACCENT),
        style=ft.ButtonStyle(bgcolor=GLASS),
        on_click=lambda e: on_click(),
    )
    return ft.Row([ft.Semantics(live_region=True, content=line)], wrap=True, key="more-faults")
