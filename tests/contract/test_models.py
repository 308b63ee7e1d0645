"""The client's models against the backend's OpenAPI document, so that the two cannot drift."""

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.api import models
from app.api.client import ApiClient
from app.api.models import WireModel

ANSWERS: dict[str, type[WireModel]] = {
    "DeletionAnswer": models.Deletion,
    "AccountAnswer": models.Account,
    "SignedInAnswer": models.SignedIn,
    "SignInAnswer": models.SignedInDevice,
    "SignInsAnswer": models.Listed[models.SignedInDevice],
    "EmailChangeAnswer": models.EmailChange,
    "SecondFactorAnswer": models.SecondFactor,
    "SecondFactorSetUpAnswer": models.SecondFactorSetUp,
    "RecoveryCodesAnswer": models.RecoveryCodes,
    "MailSwitchAnswer": models.MailSwitch,
    "MailSwitchesAnswer": models.Listed[models.MailSwitch],
    "CallProgress": models.CallProgress,
    "DemoPersonAnswer": models.DemoPerson,
    "DemoPeopleAnswer": models.Listed[models.DemoPerson],
    "CategoryAnswer": models.Category,
    "CategoriesAnswer": models.Listed[models.Category],
    "ProfessionalCard": models.ProfessionalCard,
    "ProfessionalAnswer": models.Professional,
    "SuggestedHandleAnswer": models.SuggestedHandle,
    "HandleAnswer": models.Handle,
    "SlotAnswer": models.Slot,
    "NewSlotsAnswer": models.NewSlots,
    "OwnDayAnswer": models.SlotDay,
    "OwnDaysAnswer": models.OwnDays,
    "FreeSlotAnswer": models.FreeSlot,
    "FreeSlotsAnswer": models.FreeSlots,
    "FreeDayAnswer": models.FreeDay,
    "FreeDaysAnswer": models.FreeDays,
    "BookedProfessionalAnswer": models.ProfessionalParty,
    "BookedUserAnswer": models.UserParty,
    "BookingAnswer": models.Booking,
    "DeadlinesAnswer": models.Deadlines,
    "RefundAnswer": models.Refund,
    "CancellationAnswer": models.Cancellation,
    "AttendanceAnswer": models.Attendance,
    "PolicyAnswer": models.CancellationPolicy,
    "PayoutsAnswer": models.Payouts,
    "EarningsAnswer": models.Earnings,
    "EarnedWeekAnswer": models.EarningsWeek,
    "CallCheckAnswer": models.CallCheck,
    "CallLinkAnswer": models.CallLink,
    "PresenceAnswer": models.Presence,
    "MessageAnswer": models.Message,
    "MessagesAnswer": models.Messages,
    "RecordingAnswer": models.RecordingConsentRecord,
    "RecordingsAnswer": models.RecordingConsentRecords,
    "NoteAnswer": models.Note,
    "FollowUpAnswer": models.FollowUp,
    "FollowUpFileAnswer": models.FollowUpFile,
    "SentFollowUpAnswer": models.SentFollowUp,
    "QualityReportAnswer": models.QualityReport,
    "SessionQualityAnswer": models.SessionQuality,
    "Page_BookingAnswer_": models.Page[models.Booking],
    "Page_ProfessionalCard_": models.Page[models.ProfessionalCard],
    "Page_SlotAnswer_": models.Page[models.Slot],
}
_SUMS = ("upcoming", "paid", "refunded", "fees", "on_hold")
PRICES = (*_SUMS, "price", "from_price", "refund", "amount", "minimum_price", "maximum_price")
"""Decimal strings on the wire, minor units in the client."""


def kinds(schema: dict[str, Any], document: dict[str, Any]) -> set[str]:
    """The JSON types that a schema allows, with the format of instants and dates."""
    if "$ref" in schema:
        place: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        return kinds(place, document)
    if "anyOf" in schema:
        return set().union(*(kinds(one, document) for one in schema["anyOf"]))
    form = schema.get("format")
    return {form} if form in ("date-time", "date") else {schema.get("type", "object")}


def faults(answer: str, model: type[WireModel], document: dict[str, Any]) -> list[str]:
    """Every way in which the model would misread an answer of that schema."""
    wire = document["components"]["schemas"][answer]
    own = model.model_json_schema(mode="validation")
    found = []
    for name, schema in own["properties"].items():
        if name not in wire["properties"]:
            found.append(f"{name}: the backend does not send it")
            continue
        if name in own.get("required", ()) and name not in wire.get("required", ()):
            found.append(f"{name}: the client needs it, the backend may leave it out")
        sent, read = kinds(wire["properties"][name], document), kinds(schema, own)
        if name in PRICES:
            read = (read - {"integer"}) | {"string"}
        if "string" in read:
            read |= {"date-time", "date"}
        if not sent <= read:
            found.append(f"{name}: the backend sends {sent}, the client reads {read}")
    return found


@pytest.mark.parametrize("answer", ANSWERS)
def test_every_field_that_the_client_reads_is_sent_as_it_reads_it(backend: FastAPI, answer: str) -> None:
    assert faults(answer, ANSWERS[answer], backend.openapi()) == []


def test_every_answer_of_the_backend_is_known_here(backend: FastAPI) -> None:
    operations = [one for path in backend.openapi()["paths"].values() for one in path.values()]
    answers = {
        content["schema"]["$ref"].rsplit("/", 1)[-1]
        for operation in operations
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for content in answer.get("content", {}).values()
        if "$ref" in content.get("schema", {})
    }
    assert answers - {"Health", "Readiness", "StatusAnswer"} <= ANSWERS.keys()


def test_a_field_that_went_missing_is_noticed(backend: FastAPI) -> None:
    document = backend.openapi()
    slot = document["components"]["schemas"]["FreeSlotAnswer"]
    changed = slot | {"properties": {name: kind for name, kind in slot["properties"].items() if name != "price"}}
    schemas = document["components"]["schemas"] | {"FreeSlotAnswer": changed}
    assert faults("FreeSlotAnswer", models.FreeSlot, document | {"components": {"schemas": schemas}})


def test_every_method_of_the_client_is_called_against_the_backend() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("*.py")]
    calls = [node.func for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {func.attr for func in calls if isinstance(func, ast.Attribute)}
    methods = [name for name, _ in inspect.getmembers(ApiClient, inspect.iscoroutinefunction) if name[0] != "_"]
    assert [name for name in methods if name not in called and name != "close"] == []
