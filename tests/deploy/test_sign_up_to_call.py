"""From signing up to the end of a call through what deploy/ starts, while one backend is killed: it stays so, so that
this is the last of the folder.
"""

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from sqlalchemy import func, select

from backend.bookings.tables import BookingRow
from backend.calls.tables import PresenceIntervalRow
from backend.kit.database import Database
from backend.payments.tables.ledger import PaymentRow
from tests.deploy.conftest import inside
from tests.deploy.people import Caller, Professional, book_and_pay
from tests.e2e.driving import Person, open_browser
from tests.e2e.test_sign_up_to_call import sign_up, zone_where_it_is_day
from tests.stage.browser_files import write_picture_file, write_sound_file
from tests.stage.deployed.topology import Topology
from tests.stage.sound_cards import tone
from tests.waiting import eventually
from tools.paths import ROOT

pytestmark = pytest.mark.timeout(600)  # a whole journey on a busy machine; each step has its own limit
NUMBERS = {"professional": range(3000, 3060), "user": range(7000, 7060)}
HZ = {"professional": 660, "user": 440}
PRO_NAME, USER_NAME = "Vera Lindenwald", "Toni Okello"
GETS_AFTER_THE_KILL, SLOWEST_GET_S = 20, 10.0
LAST_SCREENS = ROOT / "build" / "screenshots"


def browser_of(role: str, playwright: Playwright, topology: Topology, folder: Path) -> Browser:
    """With a camera and a microphone of its own, and Caddy's authority for all that it believes beside the system's."""
    picture = write_picture_file(folder / f"{role}.y4m", NUMBERS[role], 640, 360)
    sound = write_sound_file(folder / f"{role}.wav", tone(HZ[role], 20))
    return open_browser(
        playwright,
        "--no-proxy-server",
        topology.caddy.chromium_flag,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={picture}",
        f"--use-file-for-fake-audio-capture={sound}",
    )


@contextmanager
def people(topology: Topology, zone: str) -> Iterator[tuple[Person, Person]]:
    """The professional's browser and the user's."""
    with sync_playwright() as playwright:
        made = []
        for role in ("professional", "user"):
            browser = browser_of(role, playwright, topology, topology.folder)
            made.append(Person(browser, role, None, zone))
        try:
            yield made[0], made[1]
        finally:
            LAST_SCREENS.mkdir(parents=True, exist_ok=True)
            for someone in made:
                with suppress(PlaywrightTimeout):  # a picture of what a failure looked like must not hide it
                    someone.page.screenshot(path=LAST_SCREENS / f"last-deploy-{someone.name}.png", timeout=5_000)
                someone.leave()


def signalled_through(topology: Topology) -> dict[str, set[str]]:
    """Whose signalling each node carries, by its own log."""
    carried: dict[str, set[str]] = {}
    for node in ("livekit", "livekit-2"):
        lines = [line for line in topology.log(node).splitlines() if "new client WS connected" in line]
        carried[node] = {role for role in NUMBERS if any(f'"participant": "{role}_' in line for line in lines)}
    return carried


def kill_a_backend(topology: Topology, professional: Professional, session: str) -> None:
    """The one that everybody is led to first. Whoever asks meanwhile gets no error; Caddy finds out by the first."""
    topology.backends[0].kill()
    topology.backends[0].wait()
    if topology.caddy.sends_on:
        tell_again(topology)
        look_who_is_there(professional, session)
    else:
        look_who_is_there(professional, session)
        tell_again(topology)


def look_who_is_there(professional: Professional, session: str) -> None:
    for _ in range(GETS_AFTER_THE_KILL):
        began = time.monotonic()
        answer = professional.api.get(f"/sessions/{session}/presence")
        assert answer.status_code == 200, answer.text
        assert time.monotonic() - began < SLOWEST_GET_S
        assert set(answer.json()["present"]) == {"professional", "user"}


def tell_again(topology: Topology) -> None:
    """Stripe sends everything again, and again what was not taken: nothing, where Caddy is as new as compose's."""
    webhooks = topology.stripe.webhooks
    webhooks.waiting = list(webhooks.delivered)
    statuses = webhooks.deliver()
    assert statuses
    if topology.caddy.sends_on:
        assert set(statuses) == {200}
    eventually(lambda: set(webhooks.deliver()) <= {200}, "Stripe has told everything again")


def nothing_happened_twice(topology: Topology, session: str) -> None:
    """One booking, one payment, and of each person one stay that has ended."""
    paid = [each for each in topology.stripe.ledger.objects.values() if each["object"] == "payment_intent"]
    assert [each["status"] for each in paid] == ["succeeded"]
    database = Database(topology.database_url)
    try:
        with database.read() as rows:
            assert rows.scalars(select(BookingRow.status)).all() == ["confirmed"]
            assert len(rows.scalars(select(PaymentRow)).all()) == 1

        def stays() -> dict[str, int]:
            ended = PresenceIntervalRow.left_at.is_not(None)
            of_role = select(PresenceIntervalRow.role, func.count()).group_by(PresenceIntervalRow.role)
            with database.read() as rows:
                return {role: count for role, count in rows.execute(of_role.where(ended))}

        eventually(lambda: len(stays()) == 2, "LiveKit has told that both have left")
        with database.read() as rows:
            assert {str(each) for each in rows.scalars(select(PresenceIntervalRow.booking_id))} == {session}
        assert stays() == {"professional": 1, "user": 1}
    finally:
        database.dispose()


def see_and_hear_each_other(vera: Caller, toni: Caller) -> None:
    for one, other in ((vera, "user"), (toni, "professional")):
        one.sees(NUMBERS[other])
        one.hears(HZ[other])


def both_join(topology: Topology, session_url: str, pro: Person, user: Person) -> tuple[Caller, Caller]:
    """The professional by the link, the user from the app; each is signalled through another node."""
    pro.page.goto(session_url)
    vera = Caller(pro.page, PRO_NAME)
    vera.join()
    user.press("Start")
    with user.context.expect_page() as opened:
        user.press("Join")
    toni = Caller(opened.value, USER_NAME)
    toni.join()
    see_and_hear_each_other(vera, toni)
    through = signalled_through(topology)
    assert sorted(through.values(), key=sorted) == [{"professional"}, {"user"}], through
    return vera, toni


@inside
def test_a_session_is_booked_paid_and_held_over_two_nodes_while_a_backend_dies(topology: Topology) -> None:
    zone = zone_where_it_is_day(dt.datetime.now(dt.UTC))
    starts = dt.datetime.now(ZoneInfo(zone)) + dt.timedelta(minutes=10)
    professional = Professional.with_an_hour(topology, PRO_NAME, starts, zone)
    with people(topology, zone) as (pro, user):
        email = sign_up(user, topology.web_url, USER_NAME, "I book sessions")
        book_and_pay(user, topology, email, PRO_NAME, f"{starts:%H:%M}")
        (session,) = (str(each["id"]) for each in professional.sessions())
        vera, toni = both_join(topology, professional.call_url(session), pro, user)

        kill_a_backend(topology, professional, session)
        see_and_hear_each_other(vera, toni)
        user.page.bring_to_front()
        user.sees(f"You and {PRO_NAME} are in the call")
        toni.page.bring_to_front()
        toni.end()
        vera.end()
        user.page.bring_to_front()
        user.sees("You were together for")
    nothing_happened_twice(topology, session)
