"""Everything that is kept of a person is in their export, and nothing that is somebody else's or a secret."""

import json
from typing import Any

from sqlalchemy import inspect

from backend.kit.database import Base, Database
from backend.privacy.service import exporting
from backend.worker import Worker
from tests.backend.bookings.acting import confirmed, held
from tests.backend.stage import PASSWORD, Backend, MovableClock, Person, both_were_there

NOT_A_PERSONS = {
    "call_joins": "a device's number for a day",
    "call_keys": "a secret, until the room closes",
    "follow_up_pieces": "the content of files that the export names, with how to save them",
    "handles": "in the export as links",
    "holds": "digests, for a day",
    "idempotency_keys": "digests, for a day",
    "ledger_differences": "for the books",
    "limit_counts": "digests, for a day",
    "livekit_events": "ids, for a day",
    "recovery_codes": "digests",
    "payees": "the provider's own reference",
    "payment_events": "the provider's own words, for 90 days",
    "reset_requests": "what somebody typed, until the worker has looked",
    "search_texts": "made of name and profile",
    "watches": "of rooms, not of people",
    "worker_leases": "of the worker",
    "audit_entries": "of the operators",
}
"""Why a table that refers to nobody in an export is not in it: whoever adds a table has to decide."""


def export(person: Person) -> dict[str, Any]:
    answer = person.get("/auth/me/export")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_every_table_is_exported_or_has_a_reason_why_not() -> None:
    tables = {
        mapper.class_.__tablename__
        for mapper in Base.registry.mappers
        if not mapper.class_.__tablename__.startswith("sandbox")
    }
    named = {
        value.__tablename__
        for value in vars(exporting).values()
        if isinstance(value, type) and issubclass(value, Base) and value is not Base
    }
    assert tables - named - set(NOT_A_PERSONS) == set()


def test_a_session_is_in_both_exports_with_its_money_and_who_was_there(
    backend: Backend, professional: Person, user: Person, clock: MovableClock, worker: Worker
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    held(user, backend.slot(professional, "2027-03-09"))
    both_were_there(backend.database, booking)
    clock.move(hours=1, minutes=50)
    worker.run_once()
    of_user, of_professional = export(user), export(professional)
    for told in (of_user, of_professional):
        assert told["sessions"][0]["status"] == "completed"
        assert (told["sessions"][0]["user"], told["sessions"][0]["professional"]) == ("Sam Vale", "Nora Berg")
        assert [each["amount_minor"] for each in told["payments"]] == [4500]
        assert len(told["decisions"]) == 1
    assert {each["role"] for each in of_user["presence_in_calls"]} == {"user"}
    assert {each["role"] for each in of_professional["presence_in_calls"]} == {"professional"}
    assert len(of_professional["hours"]) == 2
    assert "hours" not in of_user


def test_nobody_elses_address_and_no_secret_is_in_it(backend: Backend, professional: Person, user: Person) -> None:
    confirmed(user, backend.slot(professional))
    written = json.dumps(export(user))
    assert user.get("/auth/me").json()["email"] in written
    assert professional.get("/auth/me").json()["email"] not in written
    assert PASSWORD not in written
    assert user.token not in written
    assert "argon2" not in written


def test_a_secret_column_is_in_no_export(database: Database) -> None:
    for mapper in Base.registry.mappers:
        columns = {column.key for column in inspect(mapper.class_).column_attrs}
        secret = {name for name in columns if "hash" in name or "digest" in name or name.endswith("reference")}
        table = mapper.class_.__tablename__
        if table in ("accounts", "tokens", "email_codes", "bookings", "payments", "refunds", "disputes"):
            assert secret <= exporting._NOT_TOLD[table], table
