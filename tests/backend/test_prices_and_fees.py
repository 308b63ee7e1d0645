"""What a price has to cover: the fee, Stripe's fee, the smallest price, and who reads of it."""

from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.availability.tables import SlotRow
from backend.kit.database import Base
from backend.kit.money import MAX_PRICE_MINOR, MIN_PRICE_MINOR
from backend.payments.rules import platform_fee
from backend.settings import BadSettings, Settings, load_settings
from tests.backend.stage import Backend, Person

PRICES = st.integers(MIN_PRICE_MINOR, MAX_PRICE_MINOR)


@given(price=st.integers(1, MAX_PRICE_MINOR), points=st.integers(0, 10_000))
def test_the_fee_never_exceeds_the_price(price: int, points: int) -> None:
    assert 0 <= platform_fee(price, points) <= price


@given(
    price=PRICES,
    minimum=PRICES,
    points=st.integers(0, 5000),
    stripe_points=st.integers(0, 5000),
    stripe_fixed=st.integers(0, 1000),
)
def test_settings_that_are_taken_leave_something_of_every_price(
    price: int, minimum: int, points: int, stripe_points: int, stripe_fixed: int
) -> None:
    chosen: dict[str, Any] = {
        "minimum_price_minor": minimum,
        "platform_fee_basis_points": points,
        "stripe_fee_basis_points": stripe_points,
        "stripe_fee_fixed_minor": stripe_fixed,
    }
    try:
        settings = Settings(**chosen)
    except ValidationError:
        return
    price = max(price, minimum)
    assert settings.stripe_fee_of(price) < price
    assert platform_fee(price, points) <= price
    covered = platform_fee(minimum, points) >= settings.stripe_fee_of(minimum)
    assert (settings.loss_at_minimum == "") == covered


def test_a_price_that_stripes_fee_uses_up_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_FEE_FIXED_MINOR", "100")
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert "MINIMUM_PRICE_MINOR: of 100 cents Stripe keeps 103, so that nothing is left" in str(refused.value)


def test_a_loss_on_the_smallest_price_names_the_price_that_covers_it() -> None:
    assert Settings().loss_at_minimum == (
        "Of a session for 100 cents the platform keeps 10 and pays Stripe 33: each one is a loss;"
        " MINIMUM_PRICE_MINOR=425 covers it."
    )
    assert not Settings(minimum_price_minor=425).loss_at_minimum
    assert "raise the fee" in Settings(platform_fee_basis_points=100).loss_at_minimum


@pytest.mark.parametrize("countries", ["", "de", "DEU", "DE;FR", "D1"])
def test_countries_are_two_capital_letters(countries: str) -> None:
    with pytest.raises(ValidationError, match="two capital letters"):
        Settings(payout_countries=countries)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        rendezvous_demo=True,
        public_url="http://backend.test",
        minimum_price_minor=425,
        payout_countries="DE,FR",
    )


def test_the_smallest_price_is_the_settings_and_the_api_tells_it(backend: Backend, professional: Person) -> None:
    refused = backend.offer(professional, price="4.24")
    assert (refused.status_code, refused.json()["fields"]) == (
        422,
        {"price": "The price must be between $4.25 and $250.00."},
    )
    assert backend.offer(professional, price="4.25").status_code == 201
    shown = professional.get("/professional/payouts").json()
    assert (shown["minimum_price"], shown["maximum_price"]) == ("4.25", "250.00")


def test_the_bounds_of_the_database_are_those_that_no_setting_can_leave() -> None:
    field = Settings.model_fields["minimum_price_minor"]
    bounds = {type(each).__name__: getattr(each, type(each).__name__.lower()) for each in field.metadata}
    assert bounds == {"Ge": MIN_PRICE_MINOR, "Le": MAX_PRICE_MINOR}
    checks = [str(getattr(each, "sqltext", "")) for each in Base.metadata.tables[SlotRow.__tablename__].constraints]
    assert f"price_minor BETWEEN {MIN_PRICE_MINOR} AND {MAX_PRICE_MINOR}" in checks


def test_a_country_is_asked_for_before_anything_is_opened(backend: Backend) -> None:
    professional = backend.professional(onboarded=False)
    refused = professional.post("/professional/payouts", json={})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["country"])
    shown = professional.get("/professional/payouts").json()
    assert (shown["country"], shown["countries"]) == (None, ["DE", "FR"])


def test_in_a_demo_a_request_without_a_body_takes_the_first_country(backend: Backend) -> None:
    professional = backend.professional(onboarded=False)
    assert professional.post("/professional/payouts").json()["country"] == "DE"


def test_a_country_where_nobody_can_be_paid_is_told_in_a_sentence(backend: Backend) -> None:
    professional = backend.professional(onboarded=False)
    refused = professional.post("/professional/payouts", json={"country": "BR"})
    assert (refused.status_code, refused.json()["error"]) == (422, "UnsupportedCountry")
    assert "Payouts to this country are not possible" in refused.json()["fields"]["country"]
    assert professional.get("/professional/payouts").json()["state"] == "none"


def test_another_country_can_be_chosen_until_the_account_is_set_up(backend: Backend) -> None:
    professional = backend.professional(onboarded=False)
    for country in ("DE", "FR"):
        answer = professional.post("/professional/payouts", json={"country": country}).json()
        assert (answer["state"], answer["country"]) == ("pending", country)


def test_a_country_that_is_taken_off_the_list_ends_offering_and_booking(
    app: FastAPI, backend: Backend, professional: Person, user: Person
) -> None:
    slot = backend.slot(professional)
    app.state.settings = app.state.settings.model_copy(update={"payout_countries": "FR"})
    try:
        refused = backend.offer(professional, "2027-03-03")
        booked = user.post("/sessions/book", json={"slot_id": slot["id"]})
    finally:
        app.state.settings = app.state.settings.model_copy(update={"payout_countries": "DE,FR"})
    assert (refused.status_code, refused.json()["error"]) == (409, "NotOnboarded")
    assert "your country" in refused.json()["detail"]
    assert (booked.status_code, booked.json()["error"]) == (409, "ProfessionalNotReady")
