"""Who is waited for reads it outside the minimised window, with a sound; a click leads to the session."""

import pytest

from tests.desktop.conftest import Desktop
from tests.desktop.notification_daemon import NotificationDaemon
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(600)


def test_a_person_with_a_minimised_window_is_told_who_waits_and_led_there(
    desktop: Desktop, daemon: NotificationDaemon
) -> None:
    before = len(daemon.shown())
    nora, sam = desktop.open("nora-away"), desktop.open("sam-waits")
    nora.tap("Sign in as Nora")
    nora.sees("Next session")
    nora.press("ctrl+2")
    nora.sees("Add a time")
    nora.minimise()
    sam.tap("Sign in as Sam")
    sam.tap("Start")
    sam.tap("Join")

    waits = eventually(
        lambda: next((each for each in daemon.shown()[before:] if each.title == "Sam Okafor is waiting"), None),
        "Nora is told that Sam waits",
        120,
    )
    assert (waits.program, bool(waits.sound)) == ("Rendezvous", True)
    daemon.click(waits)
    nora.sees("Next session")
    assert nora.title.startswith("Sessions")
