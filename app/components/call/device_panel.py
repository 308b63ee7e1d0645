"""Which camera, microphone and speaker a call uses, how loud the microphone is, and whether the background is
blurred.
"""

from collections.abc import Callable

import flet as ft

from app.call.contract.call_state import CallState
from app.call.contract.devices import AudioBackend, BlurFault, BlurState, Device, DeviceKind, DeviceState
from app.components.call.call_theme import ACCENT, PANEL, QUIET, RAISED, TEXT, stage_text
from app.components.design.fields import BORDER
from app.components.design.theme import FIELD, QUIET_INK, Type
from app.components.frame.clock import use_every
from app.components.frame.page_events import use_width
from app.state.call.call_context import use_call
from app.state.call.call_session import CallSession
from app.state.call.words.device_words import SYSTEM_SOUND, blur_words, stand_in_words

NAMES = {DeviceKind.CAMERA: "Camera", DeviceKind.MICROPHONE: "Microphone", DeviceKind.SPEAKER: "Speaker"}
ICONS = {
    DeviceKind.CAMERA: ft.Icons.VIDEOCAM_OUTLINED,
    DeviceKind.MICROPHONE: ft.Icons.MIC_NONE,
    DeviceKind.SPEAKER: ft.Icons.VOLUME_UP_OUTLINED,
}

PANEL_WIDTH = 340
BLUR_LABEL = "Blur my background"
LEVEL_EVERY_S = 0.1
LEVEL_STEPS = 12


@ft.component
def DeviceChoice(
    kind: DeviceKind,
    devices: list[Device] | None,
    state: DeviceState,
    busy: bool,
    width: float,
    on_choose: Callable[[DeviceKind, str], object],
    on_open: Callable[[], object],
) -> ft.Control:
    """One kind's choice. `devices` is None until they are listed; `on_open` is the moment to list them again."""
    found = devices or []
    none_words = "Looking…" if devices is None else f"No {NAMES[kind].lower()} found"
    chosen = state.chosen.id if state.chosen and any(d.id == state.chosen.id for d in found) else None
    instead = stand_in_words(state)
    menu = ft.Semantics(
        label=f"Choose {NAMES[kind].lower()}",
        container=True,
        content=ft.Dropdown(
            label=NAMES[kind],
            leading_icon=ICONS[kind],
            value=chosen,
            hint_text=none_words if not found else f"Choose a {NAMES[kind].lower()}",
            options=[ft.DropdownOption(key=d.id, text=d.label) for d in found],
            disabled=busy or not found,
            width=width,
            filled=True,
            fill_color=FIELD,
            border=BORDER,
            menu_height=240,
            on_select=lambda e: on_choose(kind, e.control.value or ""),
            on_focus=lambda e: on_open(),
        ),
    )
    said: list[ft.Control] = (
        [ft.Text(instead, theme_style=Type.SMALL, color=QUIET_INK, width=width, key="instead")] if instead else []
    )
    return ft.Column([menu, *said], spacing=4, tight=True)


def device_choices(
    devices: dict[DeviceKind, list[Device]],
    states: dict[DeviceKind, DeviceState],
    choosing: DeviceKind | None,
    width: float,
    on_choose: Callable[[DeviceKind, str], object],
    on_open: Callable[[], object],
) -> list[ft.Control]:
    """Camera, microphone and speaker, one under the other."""
    return [
        ft.Row(
            [DeviceChoice(kind, devices.get(kind), states[kind], choosing is not None, width, on_choose, on_open)],
            key=kind.value,
        )
        for kind in DeviceKind
    ]


