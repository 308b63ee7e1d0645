"""The system's own audio (`rtc.PlatformAudio`): by choice, and as the way out where PortAudio is missing.

It is one for a whole process, so each person here has a process of their own.
"""

import asyncio
import os
from pathlib import Path

from app.call.contract.devices import AudioBackend
from tests.live.peers import Peer
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards, speech_like
from tests.stage.tokens import credentials
from tests.waiting import until


async def test_a_call_over_the_systems_audio_is_heard_both_ways_and_mutes(
    server: LivekitServer, room: str, videos: tuple[Path, Path], cards: SoundCards
) -> None:
    anna = Peer(credentials(server, room, "anna"), videos[0], cards, "a", sound=AudioBackend.PLATFORM)
    ben = Peer(credentials(server, room, "ben"), videos[1], cards, "b")
    ears = {card: cards.listen(f"spk_{card}") for card in "ab"}
    mouths = [cards.say(card, speech_like(120)) for card in "ab"]
    try:
        await until(lambda: anna.said.get("state") == ben.said.get("state") == "in_call", "both are in the call")
        assert anna.said["audio_backend"] == AudioBackend.PLATFORM
        assert anna.said["microphone"]
        await until(lambda: ears["b"].loudness(0.5) > 500, "Ben hears Anna")
        await until(lambda: ears["a"].loudness(0.5) > 500, "Anna hears Ben")
        anna.tell("mute")
        await until(lambda: ben.said["other"] and not ben.said["other"]["microphone_on"], "Ben sees that she is muted")
        await until(lambda: ears["b"].loudness(0.5) < 50, "and hears nothing")
        anna.tell("unmute")
        await until(lambda: ears["b"].loudness(0.5) > 500, "and hears her again")
        anna.tell("leave")
        assert await asyncio.to_thread(anna.process.wait, 20) == 0
    finally:
        for mouth in mouths:
            mouth.terminate()
        for ear in ears.values():
            ear.close()
        anna.close()
        ben.close()


async def test_the_systems_audio_takes_over_where_portaudio_is_missing(
    server: LivekitServer, room: str, videos: tuple[Path, Path], cards: SoundCards, tmp_path: Path
) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    anna = Peer(credentials(server, room, "anna"), videos[0], cards, "a", environment={"PYTHONPATH": path})
    try:
        await until(lambda: anna.said.get("state") == "waiting", "Anna is in the room")
        assert anna.said["audio_backend"] == AudioBackend.PLATFORM
        assert anna.said["microphone"]
        assert anna.said["speaker"]
    finally:
        anna.close()
