"""What is said of the own tracks, and said again once the connection is back."""

from typing import Any, cast

import pytest
from livekit import rtc

from app.call.adaptation.video_adapter import VideoAdapter
from app.call.audio.pcm import RATE_HZ
from app.call.contract.devices import DeviceKind, VideoEncoder
from app.call.room.publishing import local_tracks
from app.call.room.publishing.local_tracks import LocalTracks, publish_options
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread
from tests.waiting import until

Said = list[tuple[str, bool]]


def muted(local: LocalTracks) -> tuple[bool, bool]:
    return local.is_muted(DeviceKind.CAMERA), local.is_muted(DeviceKind.MICROPHONE)


async def said_again(monkeypatch: pytest.MonkeyPatch, platform_source: bool, microphone_on: bool) -> Said:
    """(track, muted) of all that is said after a reconnecting, the camera having been switched off just before."""
    media, scope = EventLoopThread(), TaskScope()
    mute, said = local_tracks._mute, cast(Said, [])

    def note(track: Any, muted: bool) -> None:
        said.append((track.name, muted))
        mute(track, muted)

    async def speak() -> None:
        of_the_sdk = cast(Any, rtc.AudioSource(RATE_HZ, 1, loop=media.loop)) if platform_source else None
        local = LocalTracks(VideoAdapter(), media, scope, of_the_sdk)
        local.set_muted(microphone=not microphone_on, camera=True)
        monkeypatch.setattr(local_tracks, "_mute", note)
        local.resend_mute_state()
        await until(lambda: muted(local) == (True, not microphone_on), "it is said again")
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


async def test_another_attempt_has_a_track_of_its_own_that_is_muted_as_the_one_before() -> None:
    media, scope = EventLoopThread(), TaskScope()

    async def renew() -> tuple[bool, bool]:
        local = LocalTracks(VideoAdapter(), media, scope)
        local.set_muted(microphone=True, camera=False)
        for kind in (DeviceKind.MICROPHONE, DeviceKind.CAMERA):
            before = local._tracks[kind]
            local.renew(kind)
            assert local._tracks[kind] is not before, "the server never answers a second request for the same track"
        found = muted(local)
        await local.close()
        return found

    assert await media.run(renew()) == (False, True)
    media.stop()


@pytest.mark.parametrize(
    ("encoder", "codec", "backend"),
    [
        (VideoEncoder.SOFTWARE, "VP8", "ENCODER_BACKEND_SOFTWARE"),
        (VideoEncoder.HARDWARE, "H264", "ENCODER_BACKEND_HARDWARE"),
    ],
)
def test_the_camera_is_sent_in_the_codec_of_its_encoder(encoder: VideoEncoder, codec: str, backend: str) -> None:
    options = publish_options(DeviceKind.CAMERA, encoder)
    assert rtc.VideoCodec.Name(options.video_codec) == codec
    assert rtc.VideoEncoderBackend.Name(options.video_encoder) == backend
    assert not options.simulcast
    assert publish_options(DeviceKind.MICROPHONE, encoder).red
