"""Back into the room over a new connection, when the old one is lost for good: as often and as long as it takes."""

import asyncio
import logging
import random
from collections.abc import Callable

from app.call.connectivity.link_monitor import LinkWatch
from app.call.contract.call_state import EndReason, LinkTrouble
from app.call.contract.engine import CallCredentials, NoWayBack, Renew
from app.call.room.room_connection import JoinOutcome, RoomLink
from app.call.room.room_session import InRoom
from app.call.state.machine import CallEvent

log = logging.getLogger(__name__)

RENEW_LIMIT_S = 5.0
ATTEMPT_S = 4.0
"""For one attempt of the SDK, which makes four: so that a network that is back is found within seconds."""
PAUSES_S = (0.5, 1.0, 2.0, 4.0)
"""Between one connection that fails and the next; the last one for all further."""
_ENDS = {EndReason.ROOM_CLOSED: CallEvent.ROOM_CLOSED, EndReason.CONNECTION_LOST: CallEvent.LINK_LOST}


class WayBack:
    """`begin` when a link is lost. One connection at a time: a late one would put out the newer, for the server lets an
    identity in only once. Without an answer of the backend the credentials at hand are used for as long as they hold.
    """

    def __init__(
        self,
        in_room: InRoom,
        watch: LinkWatch,
        credentials: CallCredentials,
        renew: Renew,
        give_up: Callable[[RoomLink], None],
        back: Callable[[], object],
        on_end: Callable[[CallEvent], None],
    ) -> None:
        """`give_up` takes a link that is over, `back` is called once a new one is connected."""
        self._in_room = in_room
        self._watch = watch
        self._credentials = credentials
        self._renew = renew
        self._give_up = give_up
        self._back = back
        self._on_end = on_end
        self._lost = asyncio.Event()

    def begin(self) -> None:
        """Returns at once. Also while a way back is being looked for, or was just found."""
        self._in_room.interrupted("relink")
        self._watch.pause()
        self._lost.set()

    async def run(self) -> None:
        """For as long as the call lasts."""
        while True:
            await self._lost.wait()
            self._lost.clear()
            if not await self._find():
                return
            self._in_room.restored("relink")
            self._watch.go_on()
            self._back()

    async def _find(self) -> bool:
        """Until a link is connected; False when the call is over."""
        ended = self._in_room.progress.ended
        attempts = 0
        while True:
            self._give_up(self._in_room.relink())
            try:
                backend_answers = await self._take_fresh_credentials()
            except NoWayBack as over:
                if not ended.is_set():
                    self._on_end(_ENDS.get(over.reason, CallEvent.LINK_LOST))
                return False
            outcome = await self._in_room.link.connect(
                self._credentials.livekit_url, self._credentials.access_token, None, ended, ATTEMPT_S
            )
            if ended.is_set():
                return False
            if outcome is JoinOutcome.CONNECTED:
                return True
            self._explain(backend_answers)
            pause_s = PAUSES_S[min(attempts, len(PAUSES_S) - 1)]
            attempts += 1
            await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311  both sides shall not knock in step

    async def _take_fresh_credentials(self) -> bool:
        """Whether the backend gave some. Raises `NoWayBack`."""
        try:
            self._credentials = await asyncio.wait_for(self._renew(), RENEW_LIMIT_S)
        except NoWayBack:
            raise
        except Exception as error:  # whatever keeps the backend from answering, the credentials at hand may still do
            log.info("no fresh credentials (%s)", type(error).__name__)
            return False
        return True

    def _explain(self, backend_answers: bool) -> None:
        if backend_answers:
            self._in_room.explain(LinkTrouble.SERVER_GONE)
        else:
            self._in_room.explain(LinkTrouble.NO_ANSWER if self._watch.has_network else LinkTrouble.NO_NETWORK)
