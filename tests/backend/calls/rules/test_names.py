"""Names of rooms and participants."""

from uuid import UUID

import pytest

from backend.auth.rules import Role
from backend.calls.rules import account_of, booking_of_room, check_room_name, identity_of, role_of, room_name

SOMEONE = UUID("12345678-1234-4234-8234-123456789abc")


def test_the_room_is_named_after_the_session() -> None:
    assert room_name(SOMEONE) == "session_12345678-1234-4234-8234-123456789abc"


def test_a_room_tells_its_booking() -> None:
    assert booking_of_room(room_name(SOMEONE)) == SOMEONE


@pytest.mark.parametrize(
    "room",
    [
        "",
        "session_",
        "session_1",
        str(SOMEONE),
        f"SESSION_{SOMEONE}",
        f"session_session_{SOMEONE}",
        check_room_name(SOMEONE),
    ],
)
def test_a_strange_room_has_no_booking(room: str) -> None:
    assert booking_of_room(room) is None


@pytest.mark.parametrize("role", Role)
def test_an_identity_tells_its_role_and_its_account(role: Role) -> None:
    identity = identity_of(role, SOMEONE)
    assert role_of(identity) is role
    assert account_of(identity) == (role, SOMEONE)


@pytest.mark.parametrize("identity", ["", "admin_1", "recorder", "USER_1", f"admin_{SOMEONE}", f"_{SOMEONE}"])
def test_a_strange_identity_has_no_role_and_no_account(identity: str) -> None:
    assert role_of(identity) is None
    assert account_of(identity) is None


@pytest.mark.parametrize("identity", ["user", "user_", "user_1", f"user_{SOMEONE}_2", f"user_user_{SOMEONE}"])
def test_a_role_without_the_id_of_an_account_has_no_account(identity: str) -> None:
    assert role_of(identity) is Role.USER
    assert account_of(identity) is None
