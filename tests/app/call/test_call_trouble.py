"""Trouble in a running call on its screen: said, announced, and gone again; and the way back by itself."""

from datetime import timedelta

import flet as ft
import pytest

from app.call.contract.call_state import CallPart, CallState, EndReason, Publication, ReconnectCause
from app.call.contract.devices import DeviceFault, DeviceKind
from app.call.contract.engine import CallCredentials, RejoinRefused
from app.call.contract.stats import Rating
from app.components.design.avatar import initials
from app.errors import Offline, Problem
from tests.app.stage.call_stage import ADA, Call, joined, together


def announced(call: Call, words: str) -> bool:
    """Whether a screen reader was told."""
    return words in str(call.app.connection.calls)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (None, "Your connection was interrupted."),
        (ReconnectCause.NO_ANSWER, "Your connection was interrupted."),
        (ReconnectCause.NETWORK_CHANGED, "Your network changed."),
        (ReconnectCause.NO_NETWORK, "This device is offline."),
        (ReconnectCause.SUSPENDED, "This device was asleep."),
        (ReconnectCause.SERVER_GONE, "The call server is not responding."),
    ],
)
async def test_reconnecting_says_why_and_is_announced(trouble: ReconnectCause | None, words: str) -> None:
    async with together() as call:
        call.engine.become(CallState.RECONNECTING, reconnect_cause=trouble)
        await call.app.shows("Reconnecting…")
        await call.app.shows(words)
        await call.app.until(lambda: announced(call, words))


async def test_who_cannot_be_seen_yet_is_told_and_told_no_longer_once_they_can() -> None:
    async with together() as call:
        call.engine.become(CallState.IN_CALL, camera_publication=Publication.DELAYED)
        await call.app.shows("You can't be seen yet. Trying again.")
        await call.app.until(lambda: announced(call, "You can't be seen yet."))
        call.engine.become(CallState.IN_CALL, camera_publication=Publication.PUBLISHED)
        await call.app.until(lambda: "You can't be seen yet. Trying again." not in call.app.texts())


async def test_a_watch_that_keeps_failing_is_told() -> None:
    async with together() as call:
        call.engine.become(CallState.IN_CALL, failing_parts=frozenset({CallPart.REJOINING}))
        await call.app.shows("Reconnecting keeps failing. Leave and rejoin.")


async def test_nothing_lies_under_the_words_while_reconnecting() -> None:
    """No avatar shone through where the last picture was not there any more."""
    async with together() as call:
        call.engine.become(CallState.RECONNECTING)
        await call.app.shows("Reconnecting…")
        assert initials(ADA) not in call.app.texts()


async def test_while_cut_off_the_own_connection_is_not_called_weak_as_well() -> None:
    async with together() as call:
        call.engine.become(CallState.IN_CALL, own_quality=Rating.POOR)
        await call.app.shows("Your connection is weak")
        call.engine.become(CallState.RECONNECTING, own_quality=Rating.POOR)
        await call.app.until(lambda: "Your connection is weak" not in call.app.texts())


@pytest.mark.parametrize("width", [390, 1280])
async def test_notices_of_devices_stand_below_all_that_the_top_line_says(width: float) -> None:
    """They lay at a fixed height, over the top line's second row."""
    async with together() as call:
        await call.app.resize(width)
        call.engine.let_fail(DeviceKind.MICROPHONE, DeviceFault.MISSING)
        call.engine.become(CallState.IN_CALL, video_degraded=True)
        await call.app.until(lambda: call.app.all(ft.Container, key="faults"))
        upper = [column for column in call.app.all(ft.Column) if {"who", "faults"} <= keys_in(call, column)]
        assert upper, "one below the other, in one column"


def keys_in(call: Call, root: ft.Control) -> set[object]:
    return {control.key for control in call.app.walk(root)}


async def test_the_other_cut_off_is_told_from_being_cut_off_oneself() -> None:
    async with together() as call:
        call.engine.become(CallState.PEER_RECONNECTING)
        await call.app.shows(f"{ADA} lost the connection.")
        assert "Reconnecting…" not in call.app.texts()


