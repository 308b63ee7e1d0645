"""The call screen: every state in words, every control at the engine, and no frame that nobody sees."""

import asyncio
from datetime import timedelta

import flet as ft
import pytest

from app.call.contract.call_state import CallState, EndReason
from app.call.contract.devices import DeviceFault, DeviceKind
from tests.app.stage.call_stage import ADA, joined, together
from tests.fakes.api import NOW


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CallState.WAITING, f"Waiting for {ADA}"),
        (CallState.RECONNECTING, "Reconnecting…"),
        (CallState.PEER_RECONNECTING, f"{ADA} lost the connection. Waiting for them to come back."),
    ],
)
async def test_every_state_is_readable(state: CallState, words: str) -> None:
    async with joined() as call:
        call.engine.become(state)
        await call.app.shows(words)


async def test_waiting_says_when_the_session_starts() -> None:
    async with joined() as call:
        call.world.pass_time(minutes=-10)
        call.engine.become(CallState.WAITING)
        await call.app.shows("The session starts at 09:55. You are in the room.")


async def test_waiting_after_the_other_has_left_says_that_they_left() -> None:
    async with together() as call:
        call.engine.become(CallState.WAITING)
        await call.app.shows(f"{ADA} has left.")


async def test_the_words_of_a_state_go_when_both_are_there() -> None:
    async with together() as call:
        assert not any("Waiting for Ada" in text for text in call.app.texts())


async def test_the_timer_counts_from_the_first_moment_that_both_were_there() -> None:
    async with together() as call:
        call.world.pass_time(minutes=12, seconds=34)
        await call.app.shows("12:34")


async def test_a_switched_off_camera_of_the_other_shows_their_avatar() -> None:
    async with together() as call:
        call.engine.let_other(camera_on=False)
        await call.app.shows("Camera is off")
        assert f"Video of {ADA}, no picture. Camera is off" in call.app.labels()


async def test_a_muted_other_is_marked() -> None:
    async with together() as call:
        assert f"{ADA} is muted" not in call.app.texts()
        call.engine.let_other(microphone_on=False)
        await call.app.shows(f"{ADA} is muted")


async def test_the_microphone_button_mutes_and_unmutes() -> None:
    async with together() as call:
        await call.app.click("Mute microphone")
        await call.app.until(lambda: "You are muted" in call.app.labels())
        await call.app.click("Unmute microphone")
        assert [c for c in call.engine.calls if c[0] == "microphone"] == [("microphone", False), ("microphone", True)]


async def test_the_camera_button_switches_off_and_on() -> None:
    async with together() as call:
        await call.app.click("Turn camera off")
        await call.app.shows("Camera off")
        await call.app.click("Turn camera on")
        assert [c for c in call.engine.calls if c[0] == "camera"] == [("camera", False), ("camera", True)]


@pytest.mark.parametrize(("key", "asked"), [("M", ("microphone", False)), ("V", ("camera", False))])
async def test_keys_switch_microphone_and_camera(key: str, asked: tuple[str, bool]) -> None:
    async with together() as call:
        await call.app.key(key)
        await call.app.until(lambda: asked in call.engine.calls)


@pytest.mark.parametrize(("key", "method"), [("M", "set_microphone"), ("V", "set_camera")])
async def test_two_presses_before_the_engine_answers_are_two_toggles(
    key: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with together() as call:
        answers, asked, switch = asyncio.Event(), list[bool](), getattr(call.engine, method)

        async def late(on: bool) -> None:
            asked.append(on)
            await answers.wait()
            await switch(on)

        monkeypatch.setattr(call.engine, method, late)
        for presses in (1, 2):
            await call.app.key(key)
            await call.app.until(lambda: len(asked) == presses)  # noqa: B023  awaited within the turn
        assert asked == [False, True]
        answers.set()
        await call.app.settle(20)
        await call.app.key(key)
        await call.app.until(lambda: len(asked) == 3)
        assert asked[-1] is False


async def test_a_switch_that_had_no_effect_is_tried_again_by_the_next_press(monkeypatch: pytest.MonkeyPatch) -> None:
    async with together() as call:
        asked: list[bool] = []

        async def without_effect(on: bool) -> None:
            asked.append(on)

        monkeypatch.setattr(call.engine, "set_microphone", without_effect)
        for presses in (1, 2):
            await call.app.key("M")
            await call.app.until(lambda: len(asked) == presses)  # noqa: B023  awaited within the turn
            await call.app.settle(20)
        assert asked == [False, False]


async def test_a_key_with_control_is_left_to_the_browser() -> None:
    async with together() as call:
        await call.app.key("V", ctrl=True)
        assert ("camera", False) not in call.engine.calls


async def test_the_device_panel_opens_and_escape_closes_it() -> None:
    async with together() as call:
        await call.app.click("Camera and sound")
        await call.app.shows("Camera and sound")
        await call.app.key("Escape")
        await call.app.until(lambda: "Camera and sound" not in call.app.texts())


@pytest.mark.parametrize(
    "state", [CallState.CONNECTING, CallState.WAITING, CallState.RECONNECTING, CallState.PEER_RECONNECTING]
)
async def test_end_works_in_every_state_and_does_not_wait_for_the_network(state: CallState) -> None:
    async with joined() as call:
        call.engine.leave_takes = asyncio.Event()  # a network that never answers
        call.engine.become(state)
        await call.app.settle()
        await call.app.click("End call")
        await call.app.shows("You left the call")
        call.engine.leave_takes.set()
        await call.app.until(lambda: call.engine.closed)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (EndReason.JOINED_ELSEWHERE, "You joined somewhere else"),
        (EndReason.ROOM_CLOSED, "The room was closed"),
        (EndReason.REFUSED, "You could not join the call"),
        (EndReason.CONNECTION_LOST, "The connection was lost"),
        (EndReason.COULD_NOT_CONNECT, "The call could not be reached"),
    ],
)
async def test_a_call_that_ends_by_itself_says_its_reason(reason: EndReason, words: str) -> None:
    async with joined() as call:
        call.engine.let_end(reason)
        await call.app.shows(words)


