"""Shows the call screens with a fake engine and moving pictures, to look at and to photograph.

    python -m tests.app.stage.show_call 8599

then open http://127.0.0.1:8599/<moment>/session/session-1, a name of `MOMENTS` (with /dark before it for the dark
theme, /largest for text of 200 %, /long for a name of 80 characters), and press Join.
"""

import asyncio
import math
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir

import cv2
import flet as ft
import numpy as np

from app.api.models import Role
from app.call.contract.call_state import CallState, EndReason, ReconnectCause
from app.call.contract.chat import ChatMessage
from app.call.contract.devices import BlurFault, Device, DeviceFault, DeviceKind, DeviceState
from app.call.contract.encryption import Encryption
from app.call.contract.engine import ConnectionCheck, Reachability
from app.call.contract.stats import QualityReport, QualitySample, RatedTime, Rating, VideoSize
from app.call.contract.timer import SharedTimer
from app.components.design.theme import build_theme
from app.errors import Offline, Problem
from app.screens.call_flow import CallFlow
from app.state.core.private_notes import PrivateNotes, Saving
from app.state.core.services import SERVICES
from tests.app.stage.call_world import SESSION, CallWorld
from tests.app.stage.recording_looks import looks
from tests.app.stage.serving import show
from tests.fakes.api import NOW
from tests.fakes.call_engine import FakeCallEngine

FRAMES_A_SECOND = 15
ADA = "Ada Lovelace"
LONG_NAME = "Donaudampfschifffahrtsgesellschaftskapitän مريم الزهراء 田中さくら Wolfeschlegelsteinhau"
NOTED = "Likes Bach.\nAsk about the left hand."


