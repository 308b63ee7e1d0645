"""The moment before a call: own picture, own sound, who is there already, and Join."""

from collections.abc import Callable

import flet as ft

from app.call.contract.devices import DeviceFault, DeviceKind
from app.components.call.call_theme import PANEL, QUIET, stage_text
from app.components.call.checks import ConnectionLine, SpeakerTest
from app.components.call.device_panel import NAMES, device_part
from app.components.call.pages import centred_page, sentence
from app.components.call.stage.bar import camera_button, microphone_button
from app.components.call.status import NOTICE_WIDTH, ON_PAGE, FaultNotice
from app.components.call.video.video_tile import VideoTile
from app.components.design.avatar import Avatar
from app.components.design.buttons import PrimaryButton
from app.components.design.theme import WIDE
from app.components.frame.clock import use_now
from app.components.frame.page_events import use_key, use_title, use_width
from app.components.frame.tasks import use_task
from app.state.call.call_check import CallCheck, sound_may_be_tried
from app.state.call.call_context import use_call
from app.state.call.call_session import CallSession
from app.state.call.words import stage_words
from app.state.call.words.device_words import fault_words, faults_of, own_picture_shown, starting_words
from app.state.core.hooks import use_model
from app.state.core.wall_time import countdown_words, span_words

PREVIEW_WIDTH = 560


@ft.component
def BeforeCall(on_back: Callable[[], object]) -> ft.Control:
    """One look and one press: Join has the focus from the first moment."""
    return InBrowser(on_back) if use_call().in_browser else Preview(on_back)


@ft.component
def InBrowser(on_back: Callable[[], object]) -> ft.Control:
    """Picture, sound and devices are looked at on the call page."""
    call = use_call()
    use_title(f"Session with {call.other_name}")
    back = ft.TextButton("Back", icon=ft.Icons.ARROW_BACK, on_click=lambda e: on_back())
    words = "The call opens in a new tab." if ft.context.page.web else "The call opens in a browser view."
    return ft.Column(
        expand=True,
        controls=[
            ft.Container(back, padding=ft.Padding.only(left=8, top=8)),
            ft.Container(
                centred_page([*_who(call), JoinButton(), sentence(f"{words} You see yourself there first.")]),
                expand=True,
            ),
        ],
    )


@ft.component
def Preview(on_back: Callable[[], object]) -> ft.Control:
    """Where the call runs in this app."""
    call = use_call()
    page = ft.context.page
    check = use_model(lambda: CallCheck(call))
    use_task(check.run, [])
    width = use_width()
    wide = width >= WIDE

    def on_key(e: ft.KeyboardEvent) -> None:
        if e.ctrl or e.alt or e.meta:
            return
        if e.key.lower() == "m":
            page.run_task(call.toggle_microphone)
        elif e.key.lower() == "v":
            page.run_task(call.toggle_camera)

    use_key(on_key)
    use_title(stage_words.session_title(call.other_name))
    preview_width = PREVIEW_WIDTH if wide else max(240.0, min(width - 32, PREVIEW_WIDTH))
    side_width = 360 if wide else preview_width
    left = ft.Column(
        width=preview_width,
        spacing=12,
        tight=True,
        controls=[_preview(call, page, preview_width), *_faults(call, page, preview_width >= NOTICE_WIDTH)],
    )
    right = ft.Column(
        width=side_width,
        spacing=16,
        tight=True,
        controls=[
            *_who(call),
            ConnectionLine(check.connection, check.trying, lambda: page.run_task(check.try_connection)),
            JoinButton(),
            *device_part(
                call,
                page,
                width=side_width,
                quiet=ft.Colors.ON_SURFACE_VARIANT,
                track=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            ),
            SpeakerTest(
                check.play_sound if sound_may_be_tried(call.snapshot) else None, check.sounding, check.sound_failed
            ),
        ],
    )
    parts: list[ft.Control] = [left, right]
    body = (
        ft.Row(parts, spacing=48, alignment=ft.MainAxisAlignment.CENTER, vertical_alignment=ft.CrossAxisAlignment.START)
        if wide
        else ft.Column(parts, spacing=24, horizontal_alignment=ft.CrossAxisAlignment.CENTER)
    )
    return ft.Column(
        expand=True,
        scroll=ft.ScrollMode.AUTO,
        controls=[
            ft.Container(
                padding=ft.Padding.only(left=8, top=8),
                content=ft.TextButton("Back", icon=ft.Icons.ARROW_BACK, on_click=lambda e: on_back()),
            ),
            ft.Container(body, padding=ft.Padding.only(left=16, right=16, top=40 if wide else 0, bottom=24)),
        ],
    )


