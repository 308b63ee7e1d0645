"""Shows the lists of sessions and a session's details over the fake backend, to look at and to photograph.

    python -m tests.app.stage.show_sessions 8598

then open http://127.0.0.1:8598/<state>/my-sessions/booking-1 (or .../upcoming/booking-1), a name of `STATES`; `?large`
behind it takes the largest letters.
"""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import flet as ft

from app.api.models import Attendance, Cancellation, FollowUp, FollowUpFile, Note, Role
from app.components.design.theme import build_theme
from app.errors import Offline, Problem
from app.routes import TabView
from app.screens.upcoming_sessions import UpcomingSessions
from app.screens.upcoming_user_sessions import UpcomingUserSessions
from app.state.core.services import SERVICES
from tests.app.stage.serving import show
from tests.app.stage.session_stage import services_of
from tests.fakes.api import NOW, FakeApi
from tests.fakes.changing import policy_of
from tests.fakes.instants import wire_time

HOUR = timedelta(hours=1)
SESSION = "booking-1"
ASSETS = Path(__file__).parents[3] / "assets"


def refund(amount: str, status: str, reason: str) -> dict[str, Any]:
    """A refund as it stands on the wire."""
    settled = wire_time(NOW - HOUR / 4) if status == "done" else None
    asked = wire_time(NOW - HOUR)
    return {"amount": amount, "status": status, "reason": reason, "asked_at": asked, "settled_at": settled}


def cancelled(status: str, payment: str, by: str = "user", amount: str = "22.50") -> dict[str, Any]:
    """The fields of a session that was cancelled and is being refunded."""
    fields = {"status": "cancelled", "cancelled_by": by, "cancelled_at": wire_time(NOW - HOUR)}
    return fields | {"payment_status": payment, "refund": refund(amount, status, f"{by}_cancelled")}


def missed(absent: str, **fields: Any) -> dict[str, Any]:
    return {"status": "no_show", "absent": absent} | fields


def shrinking(api: FakeApi) -> None:
    """What cancelling gives back is less by the time that it is agreed to."""
    less = Cancellation(
        refund_minor=2250,
        share="half",
        because="user_cancels",
        full_until=NOW - HOUR,
        half_until=NOW + 9 * HOUR,
        changes_at=NOW + 9 * HOUR,
        price_minor=4500,
    )
    api.fail["cancel"] = Problem("RefundChanged", 409, "Look again.", cancellation=less)


def taken(api: FakeApi) -> None:
    """Every time but the last is booked by somebody else while it is chosen."""
    free = api._free("pro-1")
    api.fail["reschedule"] = Problem("SlotAlreadyTaken", 409, "Taken.", next_free=tuple(free[-2:]))


def decided(api: FakeApi, absent: str, **changes: Any) -> None:
    """What was decided of the session, with its figures: twelve of 45 minutes."""
    figures: dict[str, Any] = {
        "absent": absent,
        "judged_s": 2700,
        "kept_s": 720,
        "professional_there_s": 720,
        "user_there_s": 2580,
        "late_s": 130,
        "unwatched_s": 0,
        "refund": "45.00",
        "currency": "USD",
        "decided_at": wire_time(NOW - HOUR),
        "open_until": wire_time(NOW + 23 * HOUR),
        "final": False,
    }
    api.decisions[SESSION] = Attendance.model_validate(figures | changes)


FILES = (
    FollowUpFile(id="file-1", name="Left hand, week 12 - exercises and fingerings.pdf", size=2_411_724),
    FollowUpFile(id="file-2", name="خطة التدريب.pdf", size=48_200),
)
State = tuple[timedelta, dict[str, Any], Callable[[FakeApi], object]]


def noted(api: FakeApi) -> None:
    """Both have notes of it."""
    for account_id in ("user-1", "pro-1"):
        api.notes[SESSION, account_id] = Note(text="Likes Bach.\nAsk about the left hand.", version=1)


def followed_up(api: FakeApi) -> None:
    noted(api)
    text = "Thank you for today.\nThe sheet is at https://example.org/left-hand.pdf\nNext time: slower."
    api.follow_ups[SESSION] = FollowUp(text=text, sent_at=NOW - HOUR, files=FILES)
    api.file_contents = {each.id: b"x" * each.size for each in FILES}


def attached(api: FakeApi) -> None:
    """Files are uploaded for the follow-up, which is not sent yet."""
    noted(api)
    api.unsent_files[SESSION] = FILES


def usual(api: FakeApi) -> None:
    """Nothing out of the ordinary."""


