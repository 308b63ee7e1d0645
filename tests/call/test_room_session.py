"""What a room session makes of messages and of its peer, without a server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from app.call.contract.call_state import CallState
from app.call.contract.encryption import Encryption
from app.call.contract.engine import CallLimits
from app.call.room.remote_peer import LEFT_ON_PURPOSE
from app.call.room.room_connection import RoomConnection
from app.call.room.room_session import Interruption, RoomSession
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread
from app.call.state.machine import CallEvent
from app.call.state.store import CallStatus, SnapshotStore
from app.call.video.latest_frame import LatestFrame

_S = CallState


class Stage:
    """A session in a room that never connects, and who is in it."""

    def __init__(self, session: RoomSession, there: dict[str, Any], rejoins: list[bool]) -> None:
        """`rejoins`: whether each new connection that was asked for is to be encrypted."""
        self.session, self.there, self.rejoins = session, there, rejoins

    def encryption(self) -> Encryption:
        return self.session.status.store.snapshot.encryption

    def state(self) -> CallState:
        return self.session.status.state

    def comes(self, identity: str = "ben", sid: str = "PA_1", attributes: dict[str, str] | None = None) -> Any:
        """Somebody with a camera; the room's event follows."""
        camera = SimpleNamespace(source=rtc.TrackSource.SOURCE_CAMERA, muted=False, sid="TR_1")
        one = self.there[identity] = SimpleNamespace(
            identity=identity,
            name="",
            sid=sid,
            kind=rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD,
            attributes=attributes or {},
            track_publications={"TR_1": camera},
            disconnect_reason=None,
        )
        self.session._peer_changed(cast(Any, one))
        return one

    def goes(self, identity: str = "ben", reason: int | None = None) -> None:
        one = self.there.pop(identity)
        one.disconnect_reason = reason
        self.session._peer_disconnected(cast(Any, one))


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    there: dict[str, Any] = {}
    monkeypatch.setattr(rtc.Room, "remote_participants", property(lambda room: there))
    status, audio_loop = CallStatus(SnapshotStore(), lambda: datetime.now(UTC)), EventLoopThread("call-audio")
    scope, limits = TaskScope(), CallLimits(peer_grace_s=0.1)
    rejoins: list[bool] = []

    def rejoin() -> None:
        rejoins.append(session.encryption.on)

    session = RoomSession(
        status, limits, scope, None, audio_loop, LatestFrame(), LatestFrame(), lambda event: None, "k" * 43, rejoin
    )
    status.post(CallEvent.JOIN_STARTED)
    session.on_joined()
    yield Stage(session, there, rejoins)
    await session.close()
    await scope.close()
    audio_loop.stop()


def packet(topic: str) -> Any:
    return SimpleNamespace(topic=topic, data=b"1", participant=None)


async def test_every_subscriber_of_a_topic_gets_its_messages_and_nobody_elses(stage: Stage) -> None:
    first: list[Any] = []
    second: list[Any] = []
    other: list[Any] = []
    stage.session.subscribe_messages("chat", first.append)
    unsubscribe = stage.session.subscribe_messages("chat", second.append)
    stage.session.subscribe_messages("video", other.append)
    stage.session._message_received(packet("chat"))
    assert (len(first), len(second), len(other)) == (1, 1, 0)
    unsubscribe()
    unsubscribe()
    stage.session._message_received(packet("chat"))
    assert (len(first), len(second)) == (2, 1)
    stage.session._message_received(packet("unknown"))


async def test_a_peer_who_comes_and_leaves_on_purpose_is_waited_for_without_a_grace(stage: Stage) -> None:
    assert stage.state() is _S.WAITING
    stage.comes()
    assert stage.state() is _S.IN_CALL
    assert stage.session.peer.present is not None
    stage.goes(reason=LEFT_ON_PURPOSE)
    assert stage.state() is _S.WAITING
    assert stage.session.peer.present is None
    assert stage.session.status.store.snapshot.peer is not None, "their name is still known"


async def test_a_peer_who_is_lost_has_a_grace_and_then_is_waited_for(stage: Stage) -> None:
    stage.comes()
    stage.goes()
    assert stage.state() is _S.PEER_RECONNECTING
    await asyncio.sleep(0.3)
    assert stage.state() is _S.WAITING


