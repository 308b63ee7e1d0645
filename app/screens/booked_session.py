"""The call: the other person as large as can be, the own picture inset, one bar, and the state always in words."""

import time
from collections.abc import Callable

import flet as ft

from app.call.ports import CallCredentials, CallState, DeviceFault, DeviceKind
from app.components.announcing import use_announcements
from app.components.call_bar import CallBar
from app.components.call_stage import OtherPicture, SelfView, TopLine
from app.components.call_status import ClosingNotice, FaultNotice
from app.components.device_menu import NAMES, DevicePanel
from app.components.running import use_task
from app.components.shell import use_key, use_title, use_width
from app.components.shortcut_help import ShortcutHelp
from app.components.stage_look import FADE, ROOM
from app.components.theme import WIDE, build_theme
from app.state.call import CallSession, use_call
from app.state.clock import use_every
from app.state.device_words import fault_words, faults_of
from app.state.hooks import use_box, use_observed

FADE_AFTER_S = 4.0
NOTICE_WIDTH = 480
FADED = 0.01
"""Not 0: what is fully transparent leaves the tree that screen readers and the keyboard walk."""

Fault = tuple[DeviceKind, DeviceFault]


@ft.component
def BookedSession(
    session_id: str,
    call_url: str,
    access_token: str,
    room_name: str,
    livekit_url: str,
    participant_identity: str,
    participant_role: str,
) -> ft.Control:
    """Connects with what `generate-call-link` gave and stays until the call ends. Needs a CallSession above it."""
    call = use_call()
    page = ft.context.page
    wide = use_width() >= WIDE
    panel_open, set_panel_open = ft.use_state(False)
    help_open, set_help_open = ft.use_state(False)
    hidden, set_hidden = ft.use_state(frozenset[Fault]())
    use_announcements(call.snapshot, call.other_name)
    use_title(f"Call with {call.other_name}")
    credentials = CallCredentials(
        session_id, room_name, livekit_url, access_token, participant_identity, participant_role, call_url
    )

    async def join() -> None:
        await call.join(credentials)

    # Not a task of this component: leaving must never cancel a connect half-way (the engine's own rule).
    ft.use_effect(lambda: _run(page, join), [credentials])
    scale = use_observed(call.services.preferences).text_scale
    dark = ft.use_memo(lambda: build_theme(True, scale), [scale])  # the same object: a theme is long to compare
    faults = [fault for fault in faults_of(call.snapshot) if fault not in hidden]
    calm = call.snapshot.state is CallState.IN_CALL and not (panel_open or help_open or faults)
    faded, awake, focus = use_fading(calm)

    def toggle_panel() -> None:
        set_panel_open(lambda is_open: not is_open)
        page.run_task(call.load_devices)

    def on_key(e: ft.KeyboardEvent) -> None:
        awake()
        if e.key == "Escape":
            set_panel_open(False)
            set_help_open(False)
        elif _asks_for_keys(e):
            set_help_open(lambda is_open: not is_open)
        elif not (panel_open or e.ctrl or e.alt or e.meta):
            _shortcut(call, page, e.key)

    use_key(on_key)
    bar = CallBar(
        microphone_on=call.snapshot.microphone.wanted,
        camera_on=call.snapshot.camera.wanted,
        more_open=panel_open,
        on_microphone=call.toggle_microphone,
        on_camera=call.toggle_camera,
        on_more=toggle_panel,
        on_end=call.end,
        on_focus=focus,
    )
    hide = lambda fault: set_hidden(lambda now: now | {fault})  # noqa: E731  one expression, used once below
    lower = _lower(call, bar, faded, wide, toggle_panel if panel_open else None)
    notices = _fault_notices(call, page, faults, hide)
    upper = [ft.Container(TopLine(faded), left=16, right=16, top=12), *_under_top_line(notices, wide)]
    return ft.Container(
        expand=True,
        bgcolor=ROOM,
        theme=dark,
        theme_mode=ft.ThemeMode.DARK,
        content=ft.GestureDetector(
            expand=True,
            hover_interval=300,
            on_hover=lambda e: awake(),
            on_tap=lambda e: awake(),
            content=ft.Stack(
                expand=True,
                fit=ft.StackFit.EXPAND,
                controls=[OtherPicture(), *upper, *lower, *_help(help_open, set_help_open)],
            ),
        ),
    )