NOT_KEPT = missed(
    "professional", payment_status="refund_pending", refund=refund("45.00", "pending", "professional_absent")
)
STATES: dict[str, State] = {
    "full": (24 * HOUR, {}, usual),
    "half": (8 * HOUR, {}, usual),
    "none": (HOUR, {}, usual),
    "changed": (24 * HOUR, {}, shrinking),
    "refused": (24 * HOUR, {}, lambda api: api.fail.update(cancellation=Problem("NotCancellable", 409, "It is over."))),
    "offline": (24 * HOUR, {}, lambda api: api.fail.update(cancellation=Offline())),
    "begun": (-HOUR / 4, {}, usual),
    "taken": (24 * HOUR, {}, taken),
    "moved": (30 * HOUR, {"moved_from": wire_time(NOW + 24 * HOUR)}, usual),
    "moved-late": (
        30 * HOUR,
        {
            "moved_from": wire_time(NOW + 3 * HOUR),
            "policy": policy_of(NOW + 30 * HOUR, 720, 120) | {"at_most": "half"},
        },
        usual,
    ),
    "refund-pending": (24 * HOUR, cancelled("pending", "refund_pending"), usual),
    "refund-done": (24 * HOUR, cancelled("done", "partially_refunded"), usual),
    "refund-failed": (24 * HOUR, cancelled("failed", "refund_failed"), usual),
    "by-the-professional": (24 * HOUR, cancelled("pending", "refund_pending", "professional", "45.00"), usual),
    "too-late": (HOUR, {"status": "cancelled", "cancelled_by": "user", "cancelled_at": wire_time(NOW)}, usual),
    "absent-user": (-24 * HOUR, missed("user"), usual),
    "absent-professional": (
        -2 * HOUR,
        missed(
            "professional", payment_status="refund_pending", refund=refund("45.00", "pending", "professional_absent")
        ),
        lambda api: decided(api, "professional"),
    ),
    "objected": (
        -2 * HOUR,
        missed(
            "professional", payment_status="refund_pending", refund=refund("45.00", "pending", "professional_absent")
        ),
        lambda api: decided(api, "professional", objected=("user",), reason="Nobody could hear me."),
    ),
    "absent-both": (-24 * HOUR, missed("both"), usual),
    "over": (-2 * HOUR, {"status": "completed", "absent": "nobody"}, noted),
    "attached": (-2 * HOUR, {"status": "completed", "absent": "nobody"}, attached),
    "followed-up": (-2 * HOUR, {"status": "completed", "absent": "nobody"}, followed_up),
    "absent-unclear": (-24 * HOUR, missed("unclear", status="completed"), usual),
}


def world(state: str) -> FakeApi:
    """Grace's session with Ada in that state, other sessions around it, and free times on the days ahead."""
    starts_in, fields, act = STATES[state]
    api = FakeApi()
    api.add_professional(next_free_at=wire_time(NOW + 29 * HOUR))
    api.add_professional("pro-2", name="Jonas Weber", headline="German for work")
    api.add_slot("slot-1", NOW + starts_in)
    api.add_booking(SESSION, "slot-1", **fields)
    for number, hours in ((2, 50), (3, 53), (4, 98)):
        api.add_slot(f"slot-{number}", NOW + hours * HOUR, professional_id="pro-2" if number == 3 else "pro-1")
        api.add_booking(f"booking-{number}", f"slot-{number}")
    api.add_slot("old", NOW - 50 * HOUR)
    api.add_booking("booking-5", "old", status="completed", absent="nobody")
    for number, hours in enumerate((29, 31, 33, 55, 57, 79, 150)):
        api.add_slot(f"free-{number}", NOW + hours * HOUR)
    act(api)
    return api


def main(page: ft.Page) -> None:
    state = page.route.strip("/").split("/")[0]
    role: Role = "professional" if "/upcoming" in page.route else "user"
    page.theme, page.dark_theme = build_theme(dark=False), build_theme(dark=True)
    page.theme_mode = ft.ThemeMode.SYSTEM
    page.padding = 0
    services = services_of(world(state), role)
    if page.route.endswith("?large"):
        services.preferences.text_size = "largest"
        page.theme, page.dark_theme = (build_theme(dark, services.preferences.text_scale) for dark in (False, True))
    page.render_views(lambda: SERVICES(services, _Routes))


@ft.component
def _Routes() -> ft.Control:
    """The app's own frame around the two lists, with and without the name of the state before them."""
    lists = {"my-sessions": UpcomingUserSessions, "upcoming": UpcomingSessions}
    children = [
        ft.Route(path=f"{how}{path}/:session_id?", component=screen)
        for path, screen in lists.items()
        for how in ("", ":state/")
    ]
    return ft.Router([ft.Route(component=TabView, outlet=True, children=children)], manage_views=True)


if __name__ == "__main__":
    show(main, int(sys.argv[1]))
