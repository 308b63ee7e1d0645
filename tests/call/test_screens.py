"""Which screens can be shared, and reading one: on a real X server without a monitor."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from app.call.contract.screen import Screen, ScreenFault
from app.call.screen.capturer import STILL_EVERY_S, ScreenCapturer
from app.call.screen.screens import ScreenUnavailable, list_screens, on_wayland
from app.call.video.convert import UInt8Array
from tests.stage.left_out import left_out
from tests.stage.x_screen import ELSEWHERE, HEIGHT, WIDTH, XScreen, why_no_screen
from tests.waiting import eventually


@pytest.fixture
def x_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[XScreen]:
    if reason := why_no_screen():
        left_out(reason)
    screen = XScreen().start()
    for name in ELSEWHERE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", screen.name)
    yield screen
    screen.stop()


class Sink:
    """Keeps the sizes of what it gets."""

    def __init__(self, wants: bool = True) -> None:
        self.wants = wants
        self.sizes: list[tuple[int, int, int]] = []

    def wants_frame(self) -> bool:
        return self.wants

    def send_frame(self, width: int, height: int, i420: UInt8Array) -> None:
        self.sizes.append((width, height, i420.size))


def threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name == "call-screen"]


def test_a_screen_is_listed_with_its_size(x_screen: XScreen) -> None:
    (only,) = list_screens()
    assert (only.width, only.height) == (WIDTH, HEIGHT)


def test_what_stands_still_is_sent_again_now_and_then_and_the_thread_ends(x_screen: XScreen) -> None:
    sink, (screen,) = Sink(), list_screens()
    capturer = ScreenCapturer(screen, lambda: [sink], lambda: None)
    eventually(lambda: len(sink.sizes) >= 3, "it is sent again")
    capturer.stop()
    eventually(lambda: not threads(), "its thread has ended")
    assert set(sink.sizes) == {(WIDTH, HEIGHT, WIDTH * HEIGHT * 3 // 2)}


def test_only_what_has_changed_or_is_old_is_news(x_screen: XScreen) -> None:
    sink, (screen,) = Sink(wants=False), list_screens()
    capturer = ScreenCapturer(screen, lambda: [sink], lambda: None)
    capturer.stop()
    eventually(lambda: not threads(), "its thread has ended")
    capturer._before = None
    image = np.zeros((2, 2, 4), np.uint8)
    assert capturer._is_news(image, [sink])
    assert not capturer._is_news(image.copy(), [sink])
    assert capturer._is_news(image + 1, [sink])
    assert capturer._is_news(image + 1, [Sink()]), "another connection has had none yet"
    capturer._sent_at_s -= STILL_EVERY_S
    assert capturer._is_news(image + 1, capturer._sent_to)


def test_nothing_is_read_while_nothing_may_be_sent(x_screen: XScreen) -> None:
    sink, (screen,) = Sink(wants=False), list_screens()
    capturer = ScreenCapturer(screen, lambda: [sink], lambda: None)
    eventually(lambda: capturer.began, "it has been read once")
    sent = len(sink.sizes)
    sink.wants = True
    eventually(lambda: len(sink.sizes) > sent, "and again when it may be sent")
    capturer.stop()
    eventually(lambda: not threads(), "its thread has ended")


def test_a_screen_that_is_not_there_is_a_fault(x_screen: XScreen) -> None:
    capturer = ScreenCapturer(Screen("2 1920 0", 800, 600), lambda: [], lambda: None)
    eventually(lambda: capturer.failure is ScreenFault.FAILED, "it is said")
    eventually(lambda: not threads(), "its thread has ended")


def test_wayland_and_a_machine_without_a_screen_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_wayland({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"})
    assert on_wayland({"XDG_SESSION_TYPE": "wayland"})
    assert not on_wayland({"XDG_SESSION_TYPE": "x11", "DISPLAY": ":0"})
    for name in (*ELSEWHERE, "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ScreenUnavailable) as found:
        list_screens()
    assert found.value.fault is ScreenFault.NONE_THERE
    monkeypatch.setenv("DISPLAY", ":4095")
    with pytest.raises(ScreenUnavailable) as found:
        list_screens()
    assert found.value.fault is ScreenFault.NONE_THERE
