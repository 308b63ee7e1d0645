"""Watches a call's connection by what really arrives, whatever the SDK says, and decides when it is given up."""

import asyncio
import time
from collections.abc import Callable

from app.call.adaptation.controller import PictureCare
from app.call.connectivity.host import Destination, Slumber
from app.call.contract.call_state import CallState, LinkTrouble
from app.call.contract.engine import CallLimits
from app.call.room.remote_peer import Presence
from app.call.room.resubscribe import Retaking
from app.call.room.room_connection import word_for
from app.call.room.room_session import CAMERA, MICROPHONE, InRoom
from app.call.room.video_constraints import PictureWishes
from app.call.stats.quality_monitor import QualityWatch
from app.call.stats.samples import Counts
from app.call.stats.stall_detector import LOOK_EVERY_S, Arrived

COUNTS_LIMIT_S = 1.0
QUALITY_EVERY_S = 1.0
LONG_SLEEP_S = 15.0
"""After so long the server has most likely counted this side out."""
SLEEP_REMEMBERED_S = 30.0


class LinkWatch:
    """Runs while the call is in its room. `on_lost`: this link will not come back, as far as patience goes."""

    def __init__(
        self,
        in_room: InRoom,
        quality: QualityWatch,
        care: PictureCare,
        wishes: PictureWishes,
        url: str,
        limits: CallLimits,
        may_rejoin: bool,
        on_lost: Callable[[], None],
    ) -> None:
        self._in_room = in_room
        self._quality = quality
        self._care = care
        self._wishes = wishes
        self._url = url
        self._may_rejoin = may_rejoin
        self._patience_s = limits.rejoin_after_s if may_rejoin else limits.reconnect_s
        self._on_lost = on_lost
        self._paused = False
        self._slumber = Slumber()
        self._woke_at_s, self._slept_s = 0.0, 0.0
        self._arrived = Arrived()
        self._quality_at_s = 0.0
        self._server = Destination()
        self._address: str | None = None
        self._cut_off_at_s: float | None = None
        self._retaking = Retaking()

    async def run(self) -> None:
        finding = asyncio.get_running_loop().create_task(self._find_server(), name="looking the server up")
        try:
            while self._in_room.progress.in_room:
                await asyncio.sleep(LOOK_EVERY_S)
                await self._look()
        finally:
            finding.cancel()

    async def _find_server(self) -> None:
        """Beside the looks: a name server may take its time."""
        self._server = await Destination.of(self._url)
        self._address = self._server.own_address()

    def pause(self) -> None:
        """A new link is being made: there is nothing to look at, and for the report it is an interruption."""
        if not self._paused:
            self._paused, self._quality_at_s = True, 0.0
            self._note_quality(None)

    def go_on(self) -> None:
        """With the new link."""
        self._paused = False
        self._address = self._server.own_address()
        self._cut_off_at_s = None

    @property
    def has_network(self) -> bool:
        return self._server.own_address() is not None

    async def _look(self) -> None:
        watch, progress = self._in_room.watch, self._in_room.progress
        if slept_s := self._slumber.note(time.monotonic(), time.time()):
            self._slept_s, self._woke_at_s = slept_s, time.monotonic()
            watch.excuse()
        link = self._in_room.link
        counts = await link.counts(COUNTS_LIMIT_S)
        if self._paused or link is not self._in_room.link or not progress.in_room:
            return
        if counts is not None:
            self._arrived = Arrived(counts.heard, counts.sound_packets, self._in_room.remote.pictures_read)
        self._note_quality(counts)
        self._wishes.tell()
        own, other = progress.board.snapshot, self._in_room.other.known
        watch.look(
            time.monotonic(),
            self._arrived,
            sending=own.camera.sends or own.microphone.sends,
            microphone_on=other is not None and other.microphone_on,
            camera_on=other is not None and other.camera_on and self._care.watched,
        )
        if watch.link_silent:
            self._in_room.interrupted("watch")
        else:
            self._in_room.restored("watch")
            self._note_other()
        self._judge()

    def _note_quality(self, counts: Counts | None) -> None:
        """From the same reading, once a second."""
        if time.monotonic() - self._quality_at_s < QUALITY_EVERY_S:
            return
        self._quality_at_s = time.monotonic()
        room, presence = self._in_room.room, self._in_room.other.presence
        other = self._in_room.other.find(room) if presence is Presence.HERE else None
        own_word, other_word = word_for(room.local_participant), word_for(other) if other else None
        self._quality.note(counts, own_word, other_word, self._care.watched)

    def _note_other(self) -> None:
        state, silent = self._in_room.progress.state, self._in_room.watch.other_silent
        self._in_room.show_other()
        if state is CallState.IN_CALL and silent:
            self._in_room.other_vanished()
        elif state is CallState.OTHER_RECONNECTING and not silent:
            self._in_room.other_is_heard()
        self._take_again()

    def _take_again(self) -> None:
        watch = self._in_room.watch
        stopped = [CAMERA] * watch.picture_stopped + [MICROPHONE] * watch.sound_stopped
        if (take := self._retaking.look(time.monotonic(), bool(stopped))) is not None:
            for source in stopped:
                self._in_room.subscribe_again(source, take)

    def _judge(self) -> None:
        """While cut off: why, as far as can be told, and whether to wait any longer."""
        now_s = time.monotonic()
        if self._in_room.progress.state is not CallState.RECONNECTING:
            if self._cut_off_at_s is not None:
                self.go_on()
            return
        if self._cut_off_at_s is None:
            self._cut_off_at_s = now_s
        address = self._server.own_address()
        slept_s = self._slept_s if now_s - self._woke_at_s < SLEEP_REMEMBERED_S else 0.0
        self._in_room.explain(trouble_of(address, self._address, slept_s))
        hopeless = is_hopeless(address, self._address, slept_s)
        in_a_hurry = self._may_rejoin and self._in_room.watch.link_silent and hopeless
        if in_a_hurry or now_s - self._cut_off_at_s > self._patience_s:
            self._on_lost()


def trouble_of(address: str | None, before: str | None, slept_s: float) -> LinkTrouble:
    """Why nothing comes, from the own address towards the server, now and `before`, and a sleep just over."""
    if address is None and before is not None:
        return LinkTrouble.NO_NETWORK
    if address != before:
        return LinkTrouble.NETWORK_CHANGED
    return LinkTrouble.SLEPT if slept_s else LinkTrouble.NO_ANSWER


def is_hopeless(address: str | None, before: str | None, slept_s: float) -> bool:
    """Whether a silent connection will stay so, while a new one may be had: there is no point in patience."""
    return address is not None and (address != before or slept_s > LONG_SLEEP_S)