@pytest.mark.parametrize(
    ("of_other", "words"),
    [
        ({"video_stalled": True}, f"{ADA}'s picture has stopped"),
        ({"audio_stalled": True}, f"{ADA}'s sound has stopped"),
        ({"speaker_fault": DeviceFault.MISSING}, f"{ADA} cannot hear you"),
        ({"microphone_on": False, "microphone_fault": DeviceFault.SILENT}, f"{ADA}'s microphone is silent"),
    ],
)
async def test_what_is_amiss_on_the_other_side_is_said_announced_and_gone_again(
    of_other: dict[str, object], words: str
) -> None:
    async with together() as call:
        call.engine.let_other(**of_other)
        await call.app.shows(words)
        await call.app.until(lambda: announced(call, words.removeprefix(ADA)))
        call.engine.let_other_in(ADA)
        await call.app.until(lambda: words not in call.app.texts())


async def test_someone_without_a_camera_is_not_said_to_have_switched_it_off() -> None:
    async with together() as call:
        call.engine.let_other(camera_on=False, camera_fault=DeviceFault.MISSING)
        await call.app.shows(f"{ADA} has no camera")
        assert f"Video of {ADA}, no picture. {ADA} has no camera" in call.app.labels()
        assert "Camera is off" not in call.app.texts()


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        ({"peer_quality": Rating.POOR}, f"{ADA}'s connection is weak"),
        ({"own_quality": Rating.POOR}, "Your connection is weak"),
    ],
)
async def test_a_weak_connection_is_said_whosever_it_is(ratings: dict[str, Rating], words: str) -> None:
    async with together() as call:
        call.engine.become(CallState.IN_CALL, **ratings)
        await call.app.shows(words)


async def test_an_engine_that_lost_its_connection_is_given_fresh_credentials() -> None:
    async with together() as call:
        assert (await renewed(call)).room_name == "session_session-1"


async def test_a_backend_that_is_away_does_not_disturb_the_call_and_ends_no_rejoin() -> None:
    async with together() as call:
        call.world.api.fail.update(call_link=Offline(), session=Offline(), presence=Offline())
        with pytest.raises(Offline):
            await renewed(call)
        call.engine.become(CallState.RECONNECTING)
        await call.app.shows("Reconnecting…")
        call.engine.become(CallState.IN_CALL)
        await call.app.until(lambda: "Reconnecting…" not in call.app.texts())


@pytest.mark.parametrize("error", ["SessionOver", "SessionCancelled", "NotFound"])
async def test_a_session_that_is_over_or_cancelled_ends_the_way_back(error: str) -> None:
    async with together() as call:
        call.world.api.fail.update(call_link=Problem(error, 409, "No more."))
        with pytest.raises(RejoinRefused) as raised:
            await renewed(call)
        assert raised.value.reason is EndReason.ROOM_CLOSED


async def test_a_rejoin_names_the_join_that_it_continues_and_another_device_ends_it() -> None:
    async with together() as call:
        await renewed(call)
        links = [each.split(" ") for each in call.world.api.calls if each.startswith("call_link ")]
        (_, _, joined, first), (_, _, rejoined, again) = links
        assert (joined == rejoined, first, again) == (True, "False", "True")
        call.world.api.fail.update(call_link=Problem("JoinedElsewhere", 409, "Elsewhere."))
        with pytest.raises(RejoinRefused) as raised:
            await renewed(call)
        assert raised.value.reason is EndReason.JOINED_ELSEWHERE


async def test_once_the_sessions_time_is_over_the_backend_is_not_even_asked() -> None:
    async with together() as call:
        call.world.pass_time(hours=2)
        call.world.api.fail.update(call_link=Offline())
        with pytest.raises(RejoinRefused):
            await renewed(call)


async def test_the_sessions_time_running_out_while_cut_off_is_the_sessions_end() -> None:
    async with together() as call:
        call.engine.become(CallState.RECONNECTING)
        call.world.pass_time(hours=2)
        call.engine.let_end(EndReason.ROOM_CLOSED)
        await call.app.shows("Session over")


async def test_the_last_minutes_are_counted_while_reconnecting_too() -> None:
    async with joined() as call:
        call.engine.become(CallState.RECONNECTING)
        call.world.api.now += timedelta(minutes=53, seconds=30)
        await call.app.shows("The room closes in 1:30")


async def renewed(call: Call) -> CallCredentials:
    assert call.engine.refresh is not None
    return await call.engine.refresh()
