"""The test payment page, as a person uses it."""

from typing import Any

import pytest
from sqlalchemy import select

from backend.integrations.sandbox.payments import SandboxGateway
from backend.kit.database import Database
from backend.payments.tables import PaymentEventRow, SandboxCheckoutRow
from backend.settings import Settings
from tests.backend.bookings.acting import DECLINED_CARD, GOOD_CARD, book, checkout_path, held, pay, seen
from tests.backend.stage import Backend, MovableClock, Person


@pytest.fixture
def slot(backend: Backend, professional: Person) -> dict[str, Any]:
    return backend.slot(professional)


@pytest.fixture
def booking(user: Person, slot: dict[str, Any]) -> dict[str, Any]:
    return held(user, slot)


def states(person: Person, booking: dict[str, Any]) -> tuple[str, str]:
    now = seen(person, booking)
    return now["status"], now["payment_status"]


def page(backend: Backend, booking: dict[str, Any]) -> str:
    text: str = backend.client.get(checkout_path(booking)).text
    return text


def cancel(backend: Backend, booking: dict[str, Any], **headers: str) -> str:
    text: str = backend.client.post(f"{checkout_path(booking)}/cancel", headers=headers).text
    return text


def test_the_page_shows_who_when_how_much_and_how_long(backend: Backend, booking: dict[str, Any]) -> None:
    text = page(backend, booking)
    for words in ("Test money", "Session with Nora Berg", "10:00-10:45 on 2 March 2027 (Berlin)", "$45.00", "10 min"):
        assert words in text


def test_the_time_is_shown_in_the_payers_own_zone(backend: Backend, slot: dict[str, Any]) -> None:
    booking = held(backend.user(time_zone="America/New_York"), slot)
    assert "04:00-04:45 on 2 March 2027 (New York)" in page(backend, booking)


def test_every_field_has_its_label_and_the_button_names_the_price(backend: Backend, booking: dict[str, Any]) -> None:
    text = page(backend, booking)
    for field, label in (("card_number", "Card number"), ("expiry", "Expiry"), ("cvc", "CVC")):
        assert f'<label for="{field}">{label}</label>' in text
    assert "Pay $45.00</button>" in text


def test_the_form_is_filled_in_with_a_card_that_is_accepted(backend: Backend, booking: dict[str, Any]) -> None:
    text = page(backend, booking)
    for value in ("4242 4242 4242 4242", "12/34", "123"):
        assert f'value="{value}"' in text


def test_a_good_card_pays_and_the_booking_is_confirmed(backend: Backend, user: Person, booking: dict[str, Any]) -> None:
    answer = pay(user, booking)
    assert "Paid." in answer.text
    assert states(user, booking) == ("confirmed", "paid")


def test_a_declined_card_leaves_the_payment_pending_and_can_be_tried_again(
    user: Person, booking: dict[str, Any]
) -> None:
    answer = pay(user, booking, DECLINED_CARD)
    assert answer.status_code == 402
    assert "The card was declined." in answer.text
    assert states(user, booking) == ("held", "pending")
    pay(user, booking)
    assert states(user, booking) == ("confirmed", "paid")


def test_paying_twice_takes_the_money_once(user: Person, booking: dict[str, Any], database: Database) -> None:
    pay(user, booking)
    answer = pay(user, booking)
    assert "Paid." in answer.text
    with database.read() as session:
        assert session.scalars(select(PaymentEventRow.outcome)).all() == ["confirmed"]


def test_cancelling_frees_the_slot_and_takes_nothing(
    backend: Backend, user: Person, booking: dict[str, Any], slot: dict[str, Any]
) -> None:
    assert "Nothing was paid." in cancel(backend, booking)
    assert states(user, booking) == ("cancelled", "failed")
    assert book(backend.user(), slot).status_code == 201


def test_cancelling_after_paying_changes_nothing(backend: Backend, user: Person, booking: dict[str, Any]) -> None:
    pay(user, booking)
    assert "Paid." in cancel(backend, booking)
    assert states(user, booking) == ("confirmed", "paid")


