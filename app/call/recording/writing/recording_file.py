"""The file while it is written: H.264 and AAC in Matroska, in clusters so short that a kill costs no second."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType

from app.call.audio.pcm import RATE_HZ
from app.call.recording.messages import WriterSettings
from app.call.recording.writing.voices import Mix
from app.call.video.convert import UInt8Array

MS_A_SECOND = 1000
KEY_FRAME_EVERY_MS = 2000
CLUSTER_MS = 500
NOMINAL_RATE_HZ = 30
QUALITY = 28
"""x264's constant rate factor."""
MOST_BITS_PER_S = 4_000_000
SOUND_BITS_PER_S = 96_000
AAC_SAMPLES = 1024
BT601, LIMITED = 6, 1
"""SMPTE 170M and 16 to 235, as OpenCV and WebRTC make them (FFmpeg, libavutil/pixfmt.h)."""

av.logging.set_level(av.logging.PANIC)  # FFmpeg names files in what it logs


class RecordingFile:
    """Times are of the file, from 0, and only ever grow. All methods raise `OSError` for what the disk does; then
    `close` still keeps what can be kept.
    """

    def __init__(self, path: Path, settings: WriterSettings) -> None:
        options = {"flush_packets": "1", "cluster_time_limit": str(CLUSTER_MS)}
        self._container = av.open(str(path), "w", format="matroska", options=options)
        encoding = {
            "preset": settings.preset,
            "tune": "zerolatency",
            "crf": str(QUALITY),
            "maxrate": str(MOST_BITS_PER_S),
            "bufsize": str(2 * MOST_BITS_PER_S),
            "forced-idr": "1",
        }
        self._video = self._container.add_stream("libx264", rate=NOMINAL_RATE_HZ, options=encoding)
        self._video.width, self._video.height, self._video.pix_fmt = settings.width, settings.height, "yuv420p"
        context = self._video.codec_context
        context.time_base = self._video.time_base = Fraction(1, MS_A_SECOND)
        context.thread_count = 1  # beside a call; it is quick enough
        context.gop_size = 10 * NOMINAL_RATE_HZ  # key frames are asked for, by time
        context.color_range, context.colorspace = LIMITED, BT601
        context.color_primaries = context.color_trc = BT601
        self._audio = self._container.add_stream("aac", rate=RATE_HZ, layout="mono", bit_rate=SOUND_BITS_PER_S)
        self._audio.codec_context.time_base = Fraction(1, RATE_HZ)
        self._shown_ms = -1
        self._key_ms: int | None = None
        self._samples: Mix = np.zeros(0, np.float32)
        self._encoded = 0
        self._closed = False

    def show(self, at_s: float, i420: UInt8Array, key: bool = False) -> None:
        """A frame from this time on."""
        at_ms = max(round(at_s * MS_A_SECOND), self._shown_ms + 1)
        frame = av.VideoFrame.from_ndarray(i420, format="yuv420p")
        frame.pts, frame.time_base = at_ms, Fraction(1, MS_A_SECOND)
        frame.color_range, frame.colorspace = LIMITED, BT601
        if key or self._key_ms is None or at_ms - self._key_ms >= KEY_FRAME_EVERY_MS:
            frame.pict_type = PictureType.I
            self._key_ms = at_ms
        self._shown_ms = at_ms
        self._container.mux(self._video.encode(frame))

    def hear(self, samples: Mix) -> None:
        """What follows on what was heard before; what does not fill an AAC frame waits for more."""
        self._samples = np.concatenate([self._samples, samples])
        while len(self._samples) >= AAC_SAMPLES:
            block, self._samples = self._samples[:AAC_SAMPLES], self._samples[AAC_SAMPLES:]
            frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._encoded, Fraction(1, RATE_HZ)
            self._encoded += AAC_SAMPLES
            self._container.mux(self._audio.encode(frame))

    def close(self) -> None:
        """Makes the file whole. Can be called twice."""
        if self._closed:
            return
        self._closed = True
        try:
            if len(self._samples):
                self.hear(np.zeros(AAC_SAMPLES - len(self._samples), np.float32))
            self._container.mux(self._video.encode(None))
            self._container.mux(self._audio.encode(None))
        finally:
            self._container.close()
