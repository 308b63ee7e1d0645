"""One end of a measured video: the SDK alone, told what to do by one JSON line, telling what it measured by another.

Times are time.monotonic(), which all processes of a Linux machine share.
"""

import asyncio
import time
from typing import Any

import cv2
import numpy as np
from livekit import rtc

from benchmarks.sdk_client import take_part
from tests.stage.video_file import BITS, numbered_frame

WARM_UP_S = 4.0
DISTINCT = 240
"""Frames made beforehand and sent in turn, so that making them is not what is measured."""


def picture(number: int, width: int, height: int) -> Any:
    """BGR: the numbered frame, with the grain that a webcam has, or the encoder would have nothing to do."""
    rng = np.random.default_rng(number % 16)
    grain = rng.normal(0, 3, (height, width, 1)).astype(np.float32)
    frame = numbered_frame(number, width, height).astype(np.float32)
    return (frame + grain).clip(0, 255).astype(np.uint8)


def number_in_luma(width: int, height: int, i420: Any) -> int:
    row = i420[(height // 2) * width : (height // 2 + 1) * width]
    return int(sum(1 << bit for bit in range(BITS) if row[(2 * bit + 1) * width // (2 * BITS)] > 128))


async def publish(room: rtc.Room, told: dict[str, Any]) -> dict[str, Any]:
    width, height, rate_hz = told["width"], told["height"], told["rate_hz"]
    frames = [cv2.cvtColor(picture(number, width, height), cv2.COLOR_BGR2YUV_I420) for number in range(DISTINCT)]
    source = rtc.VideoSource(width, height)
    track = rtc.LocalVideoTrack.create_video_track("camera", source)
    options = rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_CAMERA,
        simulcast=told["simulcast"],
        video_codec=rtc.VideoCodec.Value(told["codec"]),
        video_encoder=rtc.VideoEncoderBackend.Value(
            f"ENCODER_BACKEND_{'HARDWARE' if told['hardware'] else 'SOFTWARE'}"
        ),
        video_encoding=rtc.VideoEncoding(max_bitrate=told["bits"], max_framerate=rate_hz),
    )
    await room.local_participant.publish_track(track, options)
    sent: dict[int, float] = {}
    begun = time.monotonic()
    cpu = measured_from = 0.0
    count = 0
    while time.monotonic() - begun < WARM_UP_S + told["seconds"]:
        if not measured_from and time.monotonic() - begun > WARM_UP_S:
            cpu, measured_from = time.process_time(), time.monotonic()
        number = count % DISTINCT
        if measured_from:
            sent[count] = time.monotonic()
        source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, frames[number].data))
        count += 1
        await asyncio.sleep(max(0.0, begun + count / rate_hz - time.monotonic()))
    used = (time.process_time() - cpu) / (time.monotonic() - measured_from)
    stats = await room.get_rtc_stats()
    said = [each.outbound_rtp for each in stats.publisher_stats if each.WhichOneof("stats") == "outbound_rtp"]
    encoders = {each.outbound.encoder_implementation for each in said}
    kbit = sum(each.sent.bytes_sent for each in said) * 8 / 1000 / (time.monotonic() - begun)
    return {"cpu": used, "sent": {str(key): at for key, at in sent.items()}, "kbit": kbit, "encoders": sorted(encoders)}


async def receive(room: rtc.Room, told: dict[str, Any]) -> dict[str, Any]:
    tracks: asyncio.Queue[rtc.RemoteTrack] = asyncio.Queue()
    room.on("track_subscribed", lambda track, publication, participant: tracks.put_nowait(track))
    for participant in room.remote_participants.values():
        for publication in participant.track_publications.values():
            if publication.track is not None:
                tracks.put_nowait(publication.track)
    stream = rtc.VideoStream(await tracks.get(), capacity=1, format=rtc.VideoBufferType.I420)
    begun = time.monotonic()
    seen: list[tuple[int, float]] = []
    quality: list[float] = []
    cpu = measured_from = 0.0
    size = (0, 0)
    async for event in stream:
        now = time.monotonic()
        if not measured_from and now - begun > WARM_UP_S:
            cpu, measured_from = time.process_time(), now
        frame = event.frame
        pixels = np.frombuffer(frame.data, np.uint8)
        number = number_in_luma(frame.width, frame.height, pixels)
        size = (frame.width, frame.height)
        if measured_from:
            seen.append((number, now))
        if measured_from and now - measured_from > told["seconds"] - 1:
            break
    used = (time.process_time() - cpu) / (time.monotonic() - measured_from)
    async for event in stream:  # the likeness costs more than the receiving: after what is measured
        frame = event.frame
        luma = np.frombuffer(frame.data, np.uint8)[: frame.width * frame.height].reshape(frame.height, frame.width)
        number = number_in_luma(frame.width, frame.height, luma.reshape(-1))
        own = cv2.cvtColor(picture(number, told["width"], told["height"]), cv2.COLOR_BGR2GRAY)
        quality.append(cv2.PSNR(cv2.resize(luma, (told["width"], told["height"])), own))
        if len(quality) == 5:
            break
    return {"cpu": used, "seen": seen, "psnr_db": float(np.median(quality)), "size": size}


asyncio.run(take_part(publish, receive))