def test_payment_is_refused_once_the_hold_is_over(backend: Backend, user: Person, booking: dict[str, Any]) -> None:
    backend.clock.move(minutes=10)
    assert "Nothing was paid." in pay(user, booking).text
    assert "Pay $45.00" not in page(backend, booking)
    assert states(user, booking) == ("expired", "pending")


def test_money_whose_event_got_lost_is_found_by_asking(
    settings: Settings, clock: MovableClock, database: Database, booking: dict[str, Any]
) -> None:
    gateway = SandboxGateway(database, clock, settings.public_url)
    reference = checkout_path(booking).rpartition("/")[2]
    gateway.pay(reference, GOOD_CARD["card_number"].replace(" ", ""))
    assert gateway.read_checkout(reference).state == "paid"
    assert gateway.expire_checkout(reference).state == "paid"


def test_money_that_comes_as_the_time_is_lost_says_that_it_goes_back(
    backend: Backend, user: Person, booking: dict[str, Any], database: Database
) -> None:
    user.post(f"/sessions/{booking['id']}/release")
    with database.write() as session:  # as if the release had not reached the provider in time
        session.scalars(select(SandboxCheckoutRow)).one().state = "open"
    assert "Your test money goes back to you." in pay(user, booking).text
    assert states(user, booking) == ("cancelled", "refund_pending")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"card_number": "card"}, "Please type the card&#x27;s digits"),
        ({"card_number": ""}, "Please type the card&#x27;s digits"),
        ({"expiry": "13/34"}, "Please type month and year"),
        ({"expiry": "02/27"}, "This card has expired."),
        ({"cvc": "12"}, "three or four digits"),
    ],
)
def test_a_field_that_is_wrong_says_so_and_nothing_is_paid(
    user: Person, booking: dict[str, Any], changes: dict[str, str], words: str
) -> None:
    answer = pay(user, booking, {**GOOD_CARD, **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert states(user, booking) == ("held", "pending")


@pytest.mark.parametrize("number", ["5555 5555 5555 4444", "4111111111111111"])
def test_another_card_is_refused_and_not_shown_again(user: Person, booking: dict[str, Any], number: str) -> None:
    answer = pay(user, booking, {**GOOD_CARD, "card_number": number})
    assert "This is not one of the test cards." in answer.text
    assert number not in answer.text


def test_what_people_are_called_cannot_become_markup(backend: Backend, user: Person) -> None:
    slot = backend.slot(backend.professional("<script>alert(1)</script> $price"))
    text = page(backend, held(user, slot))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $price" in text


@pytest.mark.parametrize("act", ["pay", "cancel"])
def test_a_form_on_another_site_does_nothing(backend: Backend, user: Person, booking: dict[str, Any], act: str) -> None:
    backend.client.post(f"{checkout_path(booking)}/{act}", data=GOOD_CARD, headers={"Sec-Fetch-Site": "cross-site"})
    assert states(user, booking) == ("held", "pending")


def test_the_page_runs_only_its_own_script_and_posts_only_to_us(backend: Backend, booking: dict[str, Any]) -> None:
    policy = backend.client.get(checkout_path(booking)).headers["Content-Security-Policy"]
    assert "script-src 'sha256-" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", ["", "/pay", "/cancel"])
def test_an_unknown_checkout_does_not_exist(backend: Backend, path: str) -> None:
    address = f"/sandbox/checkout/unknown{path}"
    answer = backend.client.post(address) if path else backend.client.get(address)
    assert answer.status_code == 404


def test_two_bookings_have_addresses_that_do_not_tell_of_each_other(
    backend: Backend, professional: Person, user: Person
) -> None:
    first = held(user, backend.slot(professional))
    second = held(user, backend.slot(professional, start="12:00", end="12:45"))
    assert len(checkout_path(first).rpartition("/")[2]) >= 32
    assert checkout_path(first) != checkout_path(second)
