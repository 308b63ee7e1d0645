"""The call when something goes wrong, as each of the two sees it, with real pictures on real connections."""

from collections.abc import Callable

import httpx
import pytest

from tests.callpage.people import member
from tests.e2e.driving import Person
from tests.e2e.test_demo_call import enter_the_call
from tests.stage.product import Product
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(600)  # a whole journey on a busy machine; each step has its own limit

COMES_BACK_MS = 60_000


def both_see_each_other(nora: Person, sam: Person) -> None:
    nora.sees("Video of Sam Okafor, live", COMES_BACK_MS)
    sam.sees("Video of Nora Lindqvist, live", COMES_BACK_MS)


def test_every_trouble_of_a_running_call_is_told_and_gets_over(
    rendezvous: Product, person: Callable[[str], Person]
) -> None:
    nora, sam = person("Nora"), person("Sam")
    enter_the_call(nora, "Nora", rendezvous.app_of("professional"))
    enter_the_call(sam, "Sam", rendezvous.app_of("user"))
    both_see_each_other(nora, sam)

    with rendezvous.frozen("livekit"):
        nora.sees("Reconnecting…")
        sam.sees("Reconnecting…")
        nora.picture("call-reconnecting")
    both_see_each_other(nora, sam)

    with rendezvous.frozen("user"):
        nora.sees("Sam Okafor lost the connection")
        nora.picture("call-other-reconnecting")
    both_see_each_other(nora, sam)

    with rendezvous.faltering("livekit"):
        nora.sees("Your connection is weak")
        nora.picture("call-weak")
    both_see_each_other(nora, sam)
    nora.sees_no("Your connection is weak")

    sam.page.keyboard.press("v")
    nora.sees("Camera is off")
    sam.page.keyboard.press("v")
    both_see_each_other(nora, sam)

    second = person("Nora at another window")
    enter_the_call(second, "Nora", rendezvous.app_of("professional"))
    nora.sees("You joined somewhere else")
    nora.picture("after-call-joined-elsewhere")
    both_see_each_other(second, sam)

    sam.press("End call")
    sam.sees("You were together for")
    second.sees("Sam Okafor has left")
    second.picture("call-other-left")
    second.press("End call")
    second.sees("You were together for")


def test_a_call_server_that_does_not_answer_is_said_before_the_call_and_tried_again(
    rendezvous: Product, person: Callable[[str], Person]
) -> None:
    nora = person("Nora")
    nora.open(rendezvous.app_of("professional"), "Sign in")
    nora.press("Sign in as Nora")
    with rendezvous.frozen("livekit"):
        nora.press("Start")
        nora.sees("Calls are not available at the moment")
        nora.press("Join")
        nora.sees("The call could not be started")
        nora.picture("before-call-no-server")
    nora.press("Join")
    nora.sees("Your connection: ")  # whatever is known of Sam, whom the test before may have left in the room
    nora.press("End call")


def test_a_tab_that_is_closed_takes_its_person_out_of_the_call(
    rendezvous: Product, person: Callable[[str], Person]
) -> None:
    """Its engine runs in the app's process, which goes on: nobody may stay in a call whose window is gone."""
    told = rendezvous.person("user")
    sam = member(rendezvous.backend_url, "user", "Sam", told["email"], told["password"])

    def nora_is_there() -> bool:
        at = f"{rendezvous.backend_url}/sessions/{sam.session_id}/presence"
        return "professional" in httpx.get(at, headers=sam.headers, timeout=60).json()["present"]

    nora = person("Nora")
    enter_the_call(nora, "Nora", rendezvous.app_of("professional"))
    eventually(nora_is_there, "Nora is in the call", limit_s=30)
    nora.page.goto("about:blank")
    eventually(lambda: not nora_is_there(), "Nora has left the call", limit_s=60)
