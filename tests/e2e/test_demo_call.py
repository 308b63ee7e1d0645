"""What `make run` leaves: two demo people and a paid session that both can start at once."""

from collections.abc import Callable

import pytest

from tests.e2e.driving import Person
from tests.stage.product import Product
from tests.stage.sound_cards import SoundCards, speech_like
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(600)  # a whole journey on a busy machine; each step has its own limit

LOUD = 300.0  # root mean square of int16 samples; a voice arrives far above, silence far below


def enter_the_call(person: Person, first_name: str, url: str) -> None:
    """From the sign-in screen with one click to the room."""
    person.open(url, "Sign in")
    person.press(f"Sign in as {first_name}")
    person.press("Start")
    person.press("Join")


def look_at_the_layouts(nora: Person) -> None:
    """One large, side by side, the connection's figures: each with real pictures."""
    nora.sees("Your connection: good")
    nora.picture("call-large")
    nora.page.keyboard.press("l")
    nora.sees("Show one large")
    nora.sees("Video of Sam Okafor, live")
    nora.picture("call-side-by-side")
    nora.page.keyboard.press("l")
    nora.sees("Show side by side")
    nora.page.keyboard.press("q")
    nora.sees("Round trip:")
    nora.picture("call-figures")
    nora.page.keyboard.press("Escape")
    nora.sees("Video of Sam Okafor, live")


def test_both_start_the_demo_session_and_see_and_hear_each_other(
    rendezvous: Product, person: Callable[[str], Person], sound: SoundCards
) -> None:
    nora, sam = person("Nora"), person("Sam")
    enter_the_call(nora, "Nora", rendezvous.app_of("professional"))
    nora.sees("Waiting for Sam")
    enter_the_call(sam, "Sam", rendezvous.app_of("user"))

    nora.sees("Video of Sam Okafor, live")
    sam.sees("Video of Nora Lindqvist, live")
    look_at_the_layouts(nora)

    voice = sound.say("a", speech_like(90))  # both apps share one card: who is unmuted is who is heard
    ear = sound.listen("spk_a")
    eventually(lambda: ear.loudness(0.5) > LOUD, "Sam hears Nora")
    nora.press("Mute microphone")
    eventually(lambda: ear.loudness(0.5) < LOUD, "Nora is muted")
    sam.press("Unmute microphone")
    eventually(lambda: ear.loudness(0.5) > LOUD, "Nora hears Sam")
    voice.terminate()

    sam.press("End call")
    sam.sees("You were together for")
    sam.sees("How the call ran")
    sam.picture("after-call-quality")
    nora.sees("Sam Okafor has left")
    nora.press("End call")
    nora.sees("You were together for")
