"""Lets no frame past unblurred while a blur is wanted: not while it is being made ready, nor when it fails."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.call.contract.devices import BlurFault, BlurState
from app.call.video.background_blur import BackgroundBlur, LiteRtSegmenter, PersonSegmenter, can_blur
from app.call.video.convert import UInt8Array

log = logging.getLogger(__name__)

LOADING_LIMIT_S = 15.0


@dataclass(frozen=True, eq=False)
class ProcessedFrame:
    """A frame as it may be seen, and the `generation` of the blur for which that holds."""

    bgr: UInt8Array
    generation: int


class BlurProcessor:
    """Switched on the media loop; frames pass in the capture's thread. `on_change` is called on the media loop.

    Every switching is a new `generation`: who delivers a frame checks under its lock that it is still the same.
    """

    def __init__(
        self,
        on_change: Callable[[], None],
        load: Callable[[], PersonSegmenter] = LiteRtSegmenter,
        available: Callable[[], bool] = can_blur,
    ) -> None:
        self.state = BlurState() if available() else BlurState(fault=BlurFault.NOT_INSTALLED)
        self.generation = 0
        self.ready = asyncio.Event()
        """Nothing is being made ready."""
        self.ready.set()
        self._on_change = on_change
        self._load = load
        self._available = available
        self._blur: BackgroundBlur | None = None
        self._loop = asyncio.get_running_loop()

    def set_enabled(self, on: bool) -> None:
        """From now on every frame is blurred or held back, or none is."""
        if on == self.state.enabled:
            return
        if not on:
            self._become(BlurState())
        elif not self._available():
            self._fail(BlurFault.NOT_INSTALLED)
        elif self._blur is not None:
            self._blur.reset()
            self._become(BlurState(enabled=True, working=True))
        else:
            self._become(BlurState(enabled=True))
            self._begin_loading(self.generation)

    def process(self, bgr: UInt8Array) -> ProcessedFrame | None:
        """The frame as it may be seen, blurred if that is wanted; None when it must not be seen. In the capture's
        thread.
        """
        generation = self.generation  # read first: a switch meanwhile makes this frame one of an earlier generation
        state, blur = self.state, self._blur
        if not state.enabled:
            return None if state.blocked else ProcessedFrame(bgr, generation)
        if not state.working or blur is None:
            return None
        try:
            return ProcessedFrame(blur.blurred(bgr), generation)
        except Exception:  # whatever the library raises: the frame is not shown
            log.exception("the background cannot be blurred")
            self._post(lambda: self._failed(generation))
            return None

    def allow_unblurred(self) -> None:
        """The person wants to be seen as they are, after the blur has failed them."""
        if self.state.blocked:
            self._become(replace(self.state, blocked=False))

    def _begin_loading(self, generation: int) -> None:
        """In a thread of its own, which may hang; the camera goes on being read meanwhile."""

        def load() -> None:
            try:
                blur = BackgroundBlur(self._load())
            except Exception:  # a library that does not fit this system raises whatever it likes
                log.exception("the background blur cannot be loaded")
                self._post(lambda: self._failed(generation))
            else:
                self._post(lambda: self._loaded(generation, blur))

        threading.Thread(target=load, name="call-blur", daemon=True).start()
        self._loop.call_later(LOADING_LIMIT_S, self._overdue, generation)

    def _loaded(self, generation: int, blur: BackgroundBlur) -> None:
        self._blur = self._blur or blur
        if generation == self.generation and self.state.starting:
            self._become(BlurState(enabled=True, working=True))

    def _overdue(self, generation: int) -> None:
        if generation == self.generation and self.state.starting:
            log.warning("loading the background blur takes too long")
            self._failed(generation)

    def _failed(self, generation: int) -> None:
        if generation == self.generation and self.state.enabled:
            self._blur = None
            self._fail(BlurFault.FAILED)

    def _fail(self, fault: BlurFault) -> None:
        """Nothing passes from here on until the person allows unblurred video."""
        self._become(BlurState(fault=fault, blocked=True))

    def _become(self, state: BlurState) -> None:
        self.state = state
        self.generation += 1
        if state.starting:
            self.ready.clear()
        else:
            self.ready.set()
        self._on_change()

    def _post(self, call: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the call has ended
            return