def _run(page: ft.Page, work: Callable[[], object]) -> None:
    page.run_task(work)  # type: ignore[arg-type]  # a coroutine function; run_task's ParamSpec does not see it


def _asks_for_keys(e: ft.KeyboardEvent) -> bool:
    """The question mark, which some clients name by its key and Shift."""
    return e.key == "?" or (e.key == "/" and e.shift)


def _help(is_open: bool, set_open: Callable[[bool], None]) -> list[ft.Control]:
    shown = ShortcutHelp(lambda: set_open(False)) if is_open else None
    return [ft.Container(shown, alignment=ft.Alignment.CENTER, key="keys")] if shown else []


def _shortcut(call: CallSession, page: ft.Page, key: str) -> None:
    match key.lower():
        case "m":
            page.run_task(call.toggle_microphone)
        case "v":
            page.run_task(call.toggle_camera)


def _fault_notices(
    call: CallSession, page: ft.Page, faults: list[Fault], hide: Callable[[Fault], object]
) -> list[ft.Control]:
    def notice(fault: Fault) -> ft.Control:
        kind, reason = fault
        words = FaultNotice(
            fault_words(kind, reason, call.other_name),
            NAMES[kind].lower(),
            call.retrying is kind,
            lambda: page.run_task(call.retry, kind),
            lambda: hide(fault),
        )
        return ft.Container(words, key=f"{kind.value}-{reason.value}")

    return [notice(fault) for fault in faults]


def _under_top_line(notices: list[ft.Control], wide: bool) -> list[ft.Control]:
    if not notices:
        return []
    column = ft.Column(
        notices,
        width=NOTICE_WIDTH if wide else None,
        tight=True,
        spacing=8,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    return [ft.Container(column, key="faults", left=16, right=16, top=56, alignment=ft.Alignment.TOP_CENTER)]


def _lower(
    call: CallSession,
    bar: ft.Control,
    faded: bool,
    wide: bool,
    close_panel: Callable[[], object] | None,
) -> list[ft.Control]:
    """From the bottom up: the bar, the room's end, the own picture; the device panel beside or over them."""
    said = ft.Row([ClosingNotice(lambda: call.closes_in_s)], alignment=ft.MainAxisAlignment.CENTER)
    inset = SelfView(wide)
    column: list[ft.Control] = [
        *([] if wide else [ft.Row([inset], alignment=ft.MainAxisAlignment.END)]),
        said,
        ft.Container(bar, opacity=FADED if faded else 1, animate_opacity=FADE),
    ]
    controls: list[ft.Control] = [
        ft.Container(
            left=16,
            right=16,
            bottom=20,
            content=ft.Column(
                column, tight=True, spacing=12, horizontal_alignment=ft.CrossAxisAlignment.STRETCH, key=str(wide)
            ),
        )
    ]
    if wide:
        controls.append(ft.Container(inset, right=16, bottom=20, key="inset"))
    if close_panel is not None:
        controls.append(DevicePanel(wide, close_panel))
    return controls


def use_fading(calm: bool) -> tuple[bool, Callable[[], None], Callable[[bool], None]]:
    """Whether the controls are faded; what to call on any sign of life; what to tell of keyboard focus in them.

    They fade only while the call is calm, and never where a screen reader or reduced motion is on, or may be.
    """
    page = ft.context.page
    faded, set_faded = ft.use_state(False)
    may_fade, set_may_fade = ft.use_state(False)
    last_sign_s = use_box(time.monotonic())
    focused = use_box(0)

    async def ask_features() -> None:
        try:
            features = await ft.SemanticsService().get_accessibility_features()
        except (RuntimeError, TimeoutError, TypeError):  # a client that cannot tell: they stay
            return
        set_may_fade(not (features.accessible_navigation or features.disable_animations or features.reduce_motion))

    use_task(ask_features, [])

    def awake() -> None:
        last_sign_s.current = time.monotonic()
        set_faded(False)

    def focus(inside: bool) -> None:
        focused.current = max(0, focused.current + (1 if inside else -1))
        awake()

    def look() -> None:
        quiet = time.monotonic() - last_sign_s.current > FADE_AFTER_S
        set_faded(quiet and calm and may_fade and not focused.current and page is not None)

    use_every(1.0, look)
    return faded and calm, awake, focus
