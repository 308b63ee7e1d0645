"""What a person can try before a call: the connection, the speaker, and what is plugged in meanwhile."""

import asyncio
import sys
from dataclasses import dataclass

import flet as ft

from app.call.contract.call_state import CallSnapshot
from app.errors import AppError, Offline
from app.state.call.call_session import CallSession
from app.state.call.words.check_words import NO_BACKEND, TRYING, CheckWords, check_words

CHECK_EVERY_S = 3.0
LISTING_IS_CHEAP = sys.platform == "linux"
"""Elsewhere listing opens each camera and restarts PortAudio: menus list when they are opened instead."""


@ft.observable
@dataclass(eq=False)
class CallCheck:
    """Belongs to the page before the call; the engine is the call's."""

    call: CallSession
    connection: CheckWords | None = None
    trying: bool = False
    sounding: bool = False
    sound_failed: bool = False

    async def run(self) -> None:
        """Once the preview is open: tries the connection, then follows what is plugged in and out."""
        await self.call.prepared.wait()
        await self.try_connection()
        while LISTING_IS_CHEAP:
            await asyncio.sleep(CHECK_EVERY_S)
            await self.call.load_devices()

    async def try_connection(self) -> None:
        """Joins a room of one's own for a moment. Never raises: what went wrong is in `connection`."""
        engine = self.call.engine
        if self.trying or engine is None:
            return
        self.trying, self.connection = True, TRYING
        try:
            way = await self.call.services.api.call_check()
            found = check_words(await engine.check_connection(way.livekit_url, way.access_token))
        except AppError as error:
            silent = isinstance(error, Offline) and error.silent
            found = NO_BACKEND if silent else CheckWords("bad", "Your connection could not be tested.", error.detail)
        finally:
            self.trying = False
        self.connection = found

    async def play_sound(self) -> None:
        """The chime from the chosen speaker."""
        engine = self.call.engine
        if self.sounding or engine is None:
            return
        self.sounding, self.sound_failed = True, False
        try:
            self.sound_failed = not await engine.play_test_tone()
        finally:
            self.sounding = False


def sound_may_be_tried(snapshot: CallSnapshot) -> bool:
    """Whether the speaker takes sound now."""
    return snapshot.speaker.working