async def test_a_silent_peer_is_only_away_while_the_server_counts_them_in(stage: Stage) -> None:
    stage.comes()
    stage.session.peer.on_silence(True)
    assert stage.state() is _S.PEER_RECONNECTING
    await asyncio.sleep(0.3)
    assert stage.state() is _S.PEER_RECONNECTING, "the grace is over, and they are still in the room"
    stage.session.peer.on_silence(False)
    assert stage.state() is _S.IN_CALL
    stage.session.peer.on_silence(True)
    await asyncio.sleep(0.3)
    stage.goes()
    assert stage.state() is _S.WAITING, "their grace was over already"


async def test_a_silence_ends_with_what_they_publish_but_not_with_our_own_resubscription(stage: Stage) -> None:
    ben = stage.comes()
    stage.session.peer.on_silence(True)
    track = SimpleNamespace(sid="TR_1", kind=None)
    stage.session.remote.add = lambda *_: None  # type: ignore[method-assign]  # no stream without a server
    stage.session._track_subscribed(
        cast(Any, track), SimpleNamespace(source=0, sid="TR_1", encryption_type=rtc.EncryptionType.GCM), ben
    )
    assert stage.state() is _S.PEER_RECONNECTING
    stage.session._peer_changed(ben)
    assert stage.state() is _S.IN_CALL


async def test_a_leave_that_is_announced_before_the_server_says_who_is_there_counts_for_that_join_only(
    stage: Stage,
) -> None:
    stage.session._peer_announced_leave("ben", frozenset({"PA_1"}))
    stage.comes(sid="PA_1")
    assert stage.state() is _S.WAITING
    stage.there.clear()
    stage.comes(sid="PA_2")
    assert stage.state() is _S.IN_CALL


async def test_what_the_peer_did_while_this_side_was_cut_off_counts_when_it_is_back(stage: Stage) -> None:
    stage.comes()
    stage.session.on_interrupted(Interruption.SDK)
    stage.goes(reason=LEFT_ON_PURPOSE)
    assert stage.state() is _S.RECONNECTING
    stage.session.on_restored(Interruption.SDK)
    assert stage.state() is _S.WAITING
    stage.session.on_interrupted(Interruption.STALL)
    stage.comes()
    assert stage.state() is _S.RECONNECTING
    stage.session.on_restored(Interruption.STALL)
    assert stage.state() is _S.IN_CALL


async def test_a_stall_that_is_over_does_not_end_a_reconnect_of_the_sdk(stage: Stage) -> None:
    stage.session.on_interrupted(Interruption.STALL)
    stage.session.on_interrupted(Interruption.SDK)
    stage.session.on_restored(Interruption.STALL)
    assert stage.state() is _S.RECONNECTING
    restorations = stage.session.restorations
    stage.session.on_restored(Interruption.SDK)
    assert stage.state() is _S.WAITING
    assert stage.session.restorations == restorations + 1


async def test_somebody_else_is_not_taken_for_the_peer_while_they_are_here(stage: Stage) -> None:
    stage.comes("ben")
    stage.comes("mallory", sid="PA_9")
    assert stage.session.peer.state is not None
    assert stage.session.peer.state.identity == "ben"


async def test_what_a_peer_says_of_encryption_is_shown_and_leads_to_another_connection(stage: Stage) -> None:
    stage.comes()
    assert stage.encryption() is Encryption.ON
    stage.comes(attributes={"cannot_encrypt": "yes"})
    assert stage.encryption() is Encryption.ASKING
    stage.session.encryption.answer(goes_on_without=True)
    assert (stage.encryption(), stage.rejoins) == (Encryption.WAITING, [])
    stage.comes(attributes={"cannot_encrypt": "yes", "unencrypted": "yes"})
    assert (stage.encryption(), stage.rejoins) == (Encryption.OFF, [False])


async def test_tracks_that_do_not_fit_are_not_read(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(stage.session.remote, "add", lambda track, source: read.append(track.sid))
    one = stage.comes()
    for sid, kind in {"TR_plain": rtc.EncryptionType.NONE, "TR_closed": rtc.EncryptionType.GCM}.items():
        publication = SimpleNamespace(sid=sid, source=rtc.TrackSource.SOURCE_CAMERA, encryption_type=kind)
        stage.session._track_subscribed(cast(Any, SimpleNamespace(sid=sid)), publication, one)
    assert read == ["TR_closed"]


async def test_a_connection_that_is_not_made_yet_has_no_counters() -> None:
    """The SDK raises for its participant until then, and a connection that comes again is watched all the while."""
    assert await RoomConnection({}).counters(1.0) is None