async def test_a_device_that_fails_in_the_call_is_said_quietly_and_can_be_tried_again() -> None:
    async with together() as call:
        call.engine.let_fail(DeviceKind.MICROPHONE, DeviceFault.SILENT)
        await call.app.shows("Your microphone isn't sending any sound.")
        call.engine.mend(DeviceKind.MICROPHONE)
        await call.app.click("Try microphone again")
        await call.app.until(lambda: ("retry", DeviceKind.MICROPHONE) in call.engine.calls)
        await call.app.until(lambda: not any("isn't sending any sound" in text for text in call.app.texts()))


async def test_a_fault_can_be_put_away() -> None:
    async with together() as call:
        call.engine.let_fail(DeviceKind.CAMERA, DeviceFault.BUSY)
        await call.app.shows("Your camera is in use by another program.")
        await call.app.click("Hide this notice about the camera")
        await call.app.until(lambda: not any("another program" in text for text in call.app.texts()))


async def test_where_there_is_little_room_only_the_most_important_fault_stands_over_the_face() -> None:
    async with together() as call:
        await call.app.resize(390, 844)
        for kind in (DeviceKind.CAMERA, DeviceKind.SPEAKER, DeviceKind.MICROPHONE):
            call.engine.let_fail(kind, DeviceFault.MISSING)
        await call.app.shows("No microphone found.")
        await call.app.shows("Camera and speaker too: show them")
        assert not any("No camera found" in text for text in call.app.texts())
        await call.app.click("Hide this notice about the microphone")
        await call.app.shows("No camera found.")
        await call.app.click("Speaker too: show it")
        await call.app.shows("No speaker found.")
        await call.app.shows("No camera found.")


@pytest.mark.parametrize(
    ("left", "words"), [(timedelta(minutes=10), "in 10 minutes"), (timedelta(seconds=90), "in 1:30")]
)
async def test_the_end_of_the_room_is_announced(left: timedelta, words: str) -> None:
    async with together() as call:
        closes_at = NOW + timedelta(minutes=55)
        call.world.api.now = closes_at - left
        await call.app.shows(f"The room closes {words}")


async def test_the_own_tile_asks_for_nothing_while_the_camera_is_off() -> None:
    async with together() as call:
        await call.app.click("Turn camera off")
        await call.app.until(lambda: call.engine.frames_waiting["own"] == 0)
        asked = call.engine.frames_asked["own"]
        await call.engine.give_frame("own")
        await call.app.settle()
        assert call.engine.frames_asked["own"] == asked


async def test_the_others_tile_asks_for_nothing_while_their_camera_is_off() -> None:
    async with together() as call:
        call.engine.let_other(camera_on=False)
        await call.app.until(lambda: call.engine.frames_waiting["other"] == 0)
        asked = call.engine.frames_asked["other"]
        await call.engine.give_frame("other")
        await call.app.settle()
        assert call.engine.frames_asked["other"] == asked


async def test_a_tile_asks_for_no_second_frame_before_the_first_is_acknowledged() -> None:
    async with together() as call:
        await call.app.until(lambda: call.engine.frames_waiting["other"] == 1)
        for _ in range(5):
            await call.engine.give_frame("other")
            await call.app.settle(1)
        assert call.engine.frames_asked["other"] == 1
        assert call.engine.most_waiting["other"] == 1


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_bar_is_complete_on_narrow_and_wide(width: float) -> None:
    async with together(width) as call:
        for label in ("Mute microphone", "Turn camera off", "Camera and sound", "End call"):
            assert call.app.is_enabled(label)


async def test_an_image_that_never_answers_is_replaced_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.components.call.video.video_tile.ACK_TIMEOUT_S", 0.05)
    async with together() as call:
        before = {image.key for image in call.app.all(ft.RawImage)}
        await call.engine.give_frame("other")
        await call.app.until(lambda: {image.key for image in call.app.all(ft.RawImage)} - before)
