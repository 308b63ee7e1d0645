"""What the WebSocket of a tab does before and beside the app, without waking a task for it.

A tab asks once a second whether the server is there, and most tabs do nothing else: their "?" is answered here.
Pictures of a call are compressed already, and are sent as they are (RFC 7692 6: each message says whether it is
compressed). It stands on uvicorn's own protocol (0.54, `websockets_sansio_impl`).
"""

from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

ASK, ANSWER = b"?", Frame(Opcode.TEXT, b"!").serialize(mask=False)
DATA_CHANNEL = 1
"""The first byte of what Flet sends beside its own protocol (flet 1.0.5, `FletApp.send_data_channel_frame`)."""


class TabProtocol(WebSocketsSansIOProtocol):
    """For `uvicorn.Config(ws=)`. The app finds `let_go` in the connection's `state`."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._let_go = False

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["state"]["let_go"] = self.let_go

    def let_go(self) -> None:
        """The app waits no longer for a tab that may not even take what is sent: what it sends is refused from now on,
        and it receives the end. It can still close the connection.
        """
        self._let_go = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.writable.set()

    def handle_text(self, event: Frame) -> None:
        if not event.fin or bytes(event.data) != ASK:
            super().handle_text(event)
        elif self.writable.is_set() and self.handshake_complete and not self.close_sent:
            self.transport.write(ANSWER)  # none for a tab that takes nothing: it would be kept until it does

    async def send(self, message: Any) -> None:
        if message["type"] != "websocket.send":
            await super().send(message)
            return
        await self.writable.wait()
        if self._let_go:
            raise ClientDisconnected
        content = message.get("bytes")
        if not content or content[0] != DATA_CHANNEL or self.disconnected or self.close_sent:
            await super().send(message)
        else:
            self.transport.write(Frame(Opcode.BINARY, content).serialize(mask=False))
