"""Lets no picture past unblurred while a blur is wanted: not while it is being made ready, nor when it fails."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.call.contract.devices import BlurFault, BlurState
from app.call.video.background_blur import Background, LiteRtOutline, Outline, can_blur
from app.call.video.convert import Bytes

log = logging.getLogger(__name__)

LOADING_LIMIT_S = 15.0


@dataclass(frozen=True, eq=False)
class Passed:
    """A picture as it may be seen, and the `turn` of the gate for which that holds."""

    bgr: Bytes
    turn: int


class BlurGate:
    """Switched on the media loop; pictures pass in the capture's thread. `on_change` is called on the media loop.

    Every switching is a new `turn`: who delivers a picture checks under its lock that the turn is still the same.
    """

    def __init__(
        self,
        on_change: Callable[[], None],
        load: Callable[[], Outline] = LiteRtOutline,
        available: Callable[[], bool] = can_blur,
    ) -> None:
        self.state = BlurState() if available() else BlurState(fault=BlurFault.NOT_INSTALLED)
        self.turn = 0
        self.settled = asyncio.Event()
        """Nothing is being made ready."""
        self.settled.set()
        self._on_change = on_change
        self._load = load
        self._available = available
        self._background: Background | None = None
        self._loop = asyncio.get_running_loop()

    def want(self, on: bool) -> None:
        """From now on every picture is blurred or held back, or none is."""
        if on == self.state.wanted:
            return
        if not on:
            self._become(BlurState())
        elif not self._available():
            self._fail(BlurFault.NOT_INSTALLED)
        elif self._background is not None:
            self._background.forget()
            self._become(BlurState(wanted=True, working=True))
        else:
            self._become(BlurState(wanted=True))
            self._begin_loading(self.turn)

    def passed(self, bgr: Bytes) -> Passed | None:
        """The picture as it may be seen, blurred if that is wanted; None when it must not be seen. In the capture's
        thread.
        """
        turn = self.turn  # read first: what is switched meanwhile makes this picture one of an earlier turn
        state, background = self.state, self._background
        if not state.wanted:
            return None if state.held else Passed(bgr, turn)
        if not state.working or background is None:
            return None
        try:
            return Passed(background.blurred(bgr), turn)
        except Exception:  # whatever the library raises: the picture is not shown
            log.exception("the background cannot be blurred")
            self._post(lambda: self._failed(turn))
            return None

    def let_go(self) -> None:
        """The person wants to be seen as they are, after the blur has failed them."""
        if self.state.held:
            self._become(replace(self.state, held=False))

    def _begin_loading(self, turn: int) -> None:
        """In a thread of its own, which may hang; the camera goes on being read meanwhile."""

        def load() -> None:
            try:
                background = Background(self._load())
            except Exception:  # a library that does not fit this system raises whatever it likes
                log.exception("the background blur cannot be loaded")
                self._post(lambda: self._failed(turn))
            else:
                self._post(lambda: self._loaded(turn, background))

        threading.Thread(target=load, name="call-blur", daemon=True).start()
        self._loop.call_later(LOADING_LIMIT_S, self._overdue, turn)

    def _loaded(self, turn: int, background: Background) -> None:
        self._background = self._background or background
        if turn == self.turn and self.state.starting:
            self._become(BlurState(wanted=True, working=True))

    def _overdue(self, turn: int) -> None:
        if turn == self.turn and self.state.starting:
            log.warning("loading the background blur takes too long")
            self._failed(turn)

    def _failed(self, turn: int) -> None:
        if turn == self.turn and self.state.wanted:
            self._background = None
            self._fail(BlurFault.FAILED)

    def _fail(self, fault: BlurFault) -> None:
        """Nothing passes from here on until the person lets go."""
        self._become(BlurState(fault=fault, held=True))

    def _become(self, state: BlurState) -> None:
        self.state = state
        self.turn += 1
        if state.starting:
            self.settled.clear()
        else:
            self.settled.set()
        self._on_change()

    def _post(self, call: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the call has ended
            return
