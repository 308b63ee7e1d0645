"""What is said of the own tracks, and said again once the connection is back."""

from typing import Any, cast

import pytest
from livekit import rtc

from app.call.adaptation.video_adapter import VideoAdapter
from app.call.audio.pcm import RATE_HZ
from app.call.room import publisher as local_media
from app.call.room.publisher import LocalTrackPublisher
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread
from tests.waiting import until

Said = list[tuple[str, bool]]


async def said_again(monkeypatch: pytest.MonkeyPatch, platform_source: bool, microphone_on: bool) -> Said:
    """(track, muted) of all that is said after a reconnecting, the camera having been switched off just before."""
    media, scope = EventLoopThread(), TaskScope()
    mute, said = local_media._mute, cast(Said, [])

    def note(track: Any, muted: bool) -> None:
        said.append((track.name, muted))
        mute(track, muted)

    async def speak() -> None:
        of_the_sdk = cast(Any, rtc.AudioSource(RATE_HZ, 1, loop=media.loop)) if platform_source else None
        local = LocalTrackPublisher(VideoAdapter(), media, scope, of_the_sdk)
        local.set_muted(microphone=not microphone_on, camera=True)
        monkeypatch.setattr(local_media, "_mute", note)
        local.resend_mute_state()
        await until(lambda: local.camera.muted and local.microphone.muted is not microphone_on, "it is said again")
        await local.close()

    await media.run(speak())
    media.stop()
    return said


async def test_what_has_just_been_muted_is_said_again_and_stays_muted(monkeypatch: pytest.MonkeyPatch) -> None:
    said = await said_again(monkeypatch, platform_source=False, microphone_on=False)
    assert said == [("microphone", False), ("camera", False), ("microphone", True), ("camera", True)]


async def test_what_has_not_changed_is_not_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    said = await said_again(monkeypatch, platform_source=False, microphone_on=True)
    assert said == [("camera", False), ("camera", True)]


async def test_a_muted_microphone_that_the_sdk_itself_records_is_not_opened_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = await said_again(monkeypatch, platform_source=True, microphone_on=False)
    assert said == [("camera", False), ("camera", True)]
