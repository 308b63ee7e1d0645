"""A call made of numbers and tones for `RecordingWriter`, whose time is only said: it is written as fast as it can be.

Anna's frames (own) and Ben's (peer) carry numbers, 30 a second; each second both say a tone as a frame with a number
divisible by 30 comes.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from app.call.audio.pcm import FRAME, RATE_HZ, Samples
from app.call.contract.recording import RecordingEnd
from app.call.recording.frame_slots import SIZE, FrameSlots
from app.call.recording.messages import Kind, Message, Picture, Report, Said, Voice, WriterSettings, open_message
from app.call.recording.writing.layout import layout_of
from app.call.recording.writing.writer import RecordingWriter
from app.call.video.canvas import Box
from app.call.video.convert import I420Frame
from tests.stage.video_file import numbered_frame

WIDTH, HEIGHT = 640, 360
SETTINGS = WriterSettings(WIDTH, HEIGHT, reserve_bytes=0)
FRAMES_HZ = 30
OWN, PEER = range(990, 1990), range(4980, 5980)
SCREEN = range(9000, 9100)
NUMBERS = {Picture.OWN_CAMERA: OWN, Picture.PEER_CAMERA: PEER, Picture.OWN_SCREEN: SCREEN, Picture.PEER_SCREEN: SCREEN}
OWN_HZ, PEER_HZ = 1000.0, 1700.0
TONE_S = 0.1
BEGAN_S = 500.0


def box_of(picture: Picture, screen: Picture | None = None, width: int = 640, height: int = 360) -> Box:
    """Where a wide picture of 16 to 9 stands."""
    return layout_of(WIDTH, HEIGHT, screen)[picture].centred(width, height)


def numbered(number: int, width: int = 640, height: int = 360, rotation_deg: int = 0) -> I420Frame:
    """Turned so that it stands upright when it is turned as it says."""
    image = numbered_frame(number, width, height)
    back = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}.get(rotation_deg)
    turned = image if back is None else cv2.rotate(image, back)
    i420 = cv2.cvtColor(turned, cv2.COLOR_BGR2YUV_I420).astype(np.uint8).reshape(-1)
    return I420Frame(turned.shape[1], turned.shape[0], i420, rotation_deg, number)


def speech(hz: float, begin_s: float, count: int, tone_s: float = TONE_S) -> Samples:
    """So many samples from this second of the call on: a tone at the beginning of each second, and silence."""
    at = begin_s + np.arange(count) / RATE_HZ
    return (np.sin(2 * np.pi * hz * at) * ((at + 1e-9) % 1.0 < tone_s) * 8000).astype(np.int16)


def on_time(at_s: float) -> float:
    return 0.0


class WrittenCall:
    """`now_s` is the second of the call. What `cameras` and `voices` hold goes on by itself in `run`; `late_s` is by
    how much a voice's blocks come late, given their second.
    """

    def __init__(self, file: Path, settings: WriterSettings = SETTINGS) -> None:
        self.said: list[Report] = []
        self.now_s = 0.0
        self.cameras = {Picture.OWN_CAMERA: 0.0, Picture.PEER_CAMERA: 0.012}
        """How much later than on the second each camera's frames come: no two cameras are in step."""
        self.voices = {Voice.OWN: OWN_HZ, Voice.PEER: PEER_HZ}
        self.late_s: dict[Voice, Callable[[float], float]] = {}
        self.rotation_deg = 0
        self.tone_s = TONE_S
        self._shown = dict.fromkeys(Picture, -1)
        self.slots = FrameSlots(bytearray(SIZE))
        self.slots.prepare()
        self.writer = RecordingWriter(self.slots, self.said.append)
        self.writer.handle(open_message(file, settings))

    def instant(self, at_s: float | None = None) -> float:
        return BEGAN_S + (self.now_s if at_s is None else at_s)

    def tell(self, kind: Kind, which: int = 0) -> None:
        self.writer.handle(Message(kind, which, self.instant()))

    def write(self, on: bool) -> None:
        self.tell(Kind.WRITE, int(on))

    def show(self, picture: Picture, number: int, at_s: float | None = None) -> None:
        self.slots.put(picture, self.instant(at_s), numbered(number, rotation_deg=self.rotation_deg))

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 100)):
            before_s, self.now_s = self.now_s, round(self.now_s + 0.01, 2)
            for picture, phase_s in self.cameras.items():
                count = int((self.now_s - phase_s) * FRAMES_HZ + 1e-6)
                if count > self._shown[picture] and self.now_s >= phase_s:
                    self._shown[picture] = count
                    self.show(picture, NUMBERS[picture][count], count / FRAMES_HZ + phase_s)
            for voice, hz in self.voices.items():
                late_s = self.late_s.get(voice, on_time)(before_s)
                self.writer.handle(
                    Message(
                        Kind.AUDIO, voice, self.instant() + late_s, speech(hz, before_s, FRAME, self.tone_s).tobytes()
                    )
                )
            self.tell(Kind.TICK)

    def finish(self) -> Path | None:
        self.tell(Kind.FINISH)
        [said] = [each for each in self.said if each["said"] == Said.FINISHED]
        return Path(said["file"]) if said["file"] else None

    @property
    def failure(self) -> RecordingEnd | None:
        progress = [each for each in self.said if each["said"] == Said.PROGRESS]
        return progress[-1]["failure"] if progress else None
