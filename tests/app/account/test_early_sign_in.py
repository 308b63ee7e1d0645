"""What was typed into the page's own form while a browser loaded the app reaches the app's form, once."""

import pytest

from app.state.core.sign_in import EarlySignIn, Typed
from app.web.tab_socket import LONGEST_EMAIL, LONGEST_PASSWORD, _typed
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import PASSWORD, path

GRACE = "grace@example.com"


def test_it_waits_for_the_form_and_is_given_once() -> None:
    early, first, second = EarlySignIn(), list[Typed](), list[Typed]()
    early.give(Typed(GRACE, PASSWORD))
    early.listen(first.append)
    early.stop()
    early.listen(second.append)
    assert (first, second) == ([Typed(GRACE, PASSWORD)], [])
    early.give(Typed("", "x", submit=True))
    assert second == [Typed("", "x", submit=True)]


def test_no_password_is_shown_in_a_log() -> None:
    assert PASSWORD not in repr(Typed(GRACE, PASSWORD))


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"typed": 1}',
        '{"typed": {"email": 1, "password": "", "submit": true}}',
        '{"typed": {"email": "", "password": null, "submit": true}}',
        '{"typed": {"email": "", "password": "", "submit": "yes"}}',
        '{"typed": {"email": "", "password": ""}}',
        f'{{"typed": {{"email": "{"x" * (LONGEST_EMAIL + 1)}", "password": "", "submit": true}}}}',
        f'{{"typed": {{"email": "", "password": "{"x" * (LONGEST_PASSWORD + 1)}", "submit": true}}}}',
        '{"typed":' * 100_000,
    ],
)
def test_what_no_page_of_ours_says_is_left_alone(text: str) -> None:
    assert _typed(text) is None


def test_what_it_says_is_read() -> None:
    said = '{"typed": {"email": "grace@example.com", "password": "x", "submit": true}}'
    assert _typed(said) == Typed(GRACE, "x", submit=True)


async def test_what_was_sent_signs_in(app: Harness) -> None:
    app.connection.early.give(Typed(GRACE, PASSWORD, submit=True))
    await app.until(lambda: path(app) == "/find")


async def test_what_was_only_typed_stands_in_the_form(app: Harness) -> None:
    app.connection.early.give(Typed(GRACE, PASSWORD))
    await app.until(lambda: (app.field("E-mail").value, app.field("Password").value) == (GRACE, PASSWORD))
