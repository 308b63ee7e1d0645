"""Names of rooms and participants."""

from uuid import UUID

import pytest

from backend.auth.rules import Role
from backend.calls.rules import identity_of, role_of, room_name

SOMEONE = UUID("12345678-1234-4234-8234-123456789abc")


def test_the_room_is_named_after_the_session() -> None:
    assert room_name(SOMEONE) == "session_12345678-1234-4234-8234-123456789abc"


@pytest.mark.parametrize("role", Role)
def test_an_identity_tells_its_role(role: Role) -> None:
    assert role_of(identity_of(role, SOMEONE)) is role


@pytest.mark.parametrize("identity", ["", "admin_1", "recorder", "USER_1"])
def test_a_strange_identity_has_no_role(identity: str) -> None:
    assert role_of(identity) is None
