"""What a person is told of outside the window, once each, and where a click leads."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import flet as ft
import pytest

from app.api.models import Role
from app.components.frame.tasks import use_task
from app.desktop import notifications
from app.errors import Offline
from app.state.bookings.notices import Notice, NoticeBook, NoticeWatch
from app.state.core.kept.device import load_preferences, save_preferences
from app.state.core.kept.preferences import Preferences
from app.wiring import ClientSession, lead_to, watch_for_notices
from tests.app.stage.booking_stage import book
from tests.app.stage.harness import Harness
from tests.app.stage.sample_bookings import NOON, booking
from tests.app.stage.session_stage import BERLIN, services_of
from tests.fakes.api import FakeApi
from tests.fakes.device_store import FakeDeviceStore

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def book_of(role: Role) -> NoticeBook:
    return NoticeBook(role, BERLIN)


def test_a_booking_that_comes_in_is_said_to_the_professional_once() -> None:
    there, new = booking(NOON + 5 * HOUR, id="there"), booking(NOON + 6 * HOUR, id="new")
    pro = book_of("professional")
    assert pro.news((there,), None, NOON) == []
    (said,) = pro.news((there, new), None, NOON)
    assert (said.title, said.route) == (f"{new.user.name} booked a session", "/upcoming/new")
    assert pro.news((there, new), None, NOON) == []


def test_users_know_what_they_have_booked() -> None:
    user = book_of("user")
    user.news((), None, NOON)
    assert user.news((booking(NOON + 5 * HOUR),), None, NOON) == []


@pytest.mark.parametrize(("minutes", "said"), [(11, False), (10, True), (1, True), (0, False)])
def test_a_session_is_said_from_ten_minutes_before_it(minutes: int, said: bool) -> None:
    found = book_of("user").news((booking(NOON + minutes * MINUTE),), None, NOON)
    assert [notice.title.endswith(f"in {minutes} min") for notice in found] == [True] * said


def test_a_session_that_was_moved_is_said_again() -> None:
    user = book_of("user")
    assert len(user.news((booking(NOON + 5 * MINUTE, id="one"),), None, NOON)) == 1
    assert user.news((booking(NOON + 5 * MINUTE, id="one"),), None, NOON) == []
    assert len(user.news((booking(NOON + 9 * MINUTE, id="one"),), None, NOON)) == 1


def test_who_waits_is_said_once_and_again_when_they_come_back() -> None:
    session = booking(NOON, id="one")
    user = book_of("user")
    (said,) = user.news((session,), session, NOON)
    assert (said.title, said.route) == (f"{session.professional.name} is waiting", "/my-sessions/one")
    assert user.news((session,), session, NOON) == []
    assert user.news((session,), None, NOON) == []
    assert len(user.news((session,), session, NOON)) == 1


@pytest.mark.parametrize(
    ("present", "waits"),
    [(("professional",), True), ((), False), (("professional", "user"), False), (("user",), False)],
)
async def test_the_other_waits_while_they_are_alone_in_the_room(present: tuple[str, ...], waits: bool) -> None:
    api = FakeApi()
    api.add_professional()
    session_id = book(api, timedelta())
    api.present[session_id] = present
    found = await NoticeWatch(services_of(api, "user"), "user").look()
    assert [notice.key.startswith("waits") for notice in found if notice.key.startswith("waits")] == [True] * waits


async def test_a_backend_that_does_not_answer_is_no_news_and_no_end() -> None:
    api = FakeApi()
    api.fail["my_bookings"] = Offline()
    watch = NoticeWatch(services_of(api, "user"), "user")
    assert await watch.look() == []
    assert await watch.look() == []


@pytest.mark.parametrize(("here", "there"), [("/find", "/my-sessions/one"), ("/session/two", "/session/two")])
async def test_a_click_leads_to_the_place_but_out_of_no_call(here: str, there: str) -> None:
    def main(page: ft.Page) -> None:
        page.add(ft.Text("a page"))

    async with Harness(main, route=here) as app:
        app.page.window.minimized = True
        await lead_to(app.page, "/my-sessions/one")
        await app.settle()
        assert (app.page.route, app.page.window.minimized) == (there, False)
        assert "to_front" in [name for name, _ in app.connection.calls]


async def test_the_switch_is_kept_on_the_device() -> None:
    store, again = FakeDeviceStore(), Preferences()
    await save_preferences(store, Preferences(notices="off"))
    await load_preferences(store, again)
    assert again.notices == "off"


async def test_a_system_without_notifications_costs_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    notifier = notifications.SystemNotifier()
    for _ in range(2):
        await notifier.show(Notice("key", "Sam is waiting", "Press Start.", "/upcoming", "one"), lambda: None)
    assert [record.message for record in caplog.records if record.name == "app.desktop.notifications"] == [
        "This system shows no notifications."
    ]


class Shown:
    """A notifier whose system fails as nobody foresaw the first time."""

    def __init__(self) -> None:
        self.tries = 0
        self.titles: list[str] = []

    async def show(self, notice: Notice, on_click: Callable[[], object]) -> None:
        self.tries += 1
        if self.tries == 1:
            raise ZeroDivisionError
        self.titles.append(notice.title)


async def test_notices_go_on_after_any_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.wiring.NOTICES_EVERY_S", 0.01)
    monkeypatch.setattr("app.components.frame.polling.FAILED_POLL_S", 0.01)
    api = FakeApi()
    api.add_professional()
    shown, session_id = Shown(), book(api, timedelta())
    session = ClientSession(services_of(api, "user"), FakeDeviceStore(), web=False, notifier=shown)
    api.present[session_id] = ("professional",)

    def main(page: ft.Page) -> None:
        page.render(lambda: Watching(session, page))

    async with Harness(main) as app:
        await app.until(lambda: shown.tries == 1)
        api.present[session_id] = ()
        looked = api.count("presence")
        await app.until(lambda: api.count("presence") >= looked + 2)
        api.present[session_id] = ("professional",)
        await app.until(lambda: "Ada Lovelace is waiting" in shown.titles)
        assert len(app.faults) == 1
        app.faults.clear()


@ft.component
def Watching(session: ClientSession, page: ft.Page) -> ft.Control:
    use_task(lambda: watch_for_notices(session, page), [])
    return ft.Text("a page")
