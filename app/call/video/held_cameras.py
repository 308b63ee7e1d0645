"""Cameras whose driver hangs while it closes. They outlive a call, so there is one list for the whole process."""

from app.call.video.capturer import VideoCapturer


class HeldCameras:
    """By the id of the device. Lives on one event loop at a time; what has been released since is forgotten."""

    def __init__(self) -> None:
        self._captures: dict[str, VideoCapturer] = {}

    def add(self, device_id: str, capture: VideoCapturer) -> None:
        self._captures[device_id] = capture

    def holds(self, device_id: str | None = None) -> bool:
        """Whether this device, or any, is still held."""
        for each, capture in list(self._captures.items()):
            if capture.released:
                self._captures.pop(each, None)
        return bool(self._captures) if device_id is None else device_id in self._captures


OF_THIS_PROCESS = HeldCameras()
