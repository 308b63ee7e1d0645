"""Two native engines agree on a key that the backend does not have: what it shuts out, and what it holds through."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from livekit import rtc

from app.call.call_controller import CallController
from app.call.contract.call_state import CallState, EndReason
from app.call.contract.encryption import Encryption, KeyOrigin
from app.call.room.encryption import e2ee_options
from app.call.room.room_keys import AGREED, GIVEN, RoomKeys
from app.call.state.machine import CallEvent
from tests.live.conftest import MakeSide
from tests.live.sides import ANNA_NUMBERS, BEN_NUMBERS, Side, both_in_call
from tests.live.test_rejoin import Backend
from tests.stage.livekit_server import LivekitServer
from tests.stage.onlookers import Onlooker
from tests.stage.tokens import KEY, credentials
from tests.waiting import until

LONGEST_GAP_S = 1.5
"""A frame that is lost for a key costs three seconds of video; a busy machine alone costs tenths."""
SHUT_OUT_S = 2.0


def call_of(side: Side) -> CallController:
    assert side.engine._call is not None
    return side.engine._call


def keys_of(side: Side) -> RoomKeys:
    session = call_of(side)._session
    assert session is not None
    return session.keys


def send_under_the_session_key(side: Side) -> None:
    """As somebody could who has nothing but that."""
    session = call_of(side)._session
    assert session is not None
    manager = session.room.e2ee_manager
    assert manager.key_provider is not None
    manager.key_provider.set_shared_key(side.encryption_key.encode(), GIVEN)
    for each in manager.frame_cryptors():
        if each.participant_identity == side.identity:
            each.set_key_index(GIVEN)


async def agreed(*sides: Side) -> tuple[str, ...]:
    """They have a key of their own, and the same words; these."""
    for one in sides:
        await until(lambda one=one: one.now.key_origin is KeyOrigin.AGREED, f"{one.identity} has agreed")  # type: ignore[misc]  # a default binds it
    words = {one.now.key_words for one in sides}
    assert len(words) == 1
    return words.pop()


async def see_each_other(anna: Side, ben: Side) -> None:
    """New frames, on both sides."""
    for one, numbers in ((anna, BEN_NUMBERS), (ben, ANNA_NUMBERS)):
        await one.seen(numbers, after=call_of(one).remote_frames.count)


@asynccontextmanager
async def without_a_gap(*sides: Side) -> AsyncIterator[None]:
    """Meanwhile each sees the other's video without a pause worth the name."""
    longest = dict.fromkeys((one.identity for one in sides), 0.0)

    async def watch(one: Side) -> None:
        count, since_s = call_of(one).remote_frames.count, time.monotonic()
        while True:
            await asyncio.sleep(0.01)
            if count != (count := call_of(one).remote_frames.count):
                since_s = time.monotonic()
            longest[one.identity] = max(longest[one.identity], time.monotonic() - since_s)

    watching = [asyncio.create_task(watch(one)) for one in sides]
    try:
        yield
    finally:
        for each in watching:
            each.cancel()
    assert max(longest.values()) < LONGEST_GAP_S, longest