def device_part(
    call: CallSession, page: ft.Page, *, width: float, quiet: ft.ColorValue, track: ft.ColorValue
) -> list[ft.Control]:
    """The level bar, the three choices and the blur, for the preview and for the panel in the call."""
    snapshot, engine = call.snapshot, call.engine
    states = {
        DeviceKind.CAMERA: snapshot.camera,
        DeviceKind.MICROPHONE: snapshot.microphone,
        DeviceKind.SPEAKER: snapshot.speaker,
    }
    hearing = snapshot.microphone.enabled and snapshot.state is not CallState.IDLE
    level = engine.microphone_level if engine else _silence
    camera, *sound = device_choices(
        call.devices,
        states,
        call.choosing,
        width,
        lambda kind, device_id: page.run_task(call.choose, kind, device_id),
        lambda: page.run_task(call.load_devices),
    )
    return [
        ft.Row(
            spacing=12,
            controls=[
                ft.Icon(ft.Icons.MIC_NONE if hearing else ft.Icons.MIC_OFF, size=18, color=quiet),
                ft.Container(
                    LevelBar(level, hearing, track)
                    if snapshot.audio_backend is AudioBackend.PORTAUDIO
                    else ft.Text(SYSTEM_SOUND, theme_style=Type.SMALL, color=quiet),
                    expand=True,
                    key=snapshot.audio_backend.value,
                ),
            ],
        ),
        camera,
        BlurSwitch(
            snapshot.background_blur,
            width,
            quiet,
            lambda on: page.run_task(call.set_background_blur, on),
        ),
        *sound,
    ]


def _silence() -> float:
    return 0.0


@ft.component
def DevicePanel(wide: bool, on_close: Callable[[], object]) -> ft.Control:
    """Over the running call: at the side where there is room, else at the bottom. Escape closes it too."""
    call = use_call()
    page_width = use_width()
    width = PANEL_WIDTH if wide else page_width - 16
    return ft.Container(
        right=16 if wide else 8,
        bottom=172 if wide else 92,
        width=width,
        bgcolor=PANEL,
        border_radius=16,
        padding=16,
        content=ft.Column(
            tight=True,
            spacing=14,
            controls=[
                ft.Row(
                    [
                        ft.Container(stage_text("Camera and sound", role=Type.TITLE), expand=True),
                        ft.IconButton(
                            icon=ft.Icon(ft.Icons.CLOSE, semantics_label="Close", color=TEXT, size=20),
                            on_click=lambda e: on_close(),
                        ),
                    ]
                ),
                *device_part(call, ft.context.page, width=width - 32, quiet=QUIET, track=RAISED),
            ],
        ),
    )


@ft.component
def BlurSwitch(blur: BlurState, width: float, quiet: ft.ColorValue, on_change: Callable[[bool], object]) -> ft.Control:
    """One switch, with its reason under it when the blur cannot be had."""
    # without MergeSemantics words and switch are two nodes, and the switch has no name
    why = blur_words(blur)
    never = blur.fault is BlurFault.NOT_INSTALLED
    icon = ft.Icon(ft.Icons.BLUR_ON if blur.enabled else ft.Icons.BLUR_OFF, size=18, color=quiet)
    switch = ft.Switch(value=blur.enabled, disabled=never, on_change=lambda e: on_change(e.control.value is True))
    words = ft.Text(BLUR_LABEL, theme_style=Type.BODY, color=ft.Colors.ON_SURFACE, expand=True)
    row = ft.Row([icon, words, switch], spacing=12)
    said: list[ft.Control] = []
    if why:
        said = [ft.Semantics(live_region=True, key="why", content=ft.Text(why, theme_style=Type.SMALL, color=quiet))]
    return ft.Column([ft.MergeSemantics(row), *said], width=width, spacing=4, tight=True)


@ft.component
def LevelBar(level: Callable[[], float], on: bool, track: ft.ColorValue) -> ft.Control:
    """Asks `level` (0..1) ten times a second and draws itself again only when a step changes; a component of its own,
    so that nothing around it does. A screen reader reads its name, not its dance.
    """
    lit, set_lit = ft.use_state(0)

    def read_level() -> None:
        set_lit(min(LEVEL_STEPS, round(level() ** 0.5 * LEVEL_STEPS)) if on else 0)

    use_every(LEVEL_EVERY_S, read_level)
    return ft.Semantics(
        label="Microphone level",
        exclude_semantics=True,
        content=ft.Row(
            spacing=3,
            controls=[
                ft.Container(expand=True, height=6, border_radius=3, bgcolor=ACCENT if step < lit else track)
                for step in range(LEVEL_STEPS)
            ],
        ),
    )
