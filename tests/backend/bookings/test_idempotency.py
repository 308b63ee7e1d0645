"""A request that comes again because its answer got lost."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI

from backend.kit.database import Database
from backend.payments.ports import PaymentGatewayUnavailable
from backend.settings import Settings
from tests.backend.bookings.acting import book, held, pay, seen
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.payment_gateway import FakePaymentGateway

KEY = "a-key-made-by-the-app"


def test_a_repeat_with_the_same_key_gives_the_same_answer(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    first, second = book(user, slot, KEY), book(user, slot, KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


def test_a_repeat_is_answered_with_the_booking_as_it_is_by_then(
    backend: Backend, professional: Person, user: Person
) -> None:
    slot = backend.slot(professional)
    first = book(user, slot, KEY).json()
    pay(user, first)
    backend.clock.move(minutes=30)
    again = book(user, slot, KEY).json()
    assert (again["id"], again["status"], again["checkout_url"]) == (first["id"], "confirmed", None)


@pytest.mark.parametrize(("end", "status"), [("release", "cancelled"), ("wait", "expired")])
def test_a_repeat_never_shows_a_checkout_that_is_closed(
    backend: Backend, professional: Person, user: Person, end: str, status: str
) -> None:
    slot = backend.slot(professional)
    first = book(user, slot, KEY).json()
    if end == "release":
        user.post(f"/sessions/{first['id']}/release")
    else:
        backend.clock.move(minutes=10)
    again = book(user, slot, KEY).json()
    assert again["id"] == first["id"]
    assert (again["status"], again["checkout_url"], again["hold_expires_at"]) == (status, None, None)


def test_a_key_expires_after_a_day_and_may_then_come_with_another_wish(
    backend: Backend, professional: Person, user: Person
) -> None:
    slot, other = backend.slot(professional, "2027-03-20"), backend.slot(professional, "2027-03-21")
    first = book(user, slot, KEY).json()
    backend.clock.move(hours=23, minutes=59)
    assert book(user, slot, KEY).json()["id"] == first["id"]
    backend.clock.move(minutes=1)
    second = book(user, other, KEY)
    assert (second.status_code, second.json()["slot_id"]) == (201, other["id"])


def test_the_same_key_with_another_wish_is_refused(backend: Backend, professional: Person, user: Person) -> None:
    slot, other = backend.slot(professional), backend.slot(professional, start="12:00", end="12:45")
    book(user, slot, KEY)
    answer = book(user, other, KEY)
    assert (answer.status_code, answer.json()["error"]) == (409, "IdempotencyKeyReused")


def test_keys_are_each_accounts_own(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    book(user, slot, KEY)
    assert book(backend.user(), slot, KEY).json()["error"] == "SlotAlreadyTaken"


def test_a_refused_attempt_may_be_repeated_with_its_key(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    other = backend.user()
    booking = held(other, slot)
    assert book(user, slot, KEY).status_code == 409
    other.post(f"/sessions/{booking['id']}/release")
    assert book(user, slot, KEY).status_code == 201


@pytest.mark.parametrize("key", ["short", "x" * 129, "tab\tin-the-key"])
def test_a_key_that_is_none_is_named(backend: Backend, professional: Person, user: Person, key: str) -> None:
    answer = book(user, backend.slot(professional), key)
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["idempotency-key"]


class TestWithAProviderThatFails:
    """The provider is asked between two transactions, and may not answer."""

    @pytest.fixture
    def gateway(self) -> FakePaymentGateway:
        return FakePaymentGateway()

    @pytest.fixture
    def app(
        self, settings: Settings, clock: MovableClock, gateway: FakePaymentGateway, compose: Callable[..., FastAPI]
    ) -> FastAPI:
        return compose(settings, clock, payment_gateway=gateway)

    def test_without_a_payment_page_nothing_is_held(
        self, backend: Backend, professional: Person, user: Person, gateway: FakePaymentGateway
    ) -> None:
        slot = backend.slot(professional)
        gateway.down = True
        answer = book(user, slot)
        assert (answer.status_code, answer.json()["error"]) == (503, "ServiceUnavailable")
        gateway.down = False
        assert book(backend.user(), slot).status_code == 201

    def test_the_same_key_works_once_the_provider_answers_again(
        self, backend: Backend, professional: Person, user: Person, gateway: FakePaymentGateway
    ) -> None:
        slot = backend.slot(professional)
        gateway.down = True
        book(user, slot, KEY)
        gateway.down = False
        assert book(user, slot, KEY).status_code == 201

    def test_a_request_that_ended_half_way_is_taken_up_with_the_same_booking(
        self, backend: Backend, professional: Person, user: Person, gateway: FakePaymentGateway
    ) -> None:
        slot = backend.slot(professional)

        def cut() -> None:
            raise RuntimeError("the process ends here")

        gateway.on_create = cut
        assert book(user, slot, KEY).status_code == 500
        gateway.on_create = lambda: None
        answer = book(user, slot, KEY)
        assert answer.status_code == 201
        assert gateway.created[0] == gateway.created[1]
        assert answer.json()["checkout_url"] == f"https://pay.test/checkout-{gateway.created[0]}"

    def test_the_provider_is_not_asked_inside_a_transaction(
        self,
        backend: Backend,
        professional: Person,
        user: Person,
        gateway: FakePaymentGateway,
        database: Database,
    ) -> None:
        slot = backend.slot(professional)
        could_write: list[bool] = []

        def write_something() -> None:
            with database.write() as session:
                session.connection()
                could_write.append(True)

        gateway.on_create = write_something
        assert book(user, slot).status_code == 201
        assert could_write == [True]

    def test_a_hold_given_back_while_its_page_was_made_stays_given_back(
        self, backend: Backend, professional: Person, user: Person, gateway: FakePaymentGateway
    ) -> None:
        slot = backend.slot(professional)

        def release() -> None:
            user.post(f"/sessions/{gateway.created[-1]}/release")

        gateway.on_create = release
        booking = book(user, slot).json()
        assert (booking["status"], booking["checkout_url"]) == ("cancelled", None)
        assert seen(user, booking)["status"] == "cancelled"

    def test_a_request_sent_twice_keeps_its_hold_if_one_of_them_got_a_payment_page(
        self, backend: Backend, professional: Person, user: Person, gateway: FakePaymentGateway
    ) -> None:
        slot = backend.slot(professional)
        answers: list[dict[str, str]] = []

        def send_again_and_break() -> None:
            gateway.on_create = lambda: None
            answers.append(book(user, slot, KEY).json())
            raise PaymentGatewayUnavailable("the first one's answer got lost")

        gateway.on_create = send_again_and_break
        assert book(user, slot, KEY).status_code == 503
        assert seen(user, answers[0])["status"] == "held"
        assert seen(user, answers[0])["checkout_url"] == answers[0]["checkout_url"]
