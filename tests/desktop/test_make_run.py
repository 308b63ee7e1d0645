"""`make run` on a desktop: a window for each of the two people, who stay themselves from one start to the next."""

from pathlib import Path

import pytest

from tests.desktop.display import Display
from tests.desktop.window import Window
from tests.stage.product import Product
from tests.stage.sound_cards import SoundCards
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(600)


def both_windows(display: Display, folder: Path) -> list[Window]:
    return [Window(display, f"demo-{role}", folder / "frames.log", home=folder) for role in ("professional", "user")]


def test_two_windows_are_two_people_and_ctrl_c_ends_both(
    display: Display, sound: SoundCards, bridged: dict[str, str], tmp_path: Path
) -> None:
    product = Product(tmp_path, sound, bridged)
    product.start()
    nora, sam = both_windows(display, tmp_path)
    nora.tap("Sign in as Nora")
    sam.tap("Sign in as Sam")
    sam.sees("Find")
    assert "Earnings" not in sam.words()
    nora.sees("Earnings")
    product.stop()  # Ctrl-C; asserts that it ends well
    eventually(lambda: nora.ended() and sam.ended(), "both windows are closed")

    product.start()
    nora, sam = both_windows(display, tmp_path)
    nora.sees("Earnings")  # signed in still, each as themselves
    sam.sees("My sessions")
    product.stop()
