"""What a screen reader hears of a call, and the list of its keys."""

from dataclasses import replace

import pytest

from app.call.contract.call_state import CallSnapshot, CallState, RemotePeerState
from app.call.contract.devices import BlurFault, BlurState, DeviceFault, DeviceState
from app.state.call.announcements import announcement
from tests.app.stage.call_world import CallWorld
from tests.app.stage.harness import Harness, screen

MIA = RemotePeerState("user_x", "Mia", microphone_on=True, camera_on=True)
_S = CallState


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (_S.CONNECTING, _S.WAITING, "You are in the room. Waiting for Mia."),
        (_S.CONNECTING, _S.IN_CALL, "You are in the call with Mia."),
        (_S.WAITING, _S.IN_CALL, "Mia joined."),
        (_S.IN_CALL, _S.WAITING, "Mia left the call."),
        (_S.IN_CALL, _S.RECONNECTING, "Your connection was interrupted. Reconnecting."),
        (_S.RECONNECTING, _S.IN_CALL, "Connected again."),
        (_S.IN_CALL, _S.PEER_RECONNECTING, "Mia lost the connection. Waiting for them to come back."),
        (_S.IDLE, _S.PREPARING, ""),
        (_S.IN_CALL, _S.IN_CALL, ""),
    ],
)
def test_joins_leaves_and_trouble_are_announced(before: CallState, after: CallState, words: str) -> None:
    assert announcement(CallSnapshot(before, peer=MIA), CallSnapshot(after, peer=MIA), "Mia") == words


def test_what_the_other_switches_is_announced() -> None:
    now = CallSnapshot(_S.IN_CALL, peer=MIA)
    assert announcement(now, replace(now, peer=replace(MIA, camera_on=False)), "Mia") == "Mia turned the camera off."
    assert announcement(now, replace(now, peer=replace(MIA, microphone_on=False)), "Mia") == "Mia muted themselves."


def test_ones_own_switches_are_confirmed_and_a_new_fault_is_told_once() -> None:
    now = CallSnapshot(_S.IN_CALL, peer=MIA)
    muted = replace(now, microphone=replace(now.microphone, enabled=False))
    assert announcement(now, muted, "Mia") == "Microphone muted"
    broken = replace(now, camera=DeviceState(fault=DeviceFault.SILENT))
    assert "Your camera isn't sending a picture." in announcement(now, broken, "Mia")
    assert announcement(broken, replace(broken, joined_at=None), "Mia") == ""


def test_a_lost_blur_is_announced_with_what_became_of_the_camera() -> None:
    before = CallSnapshot(state=CallState.IN_CALL, background_blur=BlurState(enabled=True, working=True))
    after = replace(before, background_blur=BlurState(fault=BlurFault.FAILED, blocked=True))
    assert "Your camera is off" in announcement(before, after, "Mia")


def test_a_speaking_other_is_not_announced() -> None:
    now = CallSnapshot(_S.IN_CALL, peer=MIA)
    assert announcement(now, replace(now, peer=replace(MIA, speaking=True)), "Mia") == ""


async def _in_call(app: Harness, world: CallWorld) -> None:
    await app.shows("Join")
    await app.click("Join")
    await app.until(lambda: world.engine.credentials)
    world.engine.become(CallState.WAITING)
    await app.shows("Waiting for Ada Lovelace")
    world.engine.let_other_in("Ada Lovelace")
    await app.until(lambda: "End call" in app.labels())


async def test_a_question_mark_shows_the_keys_and_escape_hides_them() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await _in_call(app, world)
        await app.key("?")
        await app.until(lambda: any(label.startswith("M: Microphone") for label in app.labels()))
        await app.key("Escape")
        await app.until(lambda: not any(label.startswith("M: Microphone") for label in app.labels()))


async def test_a_join_reaches_the_screen_reader() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await _in_call(app, world)
        await app.until(lambda: "Ada Lovelace joined." in str(app.connection.calls))