async def test_both_change_to_the_agreed_key_without_a_gap_and_show_the_same_four_words(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    async with without_a_gap(anna, ben):
        words = await agreed(anna, ben)
        await see_each_other(anna, ben)
    assert len(words) == 4
    assert (anna.now.encryption, ben.now.encryption) == (Encryption.ON, Encryption.ON)
    assert not anna.now.key_words_changed


async def test_who_has_the_session_key_sees_nothing_and_with_the_agreed_one_they_would(
    side: MakeSide, server: LivekitServer, room: str
) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await agreed(anna, ben)
    async with Onlooker(server, room, KEY, ANNA_NUMBERS, BEN_NUMBERS) as onlooker:
        await onlooker.has_packets()
        assert (onlooker.tracks, onlooker.frames) == (2, 0)
        key = keys_of(anna).agreement.use.agreed
        assert key is not None
        onlooker.learn(key, AGREED)
        await onlooker.sees()


async def test_what_comes_under_the_session_key_is_not_read_once_another_is_agreed(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await agreed(anna, ben)
    send_under_the_session_key(ben)
    await asyncio.sleep(0.5)  # what was on its way
    before = call_of(anna).remote_frames.count
    await asyncio.sleep(SHUT_OUT_S)
    assert call_of(anna).remote_frames.count == before


async def test_a_rejoin_goes_on_under_the_same_key_and_never_under_the_sessions(
    side: MakeSide, server: LivekitServer, room: str
) -> None:
    backend = Backend(server, room)
    anna, ben = await side("anna"), await side("ben")
    await asyncio.gather(anna.join(backend.for_(anna)), ben.join())
    await asyncio.gather(anna.seen(BEN_NUMBERS), ben.seen(ANNA_NUMBERS))
    words = await agreed(anna, ben)
    async with Onlooker(server, room, KEY, ANNA_NUMBERS, BEN_NUMBERS) as onlooker:
        await onlooker.has_packets()
        media = anna.engine._media
        assert media is not None
        anna.states.clear()
        media.post(call_of(anna)._connection_ended, CallEvent.CONNECTION_LOST)
        await anna.passed(CallState.RECONNECTING)
        await anna.state(CallState.IN_CALL)
        rejoined_s = time.monotonic()
        await see_each_other(anna, ben)
        print(f"seen again {time.monotonic() - rejoined_s:.2f} s after the rejoin")
        assert await agreed(anna, ben) == words
        await onlooker.has_packets()
        assert onlooker.frames == 0
    assert (anna.now.key_words_changed, ben.now.key_words_changed) == (False, False)


async def test_a_second_device_gets_a_key_of_its_own_and_the_other_side_says_that_the_words_are_new(
    side: MakeSide,
) -> None:
    laptop, phone, ben = await side("anna"), await side("anna"), await side("ben")
    await both_in_call(laptop, ben)
    before = await agreed(laptop, ben)
    await phone.join()
    joined_s = time.monotonic()
    await laptop.state(CallState.ENDED)
    assert laptop.now.end_reason is EndReason.JOINED_ELSEWHERE
    await phone.seen(BEN_NUMBERS)
    print(f"the second device sees after {time.monotonic() - joined_s:.2f} s")
    await until(lambda: ben.now.key_words not in ((), before), "ben has other words")
    assert await agreed(phone, ben) != before
    await see_each_other(phone, ben)
    assert ben.now.key_words_changed


async def test_with_an_earlier_version_the_session_key_stays_and_no_words_are_shown(
    side: MakeSide, server: LivekitServer, room: str
) -> None:
    anna = await side("anna")
    await anna.join()
    earlier, seen = rtc.Room(), 0

    async def read(track: rtc.Track) -> None:
        nonlocal seen
        async for _ in rtc.VideoStream(track, capacity=1):
            seen += 1

    reading: list[asyncio.Task[None]] = []

    def subscribed(track: rtc.Track, publication: object, participant: object) -> None:
        if track.kind == rtc.TrackKind.KIND_VIDEO:
            reading.append(asyncio.create_task(read(track)))

    earlier.on("track_subscribed", subscribed)
    given = credentials(server, room, "ben")
    await earlier.connect(given.livekit_url, given.access_token, rtc.RoomOptions(encryption=e2ee_options(KEY)))
    try:
        await anna.state(CallState.IN_CALL)
        joined_s = time.monotonic()
        while time.monotonic() - joined_s < 4:  # longer than an offer is waited for
            assert (anna.now.key_origin, anna.now.key_words) == (KeyOrigin.GIVEN, ())
            await asyncio.sleep(0.1)
        before = seen
        await until(lambda: seen > before, "the earlier version still sees")
        assert anna.now.encryption is Encryption.ON
    finally:
        await earlier.disconnect()
        for each in reading:
            each.cancel()
