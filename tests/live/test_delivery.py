"""livekit 1.2.1 now and then decodes a track and hands nothing over: it is subscribed to again within seconds."""

import logging

import pytest
from livekit import rtc

from app.call.room.sdk_private import _filter_further
from tests.live.conftest import MakeSide
from tests.live.sides import ANNA_NUMBERS, BEN_NUMBERS, both_in_call


@pytest.fixture
def deaf_streams(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first stream of video and of audio is never given anything, as if the SDK's track had no sink."""
    deaf: list[str] = []

    def first_is_deaf(kind: type[rtc.VideoStream] | type[rtc.AudioStream]) -> None:
        def make(*arguments: object, **named: object) -> object:
            stream = kind(*arguments, **named)  # type: ignore[arg-type]  # handed on as they come
            if kind.__name__ not in deaf:
                deaf.append(kind.__name__)
                _filter_further(stream._ffi_queue, lambda event: False)
            return stream

        monkeypatch.setattr(rtc, kind.__name__, make)

    first_is_deaf(rtc.VideoStream)
    first_is_deaf(rtc.AudioStream)
    return deaf


async def test_what_is_decoded_and_not_handed_over_is_subscribed_to_again(
    side: MakeSide, deaf_streams: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    anna, ben = await side("anna"), await side("ben")
    with caplog.at_level(logging.WARNING, "app.call.connectivity.link_monitor"):
        await both_in_call(anna, ben)
        await anna.seen(BEN_NUMBERS)
        await ben.seen(ANNA_NUMBERS)
    assert sorted(deaf_streams) == ["AudioStream", "VideoStream"]
    assert any("not handed over" in record.message for record in caplog.records)