def _preview(call: CallSession, page: ft.Page, width: float) -> ft.Control:
    camera = call.snapshot.camera
    if not camera.enabled:
        words = stage_words.OWN_CAMERA_OFF
    elif camera.fault is not None:
        words = stage_words.NO_PICTURE_FROM_CAMERA
    else:
        words = starting_words(call.snapshot)
    placeholder = ft.Container(
        bgcolor=PANEL,
        alignment=ft.Alignment.CENTER,
        padding=ft.Padding.only(bottom=56),
        content=ft.Column(
            [Avatar(call.own_name, None, 72 if width > 420 else 56), stage_text(words, color=QUIET)],
            spacing=12,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
    )
    return ft.Stack(
        width=width,
        height=width * 9 / 16,
        controls=[
            VideoTile(
                ask=call.engine.own_frame if call.engine else None,
                name="yourself",
                identifier="video-own",
                placeholder=placeholder,
                why_none=words,
                shown=own_picture_shown(call.snapshot),
                mirrored=True,
                fill=True,
                width=width,
                height=width * 9 / 16,
                radius=16,
            ),
            ft.Container(
                left=0,
                right=0,
                bottom=12,
                content=ft.Row(
                    alignment=ft.MainAxisAlignment.CENTER,
                    spacing=12,
                    controls=[
                        microphone_button(
                            call.snapshot.microphone.enabled, lambda: page.run_task(call.toggle_microphone), size=48
                        ),
                        camera_button(camera.enabled, lambda: page.run_task(call.toggle_camera), size=48),
                    ],
                ),
            ),
        ],
    )


def _faults(call: CallSession, page: ft.Page, wide: bool) -> list[ft.Control]:
    def notice(kind: DeviceKind, fault: DeviceFault) -> ft.Control:
        words = FaultNotice(
            fault_words(kind, fault, call.other_name),
            NAMES[kind].lower(),
            call.retrying is kind,
            wide,
            lambda: page.run_task(call.retry, kind),
            style=ON_PAGE,
        )
        return ft.Container(words, key=f"{kind.value}-{fault.value}")

    return [notice(kind, fault) for kind, fault in faults_of(call.snapshot)]


def _who(call: CallSession) -> list[ft.Control]:
    booking = call.booking
    when = (
        ""
        if booking is None
        else span_words(booking.starts_at, booking.ends_at, call.services.zone, call.services.now())
    )
    presence = stage_words.presence_words(call.other_name, call.other_present)
    return [
        ft.Row(
            spacing=16,
            controls=[
                Avatar(call.other_name, call.other_photo, 56),
                ft.Column(
                    expand=True,
                    spacing=2,
                    controls=[
                        ft.Semantics(
                            heading_level=1,
                            content=ft.Text(
                                stage_words.session_title(call.other_name), theme_style=ft.TextThemeStyle.HEADLINE_SMALL
                            ),
                        ),
                        ft.Text(when, theme_style=ft.TextThemeStyle.BODY_MEDIUM, color=ft.Colors.ON_SURFACE_VARIANT),
                    ],
                ),
            ],
        ),
        ft.Row(
            spacing=8,
            controls=[
                ft.Icon(
                    ft.Icons.CHECK_CIRCLE if call.other_present else ft.Icons.SCHEDULE,
                    size=18,
                    color=ft.Colors.PRIMARY if call.other_present else ft.Colors.ON_SURFACE_VARIANT,
                ),
                ft.Text(presence, expand=True, theme_style=ft.TextThemeStyle.BODY_MEDIUM),
            ],
        ),
    ]


@ft.component
def JoinButton() -> ft.Control:
    """Opens by itself when the room does; a component of its own, for it reads the clock every second."""
    call = use_call()
    use_now(call.services.now)
    join_problem = call.join_problem
    opens_in_s = call.opens_in_s
    words = ""
    if opens_in_s > 0:
        words = stage_words.opens_words(countdown_words(opens_in_s))
    elif join_problem is not None and join_problem.opens_at is None:
        words = f"{join_problem.title}. {join_problem.text}"
    return ft.Column(
        spacing=8,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        controls=[
            PrimaryButton(
                stage_words.JOINING if call.entering else stage_words.JOIN,
                None if opens_in_s > 0 else call.enter,
                reason=words if opens_in_s > 0 else "",
                busy=call.entering,
                icon=ft.Icons.VIDEO_CALL,
                autofocus=True,
                expand=True,
            ),
            *([ft.Text(words, color=ft.Colors.ERROR)] if words and opens_in_s <= 0 else []),
        ],
    )
