"""A publication that fails is tried again, then the call rejoins, and meanwhile the snapshot says so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from app.call.adaptation.video_adapter import VideoAdapter
from app.call.contract.call_state import CallSnapshot, Publication
from app.call.contract.devices import DeviceKind, DeviceState
from app.call.room.publishing import publisher as module
from app.call.room.publishing.publisher import MAX_REJOINS, Publisher
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread
from app.call.state.store import SnapshotStore
from tests.waiting import until

CAMERA, MICROPHONE = rtc.TrackSource.SOURCE_CAMERA, rtc.TrackSource.SOURCE_MICROPHONE
Answer = Callable[[int], Any]


class Room:
    """As the SDK's, to a server that answers as the test says: `answers` gets each request's source."""

    def __init__(self, answer: Answer) -> None:
        self.connection_state = rtc.ConnectionState.CONN_CONNECTED
        self.local_participant = SimpleNamespace(sid="PA_1", track_publications={}, publish_track=self._publish)
        self.asked: list[tuple[int, Any]] = []
        self._answer = answer

    async def _publish(self, track: Any, options: Any) -> Any:
        self.asked.append((options.source, track))
        answer = self._answer(options.source)
        if isinstance(answer, asyncio.Event):
            await answer.wait()
        elif isinstance(answer, Exception):
            raise answer
        publication = SimpleNamespace(sid=f"TR_{len(self.asked)}", source=options.source)
        self.local_participant.track_publications[publication.sid] = publication
        return publication

    def times(self, source: int) -> int:
        return [each for each, _ in self.asked].count(source)


class Stage:
    """A publisher over devices that work."""

    def __init__(self, audio_loop: EventLoopThread) -> None:
        on = DeviceState(enabled=True, working=True)
        blur = SimpleNamespace(state=SimpleNamespace(starting=False))
        self.devices = SimpleNamespace(
            opened=asyncio.Event(),
            audio=SimpleNamespace(source=None),
            camera=SimpleNamespace(sink=None, blur=blur),
            states={"camera": on, "microphone": on},
        )
        self.devices.opened.set()
        self.store, self.scope, self.rejoins = SnapshotStore(), TaskScope(), 0
        self.publisher = Publisher(
            cast(Any, self.devices), VideoAdapter(), audio_loop, self.scope, self._changed, self._rejoin
        )
        self.room: Room | None = None
        self.tried_before_rejoin = 0
        self.states: list[tuple[Publication, Publication]] = []

    def _changed(self) -> None:
        self.store.update(**self.publisher.publications)
        self.states.append((self.now.camera_publication, self.now.microphone_publication))

    def _rejoin(self) -> None:
        self.rejoins += 1
        self.tried_before_rejoin = self.room.times(CAMERA) if self.room is not None else 0

    @property
    def now(self) -> CallSnapshot:
        return self.store.snapshot

    async def publish(self, room: Room) -> None:
        self.room = room
        await self.publisher.publish(cast(Any, room), lambda: self.room is room, self.publisher.apply_mute)

    async def leave(self) -> None:
        if (tracks := self.publisher.detach()) is not None:
            await tracks.close()


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(module, "RETRY_AFTER_S", (0.01,))
    monkeypatch.setattr(module, "ANSWER_LIMIT_S", 0.1)
    audio_loop = EventLoopThread("call-audio")
    stage = Stage(audio_loop)
    yield stage
    await stage.scope.close()
    await stage.leave()
    await stage.publisher.close()
    audio_loop.stop()


def failing(source: int, times: int) -> Answer:
    left = [times]

    def answer(asked: int) -> Any:
        if asked != source or not left[0]:
            return None
        left[0] -= 1
        return rtc.participant.PublishTrackError("track publication timed out")

    return answer


def both(stage: Stage) -> set[Publication]:
    return {stage.now.camera_publication, stage.now.microphone_publication}


async def test_both_tracks_are_published_at_once(stage: Stage) -> None:
    answer = asyncio.Event()
    room = Room(lambda source: answer)
    publishing = asyncio.ensure_future(stage.publish(room))
    await until(lambda: len(room.asked) == 2, "neither waits for the other")
    assert both(stage) == {Publication.UNDERWAY}
    answer.set()
    await publishing
    assert both(stage) == {Publication.PUBLISHED}


async def test_a_microphone_that_cannot_be_published_does_not_keep_the_camera_back(stage: Stage) -> None:
    never = asyncio.Event()
    room = Room(lambda source: never if source == MICROPHONE else None)
    publishing = asyncio.ensure_future(stage.publish(room))
    await until(lambda: stage.now.camera_publication is Publication.PUBLISHED, "the camera is published")
    assert stage.now.microphone_publication is not Publication.PUBLISHED
    publishing.cancel()


async def test_what_fails_is_said_and_tried_again_with_a_new_track(stage: Stage) -> None:
    room = Room(failing(CAMERA, times=1))
    await stage.publish(room)
    assert stage.now.camera_publication is Publication.DELAYED
    assert stage.now.microphone_publication is Publication.PUBLISHED
    await until(lambda: stage.now.camera_publication is Publication.PUBLISHED, "it is published in the end")
    first, second = (track for source, track in room.asked if source == CAMERA)
    assert first is not second
    assert (room.times(MICROPHONE), stage.rejoins) == (1, 0)


async def test_after_the_second_failure_the_call_rejoins_and_publishes_into_the_new_room_only(stage: Stage) -> None:
    room = Room(failing(CAMERA, times=1000))
    await stage.publish(room)
    await until(lambda: stage.rejoins == 1, "it is asked to rejoin")
    assert stage.tried_before_rejoin == 2
    await stage.leave()
    assert both(stage) == {Publication.NONE}
    asked = len(room.asked)
    new = Room(lambda source: None)
    await stage.publish(new)
    assert both(stage) == {Publication.PUBLISHED}
    assert len(room.asked) == asked, "nobody publishes over the connection that is gone"


@pytest.mark.parametrize("refused", [{CAMERA}, {CAMERA, MICROPHONE}])
async def test_a_server_that_refuses_for_good_does_not_have_the_call_rejoin_for_ever(
    stage: Stage, refused: set[int]
) -> None:
    error = rtc.participant.PublishTrackError("insufficient permissions")
    room = Room(lambda source: error if source in refused else None)
    await publish_often(stage, room)
    assert stage.rejoins == MAX_REJOINS
    assert stage.now.camera_publication is Publication.DELAYED


async def test_once_all_is_published_later_trouble_may_rejoin_again(stage: Stage) -> None:
    refusing = Room(failing(CAMERA, times=1000))
    await publish_often(stage, refusing)
    await stage.leave()
    await stage.publish(Room(lambda source: None))
    await publish_often(stage, refusing)
    assert stage.rejoins == 2 * MAX_REJOINS


async def publish_often(stage: Stage, room: Room) -> None:
    """More often than the call rejoins for, with several attempts each time."""
    for _ in range(MAX_REJOINS + 2):
        await stage.leave()
        before = room.times(CAMERA)
        await stage.publish(room)
        await until(partial(tried_since, room, before), "the camera is tried four times")


def tried_since(room: Room, before: int) -> bool:
    return room.times(CAMERA) >= before + 4


async def test_a_request_that_is_never_answered_is_not_repeated_beside_itself_but_rejoined_over(stage: Stage) -> None:
    never = asyncio.Event()
    room = Room(lambda source: never if source == CAMERA else None)
    publishing = asyncio.ensure_future(stage.publish(room))
    await until(lambda: stage.rejoins == 1, "it is asked to rejoin")
    assert (room.times(CAMERA), stage.now.camera_publication) == (1, Publication.DELAYED)
    await stage.leave()
    await asyncio.wait_for(publishing, 5)


async def test_what_takes_long_is_said_before_it_has_failed(stage: Stage) -> None:
    never = asyncio.Event()
    publishing = asyncio.ensure_future(stage.publish(Room(lambda source: never)))
    await until(lambda: both(stage) == {Publication.UNDERWAY}, "it is tried")
    since_s = stage.publisher._states[DeviceKind.CAMERA].since_s
    stage.publisher.check(since_s + module.LATE_AFTER_S - 0.5)
    assert both(stage) == {Publication.UNDERWAY}
    stage.publisher.check(since_s + module.LATE_AFTER_S + 0.5)
    assert both(stage) == {Publication.DELAYED}
    publishing.cancel()


async def test_a_publication_that_got_lost_later_is_noticed_and_made_again(stage: Stage) -> None:
    room = Room(lambda source: None)
    await stage.publish(room)
    published = room.local_participant.track_publications
    camera = next(sid for sid, each in published.items() if each.source == CAMERA)
    stage.publisher.check(0.0)
    assert both(stage) == {Publication.PUBLISHED}
    del published[camera]
    stage.publisher.check(0.0)
    assert stage.now.camera_publication is Publication.DELAYED
    await until(lambda: both(stage) == {Publication.PUBLISHED}, "it is published again")
    assert (room.times(CAMERA), room.times(MICROPHONE)) == (2, 1)


async def test_a_publication_that_the_sdk_does_not_renew_after_a_full_reconnect_is_rejoined_for(stage: Stage) -> None:
    room = Room(lambda source: None)
    await stage.publish(room)
    camera = next(each for each in room.local_participant.track_publications.values() if each.source == CAMERA)
    room.local_participant.sid = "PA_2"
    stage.publisher.check(0.0)
    assert both(stage) == {Publication.UNDERWAY}
    renewed = room.local_participant.track_publications
    for sid, each in list(renewed.items()):
        if each is not camera:
            del renewed[sid]
            each.sid = "TR_again"
            renewed[each.sid] = each
    stage.publisher.check(0.0)
    assert stage.now.microphone_publication is Publication.PUBLISHED
    stage.publisher._states[DeviceKind.CAMERA].since_s -= 1000
    stage.publisher.check(asyncio.get_running_loop().time())
    assert stage.now.camera_publication is Publication.DELAYED
    assert stage.rejoins == 0, "the SDK has its time"
    stage.publisher._states[DeviceKind.CAMERA].since_s -= 1000
    stage.publisher.check(asyncio.get_running_loop().time())
    assert stage.rejoins == 1


async def test_nothing_is_concluded_while_the_sdk_reconnects(stage: Stage) -> None:
    room = Room(lambda source: None)
    await stage.publish(room)
    room.connection_state = rtc.ConnectionState.CONN_RECONNECTING
    room.local_participant.track_publications.clear()
    stage.publisher.check(0.0)
    assert both(stage) == {Publication.PUBLISHED}


async def test_leaving_waits_for_what_is_being_published_but_not_for_another_try(stage: Stage) -> None:
    landing = asyncio.Event()
    publishing = asyncio.ensure_future(stage.publish(Room(lambda source: landing)))
    await until(lambda: both(stage) == {Publication.UNDERWAY}, "it is tried")
    await stage.scope.close()
    waiting = asyncio.ensure_future(stage.publisher.published(5))
    await asyncio.sleep(0)
    assert not waiting.done()
    landing.set()
    await asyncio.wait_for(waiting, 1)
    publishing.cancel()
