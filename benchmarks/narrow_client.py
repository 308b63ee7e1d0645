"""One end of a call over a measured wire: the SDK alone, told what to do by one JSON line, answering with another.

The sender gives a webcam's frames and speech, the receiver takes both. Times are time.monotonic(), which all
processes of a Linux machine share. The frames lie in a file as I420, made beforehand: making them is not what is
measured.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from benchmarks.sdk_client import take_part
from tests.stage.sound_cards import RATE_HZ, speech_like
from tests.stage.webcam import DISTINCT, number_of

LIKENESS_EVERY = 10
"""Frames; of these the likeness is taken, after what is measured."""
BLOCK = RATE_HZ // 100
Pixels = NDArray[np.uint8]


class Original:
    """The frames as they are given to the encoder."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.width, self.height = told["width"], told["height"]
        self.rate_hz = told["rate_hz"]
        shape = (DISTINCT, self.height * 3 // 2, self.width)
        self.i420: Pixels = np.memmap(told["pictures"], np.uint8, "r", shape=shape)

    def psnr_db(self, number: int, luma: Pixels) -> float:
        """Of a frame that came, brought to the original's size as a tile of that size would show it. WebRTC cuts the
        edges off where a smaller size has not quite the same form: only what is left is compared.
        """
        height, width = luma.shape
        scale = max(height / self.height, width / self.width)
        rows, columns = round(height / scale), round(width / scale)
        top, left = (self.height - rows) // 2, (self.width - columns) // 2
        original = self.i420[number, top : top + rows, left : left + columns]
        return float(cv2.PSNR(cv2.resize(luma, (columns, rows)), np.ascontiguousarray(original)))


def picture_options(told: dict[str, Any]) -> rtc.TrackPublishOptions:
    options = rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_CAMERA,
        simulcast=False,
        video_encoding=rtc.VideoEncoding(max_bitrate=told["bits"], max_framerate=told["rate_hz"]),
    )
    if told["preference"]:
        options.degradation_preference = getattr(rtc.DegradationPreference, told["preference"]).value
    return options


def voice_options(told: dict[str, Any]) -> rtc.TrackPublishOptions:
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    if told["red"] is not None:
        options.red = told["red"]
    return options


async def send_pictures(room: rtc.Room, told: dict[str, Any], sent: dict[int, float]) -> None:
    original = Original(told)
    source = rtc.VideoSource(original.width, original.height)
    track = rtc.LocalVideoTrack.create_video_track("camera", source)
    await room.local_participant.publish_track(track, picture_options(told))
    begun, count = time.monotonic(), 0
    while True:
        pixels = original.i420[count % DISTINCT]
        sent[count] = time.monotonic()
        i420 = rtc.VideoBufferType.I420
        source.capture_frame(rtc.VideoFrame(original.width, original.height, i420, pixels.tobytes()))
        count += 1
        await asyncio.sleep(max(0.0, begun + count / original.rate_hz - time.monotonic()))


async def send_speech(room: rtc.Room, told: dict[str, Any]) -> None:
    source = rtc.AudioSource(RATE_HZ, 1, queue_size_ms=0)
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    await room.local_participant.publish_track(track, voice_options(told))
    speech = speech_like(10)
    begun, count = time.monotonic(), 0
    while True:
        begin = count * BLOCK % (len(speech) - BLOCK)
        frame = rtc.AudioFrame(speech[begin : begin + BLOCK].tobytes(), RATE_HZ, 1, BLOCK)
        await source.capture_frame(frame)
        count += 1
        await asyncio.sleep(max(0.0, begun + count / 100 - time.monotonic()))


async def publish(room: rtc.Room, told: dict[str, Any]) -> dict[str, Any]:
    sent: dict[int, float] = {}
    sending = [asyncio.ensure_future(send_speech(room, told))]
    if told["pictures"]:
        sending.append(asyncio.ensure_future(send_pictures(room, told, sent)))
    await asyncio.sleep(told["warm_up_s"])
    cpu, begun, before = time.process_time(), time.monotonic(), await outbound(room)
    await asyncio.sleep(told["seconds"])
    took_s = time.monotonic() - begun
    used, after = (time.process_time() - cpu) / took_s, await outbound(room)
    for task in sending:
        if task.done():
            task.result()
    kbit = {kind: round((after[kind] - before.get(kind, 0)) * 8 / 1000 / took_s) for kind in after}
    await asyncio.sleep(told["warm_up_s"] / 2)  # the receiver began later
    for task in sending:
        task.cancel()
    return {"cpu": used, "sent": {str(count): at for count, at in sent.items()}, "kbit": kbit}


