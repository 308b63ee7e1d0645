"""The client's side of a session, written by hand: takes what the session sends and answers as a client does."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgpack  # type: ignore[import-untyped]  # ships no types
from flet.controls.base_control import BaseControl
from flet.data_channel import DataChannel, _ProtocolMuxedDataChannel
from flet.messaging.connection import Connection
from flet.messaging.protocol import Message, MessageAction, configure_encode_object_for_msgpack
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

from app.state.core.sign_in import EarlySignIn

UNANSWERED = object()
"""As a reply: a dialog that stays open."""


class FakeConnection(Connection):
    """Takes what the session sends, encodes it as the real transports do, and answers calls to the client."""

    def __init__(self, replies: Mapping[str, object]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Flet's internals declare no types, here and below
        self.loop = asyncio.get_running_loop()
        self.executor = ThreadPoolExecutor(2)
        self.pubsubhub = PubSubHub(loop=self.loop, executor=self.executor)
        self.page_url, self.page_name = "http://test", ""
        self.early = EarlySignIn()
        self.sent: list[Message] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.packets: list[bytes] = []
        """What went over data channels; each is acknowledged as a frame that was drawn."""
        self._channels: dict[int, _ProtocolMuxedDataChannel] = {}
        self._replies = replies
        self._echoes: set[asyncio.Task[None]] = set()

    def attach(self, session: Session) -> None:
        self.session = session

    def send_message(self, message: Message) -> None:
        # encoding also takes the snapshot that the next difference is computed from
        encode = configure_encode_object_for_msgpack(BaseControl)  # type: ignore[no-untyped-call]  # as above
        msgpack.packb([message.action, message.body], default=encode)
        self.sent.append(message)
        if message.action == MessageAction.INVOKE_METHOD:
            self._answer(message.body)

    def get_upload_url(self, file_name: str, expires: int) -> str:
        return f"http://test/upload?f={file_name}&e={expires}"

    def data_channel_for(self, channel_id: int) -> DataChannel:
        return self._channels.setdefault(channel_id, _ProtocolMuxedDataChannel(channel_id, self))

    def send_data_channel_frame(self, channel_id: int, payload: bytes) -> None:
        self.packets.append(payload)
        self.loop.call_soon(self._channels[channel_id]._deliver, b"\xff")

    def _answer(self, call: Any) -> None:
        self.calls.append((call.name, call.args or {}))
        reply = self._replies.get(call.name)  # an exception stands for the client's error answer
        if reply is UNANSWERED:
            return
        if callable(reply):
            reply = reply(call.args or {})
        error, reply = (str(reply), None) if isinstance(reply, Exception) else (None, reply)
        self.loop.call_soon(self.session.handle_invoke_method_results, call.control_id, call.call_id, reply, error)
        if call.name == "push_route":  # browser and desktop hosts echo a route change
            echo = self.loop.create_task(self._echo_route((call.args or {}).get("route")))
            self._echoes.add(echo)
            echo.add_done_callback(self._echoes.discard)

    async def _echo_route(self, route: object) -> None:
        self.session.apply_page_patch({"route": route})
        await self.session.dispatch_event(self.session.page._i, "route_change", {"route": route})