def picture(number: int, width: int, height: int) -> bytes:
    """A JPEG of that size: a room in soft colours with somebody moving in it."""
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    room = (np.array([150, 140, 110]) * (1 - down) + np.array([90, 110, 140]) * across).clip(0, 255).astype(np.uint8)
    room = np.array(np.broadcast_to(room, (height, width, 3)))  # a copy that can be drawn on
    middle = int(width / 2 + np.sin(number / 8) * width / 20)
    cv2.ellipse(room, (middle, height), (height // 3, height // 2), 0, 0, 360, (70, 90, 60), -1)
    cv2.circle(room, (middle, int(height * 0.42)), height // 6, (150, 180, 220), -1)
    return bytes(cv2.imencode(".jpg", room)[1])


def in_call(world: CallWorld, camera: bool = True, microphone: bool = True) -> None:
    since = world.api.now - timedelta(minutes=12, seconds=34)
    world.engine.become(CallState.WAITING)
    world.engine.let_other_in(ADA, since=since, camera=camera, microphone=microphone)


def after(reason: EndReason, past: Callable[[CallWorld], None] = in_call) -> Callable[[CallWorld], None]:
    def act(world: CallWorld) -> None:
        past(world)
        world.engine.let_end(reason)

    return act


def then(state: CallState) -> Callable[[CallWorld], None]:
    def act(world: CallWorld) -> None:
        in_call(world)
        world.engine.become(state)

    return act


def cut_off(trouble: ReconnectCause) -> Callable[[CallWorld], None]:
    def act(world: CallWorld) -> None:
        in_call(world)
        world.engine.become(CallState.RECONNECTING, reconnect_cause=trouble)

    return act


def other_troubled(world: CallWorld) -> None:
    in_call(world, camera=False, microphone=False)
    world.engine.let_other(
        camera_fault=DeviceFault.MISSING, microphone_fault=DeviceFault.SILENT, speaker_fault=DeviceFault.MISSING
    )


def stopped(world: CallWorld) -> None:
    in_call(world)
    world.engine.let_other(video_stalled=True, audio_stalled=True)


def faulty(world: CallWorld) -> None:
    in_call(world)
    world.engine.let_fail(DeviceKind.MICROPHONE, DeviceFault.SILENT)
    world.engine.let_fail(DeviceKind.CAMERA, DeviceFault.BUSY)


def weak_and_faulty(world: CallWorld) -> None:
    """As much as can stand at the top of the stage at once."""
    measured(own_quality=Rating.POOR, peer_quality=Rating.FAIR, video_degraded=True)(world)
    for kind in (DeviceKind.MICROPHONE, DeviceKind.CAMERA, DeviceKind.SPEAKER):
        world.engine.let_fail(kind, DeviceFault.MISSING)


def speaking_muted(world: CallWorld) -> None:
    in_call(world)
    headset = Device(DeviceKind.MICROPHONE, "m1", "Headset")
    microphone = DeviceState(enabled=False, working=True, chosen=headset, fallback=True)
    world.engine.become(CallState.IN_CALL, microphone=microphone, speaking_muted=True)


def blur_failed(world: CallWorld) -> None:
    in_call(world)
    world.engine.let_blur_fail(BlurFault.FAILED)


def closing(world: CallWorld) -> None:
    in_call(world)
    world.pass_time(minutes=53, seconds=28)


def measured(**changes: object) -> Callable[[CallWorld], None]:
    """In the call, with figures behind it that go up and down."""

    def act(world: CallWorld) -> None:
        in_call(world)
        wave = [math.sin(second / 9) for second in range(120)]
        world.engine.samples = tuple(sample(second, up) for second, up in enumerate(wave))
        world.engine.report = QualityReport(
            700, RatedTime(520, 160, 20), RatedTime(good_s=700), 48, 0.004, 0.011, 0.021, 3, 42, 1, 720, 29
        )
        state = world.engine.snapshot().state
        world.engine.become(state, **{"own_quality": Rating.GOOD, "peer_quality": Rating.GOOD, **changes})

    return act


def sample(second: int, up: float) -> QualitySample:
    sizes = VideoSize(1280, 720, 29.6), VideoSize(1280, 720, 30.0)
    return QualitySample(
        second, 1.0, 60 + 40 * up, 0.01 + 0.01 * up, 0.0, 0.0, 0.002, 41, 1300 + 300 * up, 1420, 2600, *sizes
    )


def chatting(world: CallWorld) -> None:
    """Three messages of theirs, which nobody has read yet."""
    in_call(world)
    said = ("Good morning", "The plan is at https://example.org/plan.", "Shall we begin?")
    messages = tuple(
        ChatMessage(f"t{number}", text, NOW + timedelta(seconds=number), mine=False, delivered=True)
        for number, text in enumerate(said)
    )
    world.engine.become(CallState.IN_CALL, chat=messages)


def timed(world: CallWorld) -> None:
    """A timer runs, and five minutes of it are left."""
    in_call(world)
    timer = SharedTimer(timedelta(minutes=10), world.api.now + timedelta(minutes=4, seconds=59))
    world.engine.become(CallState.IN_CALL, timer=timer)


def timed_out(world: CallWorld) -> None:
    in_call(world)
    world.engine.become(CallState.IN_CALL, timer=SharedTimer(timedelta(minutes=10), world.api.now))


def noted(world: CallWorld) -> None:
    """Their notes cannot be saved, and another device has saved others."""
    in_call(world)
    note = PrivateNotes.kept_by(world.services).of(SESSION)
    note.text, note.saving, note.both_kept = NOTED, Saving.NOT_YET, True


def cannot_encrypt(world: CallWorld) -> None:
    in_call(world)
    world.engine.become(CallState.IN_CALL, encryption=Encryption.ASKING)


def not_encrypted(world: CallWorld) -> None:
    in_call(world)
    world.engine.become(CallState.IN_CALL, encryption=Encryption.OFF)


def nothing(world: CallWorld) -> None:
    """Stays as it is."""


MOMENTS: dict[str, Callable[[CallWorld], None]] = {
    "before": nothing,
    "early": lambda world: world.pass_time(minutes=-22),
    "over": lambda world: world.pass_time(hours=2),
    "offline": lambda world: world.api.fail.update(session=Offline()),
    "refused": lambda world: world.api.fail.update(call_link=Problem("ServiceUnavailable", 503, "Try again shortly.")),
    "connecting": nothing,
    "waiting": lambda world: world.engine.become(CallState.WAITING),
    "in_call": in_call,
    "measured": measured(),
    "weak": measured(own_quality=Rating.POOR, peer_quality=Rating.FAIR, video_degraded=True),
    "ended": after(EndReason.LEFT, measured()),
    "camera_off": lambda world: in_call(world, camera=False, microphone=False),
    "reconnecting": then(CallState.RECONNECTING),
    "other_lost": then(CallState.PEER_RECONNECTING),
    "network_changed": cut_off(ReconnectCause.NETWORK_CHANGED),
    "server_gone": cut_off(ReconnectCause.SERVER_GONE),
    "other_troubled": other_troubled,
    "stopped": stopped,
    "faulty": faulty,
    "weak_and_faulty": weak_and_faulty,
    "blur_failed": blur_failed,
    "speaking_muted": speaking_muted,
    "closing": closing,
    "chatting": chatting,
    "timed": timed,
    "timed_out": timed_out,
    "noted": noted,
    "cannot_encrypt": cannot_encrypt,
    "not_encrypted": not_encrypted,
    "left": after(EndReason.LEFT),
    "elsewhere": after(EndReason.JOINED_ELSEWHERE),
    "lost": after(EndReason.CONNECTION_LOST),
    **looks(in_call),
}
AT_ONCE = ("early", "over", "offline", "refused")
"""Moments that lie before Join; the others come once it was pressed."""


def prepare(world: CallWorld, path: Sequence[str]) -> None:
    """What the address says of the people and their devices."""
    world.services.can_record = True
    world.services.preferences.recording_folder = str(Path(gettempdir()) / "Videos" / "Rendezvous")
    world.api.present[SESSION] = ("professional",)
    if "long" in path:
        world.api.bookings[SESSION]["professional"]["name"] = LONG_NAME
    world.services.preferences.text_size = "largest" if "largest" in path else "normal"


def main(page: ft.Page) -> None:
    path = page.route.strip("/").split("/")
    moment = path[-3]
    faults = {DeviceKind.CAMERA: DeviceFault.REFUSED} if "camera_refused" in path else {}
    role: Role = "professional" if "professional" in path else "user"

    def new_engine() -> FakeCallEngine:
        engine = FakeCallEngine(faults=faults, picture=picture)
        if "blocked" in path:
            engine.connection = ConnectionCheck(Reachability.SIGNAL_ONLY)
        engine.blur_fault = BlurFault.FAILED if "no_blur" in path else None
        engine.blur_is_slow = "blur_slow" in path
        return engine

    world = CallWorld(role, new_engine)
    world.services.device_choices.blur = bool({"blur", "no_blur", "blur_slow"} & set(path))
    prepare(world, path)
    preferences = world.services.preferences
    page.theme, page.dark_theme = (build_theme(dark, preferences.text_scale) for dark in (False, True))
    page.theme_mode = ft.ThemeMode.DARK if "dark" in path else ft.ThemeMode.LIGHT
    page.padding = 0

    async def play() -> None:
        if moment in AT_ONCE:
            MOMENTS[moment](world)
        while True:
            await asyncio.sleep(1 / FRAMES_A_SECOND)
            for engine in world.engines:
                engine.level = 0.4
                await engine.give_frame("own")
                await engine.give_frame("other")

    async def act() -> None:
        while not any(engine.credentials for engine in world.engines):  # noqa: ASYNC110  the fake has no event for it
            await asyncio.sleep(0.05)
        MOMENTS.get(moment, nothing)(world)

    page.run_task(play)
    if moment not in AT_ONCE:
        page.run_task(act)
    page.render_views(lambda: SERVICES(world.services, _Routes))


@ft.component
def _Routes() -> ft.Control:
    """The same frame as in the app: the call is a view of the router."""
    call = ft.Route(path=":how*/session/:session_id", component=CallFlow)
    return ft.Router([call], manage_views=True)


if __name__ == "__main__":
    show(main, int(sys.argv[1]))