async def outbound(room: rtc.Room) -> dict[str, int]:
    """Bytes sent for each kind, headers of RTP and all that is sent again counted in."""
    stats = (await room.get_rtc_stats()).publisher_stats
    sent: dict[str, int] = {}
    for each in stats:
        if each.WhichOneof("stats") == "outbound_rtp":
            one = each.outbound_rtp
            sent[one.stream.kind] = sent.get(one.stream.kind, 0) + one.sent.bytes_sent + one.outbound.header_bytes_sent
    return sent


class Sound:
    """What NetEq, WebRTC's jitter buffer, counted of the audio that came."""

    def __init__(self, stats: Any) -> None:
        self.lost = self.came = self.samples = self.made_up = self.emitted = 0
        self.buffered_s = self.wanted_s = self.needed_s = 0.0
        for each in _inbound(stats, "audio"):
            self.lost, self.came = each.received.packets_lost, each.received.packets_received
            self.samples = each.inbound.total_samples_received
            self.made_up = each.inbound.concealed_samples - each.inbound.silent_concealed_samples
            self.buffered_s, self.emitted = each.inbound.jitter_buffer_delay, each.inbound.jitter_buffer_emitted_count
            self.wanted_s = each.inbound.jitter_buffer_target_delay
            self.needed_s = each.inbound.jitter_buffer_minimum_delay

    def since(self, before: "Sound") -> dict[str, float]:
        """Empty when the counters began again meanwhile, as after a full reconnect."""
        if self.samples < before.samples:
            return {}
        lost, came = self.lost - before.lost, self.came - before.came
        of_each = 1000 / max(1, self.emitted - before.emitted)
        return {
            "sound_lost": round(lost / max(1, lost + came), 4),
            "sound_made_up": round((self.made_up - before.made_up) / max(1, self.samples - before.samples), 4),
            "sound_buffer_ms": round(of_each * (self.buffered_s - before.buffered_s)),
            "sound_wanted_ms": round(of_each * (self.wanted_s - before.wanted_s)),
            "sound_needed_ms": round(of_each * (self.needed_s - before.needed_s)),
        }


def _inbound(stats: Any, kind: str) -> Iterator[Any]:
    for each in (*stats.publisher_stats, *stats.subscriber_stats):  # one connection for both, in newer servers
        if each.WhichOneof("stats") == "inbound_rtp" and each.inbound_rtp.stream.kind == kind:
            yield each.inbound_rtp


class Watcher:
    """Notes each frame that comes, and keeps some for their likeness."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, float]] = []
        self.sizes: list[tuple[int, int]] = []
        self.measuring = False
        self._kept: list[tuple[int, Pixels]] = []

    async def watch(self, track: rtc.RemoteTrack) -> None:
        async for event in rtc.VideoStream(track, capacity=1, format=rtc.VideoBufferType.I420):
            now, frame = time.monotonic(), event.frame
            if not self.measuring:
                continue
            luma = np.frombuffer(frame.data, np.uint8)[: frame.width * frame.height].reshape(frame.height, frame.width)
            number = number_of(luma)
            if len(self.seen) % LIKENESS_EVERY == 0:
                self._kept.append((number, luma.copy()))
            self.seen.append((number, now))
            self.sizes.append((frame.width, frame.height))

    def psnr_db(self, original: Original) -> list[float]:
        return [original.psnr_db(number, luma) for number, luma in self._kept if number < DISTINCT]


async def listen(track: rtc.RemoteTrack) -> None:
    async for _ in rtc.AudioStream(track, capacity=20):  # it is only counted: the jitter buffer needs somebody to pull
        pass


async def receive(room: rtc.Room, told: dict[str, Any]) -> dict[str, Any]:
    watcher, came = Watcher(), asyncio.Event()
    reading: list[asyncio.Task[None]] = []

    def take(track: rtc.RemoteTrack) -> None:
        video = track.kind == rtc.TrackKind.KIND_VIDEO
        reading.append(asyncio.ensure_future(watcher.watch(track) if video else listen(track)))
        if len(reading) == 1 + bool(told["pictures"]):
            came.set()

    room.on("track_subscribed", lambda track, publication, participant: take(track))
    for participant in room.remote_participants.values():
        for publication in participant.track_publications.values():
            if publication.track is not None:
                take(publication.track)
    await came.wait()
    await asyncio.sleep(told["warm_up_s"])
    watcher.measuring = True
    cpu, begun, before = time.process_time(), time.monotonic(), Sound(await room.get_rtc_stats())
    await asyncio.sleep(told["seconds"])
    watcher.measuring = False
    took_s = time.monotonic() - begun
    used, sound = (time.process_time() - cpu) / took_s, Sound(await room.get_rtc_stats()).since(before)
    psnr_db = watcher.psnr_db(Original(told)) if told["pictures"] else []
    for task in reading:
        task.cancel()
    return {
        "cpu": used,
        "took_s": took_s,
        "seen": watcher.seen,
        "sizes": watcher.sizes,
        "psnr_db": psnr_db,
        "sound": sound,
    }


asyncio.run(take_part(publish, receive))
