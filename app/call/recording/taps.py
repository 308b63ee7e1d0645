"""Where a recording gets what is seen and heard in a call. Lives on the media loop."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from app.call.audio.platform_io import PlatformAudioIO
from app.call.audio.portaudio_io import PortAudioIO
from app.call.recording.feed import PictureSink, RecordingFeed
from app.call.recording.messages import Picture, Voice
from app.call.video.camera import Camera
from app.call.video.capturer import FrameSink, Nowhere
from app.call.video.latest_frame import LatestFrame


class SharedScreen(Protocol):
    """This side's own, `app.call.room.publishing.screen_sharing`."""

    recording: FrameSink | None
    on_stop: Callable[[], object]


class RecordingTaps:
    """One recording at a time. The own camera is taken behind the blur, the own voice behind muting, the other's camera
    behind what holds it back for the voice, and the other's voice as it goes to the speaker.
    """

    def __init__(
        self,
        camera: Camera,
        audio: PortAudioIO | PlatformAudioIO,
        own_screen: SharedScreen,
        peer_frames: LatestFrame,
        peer_screen_frames: LatestFrame,
    ) -> None:
        self._camera = camera
        self._audio = audio
        self._own_screen = own_screen
        self._peer_frames, self._peer_screen_frames = peer_frames, peer_screen_frames

    @property
    def can_hear(self) -> bool:
        """Not where the system itself plays and records: its audio does not come by here."""
        return isinstance(self._audio, PortAudioIO)

    def attach(self, feed: RecordingFeed) -> None:
        own, screen = PictureSink(feed, Picture.OWN_CAMERA), PictureSink(feed, Picture.OWN_SCREEN)
        self._camera.recording, self._camera.frames.on_close = own, own.close
        self._own_screen.recording, self._own_screen.on_stop = screen, screen.close
        for frames, picture in self._peer_pictures():
            sink = PictureSink(feed, picture)
            frames.on_frame, frames.on_close = sink.see, sink.close
        if isinstance(self._audio, PortAudioIO):
            self._audio.capture.on_sent = partial(feed.hear, Voice.OWN)
            self._audio.mixer.on_played = partial(feed.hear, Voice.PEER)

    def detach(self) -> None:
        """Nothing of the call passes to a recording any more."""
        self._camera.recording, self._camera.frames.on_close = Nowhere(), None
        self._own_screen.recording, self._own_screen.on_stop = None, lambda: None
        for frames, _ in self._peer_pictures():
            frames.on_frame = frames.on_close = None
        if isinstance(self._audio, PortAudioIO):
            self._audio.capture.on_sent = self._audio.mixer.on_played = None

    def _peer_pictures(self) -> list[tuple[LatestFrame, Picture]]:
        return [(self._peer_frames, Picture.PEER_CAMERA), (self._peer_screen_frames, Picture.PEER_SCREEN)]
