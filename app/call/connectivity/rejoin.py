"""Rejoins the room over a new connection when the old one is lost for good: as often and as long as it takes."""

import asyncio
import logging
import random
from collections.abc import Callable

from app.call.connectivity.link_monitor import LinkMonitor
from app.call.contract.call_state import EndReason, ReconnectCause
from app.call.contract.engine import CallCredentials, RefreshCredentials, RejoinRefused
from app.call.room.room_connection import JoinOutcome, RoomConnection
from app.call.room.room_session import Interruption, RoomSession
from app.call.state.machine import CallEvent

log = logging.getLogger(__name__)

REFRESH_LIMIT_S = 5.0
ATTEMPT_S = 4.0
"""For one attempt of the SDK, which makes four: so that a network that is back is found within seconds."""
PAUSES_S = (0.5, 1.0, 2.0, 4.0)
"""Between one connection that fails and the next; the last one for all further."""
_ENDS = {
    EndReason.ROOM_CLOSED: CallEvent.ROOM_CLOSED,
    EndReason.JOINED_ELSEWHERE: CallEvent.JOINED_ELSEWHERE,
    EndReason.CONNECTION_LOST: CallEvent.CONNECTION_LOST,
}


class Rejoiner:
    """`start` when a connection is lost. One connection at a time: a late one would evict the newer, for the server
    lets an identity in only once. Without an answer of the backend the credentials at hand are used for as long as they
    hold.
    """

    def __init__(
        self,
        session: RoomSession,
        monitor: LinkMonitor,
        credentials: CallCredentials,
        refresh: RefreshCredentials,
        close_connection: Callable[[RoomConnection], None],
        on_rejoined: Callable[[], object],
        on_end: Callable[[CallEvent], None],
    ) -> None:
        """`close_connection` takes a connection that is over, `on_rejoined` is called once a new one is connected."""
        self._session = session
        self._monitor = monitor
        self._credentials = credentials
        self._refresh = refresh
        self._close_connection = close_connection
        self._on_rejoined = on_rejoined
        self._on_end = on_end
        self._lost = asyncio.Event()

    def start(self) -> None:
        """Returns at once. Also while it is rejoining, or has just rejoined."""
        self._session.on_interrupted(Interruption.REJOIN)
        self._monitor.pause()
        self._lost.set()

    async def run(self) -> None:
        """For as long as the call lasts."""
        while True:
            await self._lost.wait()
            self._lost.clear()
            try:
                connected = await self._rejoin()
            except Exception:  # its supervisor starts this again, and then it must go on
                self._lost.set()
                raise
            if not connected:
                return
            self._session.on_restored(Interruption.REJOIN)
            self._monitor.resume()
            self._on_rejoined()

    async def _rejoin(self) -> bool:
        """Until a new connection is made; False when the call is over."""
        ended = self._session.status.ended
        attempts = 0
        while True:
            self._close_connection(self._session.replace_connection())
            try:
                backend_answers = await self._take_fresh_credentials()
            except RejoinRefused as over:
                if not ended.is_set():
                    self._on_end(_ENDS.get(over.reason, CallEvent.CONNECTION_LOST))
                return False
            outcome = await self._session.connection.connect(
                self._credentials.livekit_url, self._credentials.access_token, None, ended, ATTEMPT_S
            )
            if ended.is_set():
                return False
            if outcome is JoinOutcome.CONNECTED:
                return True
            self._explain(backend_answers)
            pause_s = PAUSES_S[min(attempts, len(PAUSES_S) - 1)]
            attempts += 1
            await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311  so that both sides do not try in step

    async def _take_fresh_credentials(self) -> bool:
        """Whether the backend gave some. Raises `RejoinRefused`."""
        try:
            self._credentials = await asyncio.wait_for(self._refresh(), REFRESH_LIMIT_S)
        except RejoinRefused:
            raise
        except Exception as error:  # whatever keeps the backend from answering, the credentials at hand may still do
            log.info("no fresh credentials (%s)", type(error).__name__)
            return False
        return True

    def _explain(self, backend_answers: bool) -> None:
        if backend_answers:
            self._session.set_reconnect_cause(ReconnectCause.SERVER_GONE)
        else:
            self._session.set_reconnect_cause(
                ReconnectCause.NO_ANSWER if self._monitor.has_network else ReconnectCause.NO_NETWORK
            )
