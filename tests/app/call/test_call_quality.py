"""The report of a call: sent when it ends, however it ends, and said in words."""

import asyncio

import pytest

from app.api.models import QualityReport, SessionQuality
from app.call.contract import stats as quality_report
from app.call.contract.stats import RatedTime
from app.errors import Offline, Problem
from app.state.call import quality_reporting
from app.state.call.quality_reporting import wire_report
from app.state.call.words.quality_words import figure_words, symptom_words, verdict_words
from tests.app.stage.call_world import SESSION, CallWorld
from tests.app.stage.harness import Harness, screen

SENT = f"report_quality {SESSION}"
MEASURED = quality_report.QualityReport(
    measured_s=600.4,
    own=RatedTime(good_s=500, fair_s=100.4),
    peer=RatedTime(good_s=600),
    round_trip_ms=41.7,
    loss_in=0.0034,
    frozen_s=3.2,
    received_height=720,
    received_rate_hz=29.7,
)


def test_what_is_sent_is_whole_numbers() -> None:
    report = wire_report(MEASURED)
    assert report == QualityReport(
        measured_s=600,
        own_rating="fair",
        other_rating="good",
        round_trip_ms=42,
        loss_in_permille=3,
        frozen_s=3,
        received_height=720,
        received_rate_hz=30,
    )


def test_less_than_a_second_is_no_report() -> None:
    assert wire_report(quality_report.QualityReport(0.6, RatedTime(good_s=0.6), RatedTime())) is None


def test_no_part_is_longer_than_the_whole() -> None:
    made = wire_report(quality_report.QualityReport(9.9, RatedTime(poor_s=9.9), RatedTime(), frozen_s=9.9))
    assert made is not None
    assert (made.measured_s, made.frozen_s) == (9, 9)


def test_a_good_call_has_nothing_to_say_of_trouble() -> None:
    report = QualityReport(measured_s=600, own_rating="good", concealed_permille=4)
    assert verdict_words(report) == "The connection was good throughout."
    assert symptom_words(report) == []


def test_trouble_is_said_in_words_and_units() -> None:
    report = QualityReport(
        measured_s=600, own_rating="poor", concealed_permille=35, frozen_s=1, reduced_s=130, interruptions=2
    )
    assert symptom_words(report) == [
        "The connection dropped 2 times.",
        "3.5 % of the audio was lost and concealed.",
        "The picture froze for 1 second.",
        "Your video was reduced for 2 minutes to keep the sound clear.",
    ]


def test_only_what_was_measured_has_figures() -> None:
    report = QualityReport(measured_s=60, own_rating="good", round_trip_ms=40, received_height=720, received_rate_hz=30)
    assert figure_words(report) == [("Round trip", "40 ms"), ("Video received", "720p, 30 fps")]


async def call_that_ended(app: Harness, world: CallWorld) -> None:
    await app.shows("Join")
    await app.click("Join")
    await app.until(lambda: world.engine.credentials)
    world.engine.let_other_in("Ada Lovelace", since=world.api.now)
    world.engine.report = MEASURED
    await app.settle()
    world.pass_time(minutes=10)
    await app.click("End call")


async def test_the_report_is_sent_when_the_call_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_reporting, "OTHERS_AFTER_S", ())
    world = CallWorld()
    async with screen(world.view) as app:
        await call_that_ended(app, world)
        await app.until(lambda: SESSION in world.api.quality)
    assert world.api.quality[SESSION] == SessionQuality(user=wire_report(MEASURED))


async def test_a_report_that_found_no_network_is_sent_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_reporting, "AGAIN_AFTER_S", (0.01,) * 100)
    monkeypatch.setattr(quality_reporting, "OTHERS_AFTER_S", ())
    world = CallWorld()
    world.api.fail["report_quality"] = Offline()
    async with screen(world.view) as app:
        await call_that_ended(app, world)
        await app.until(lambda: world.api.calls.count(SENT) >= 2)
        del world.api.fail["report_quality"]
        await app.until(lambda: SESSION in world.api.quality)


async def test_a_report_that_is_refused_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_reporting, "AGAIN_AFTER_S", (0.01,) * 5)
    monkeypatch.setattr(quality_reporting, "OTHERS_AFTER_S", ())
    world = CallWorld()
    world.api.fail["report_quality"] = Problem("SessionCancelled", 409, "This session was cancelled.")
    async with screen(world.view) as app:
        await call_that_ended(app, world)
        await app.until(lambda: SENT in world.api.calls)
        await asyncio.sleep(0.1)
    assert world.api.calls.count(SENT) == 1


async def test_leaving_the_screens_at_once_still_sends_the_report() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.until(lambda: world.engine.credentials)
        world.engine.let_other_in("Ada Lovelace", since=world.api.now)
        world.engine.report = MEASURED
        await app.settle()
    for _ in range(100):
        if SESSION in world.api.quality:
            break
        await asyncio.sleep(0.02)
    assert SESSION in world.api.quality


async def test_a_call_that_was_never_measured_sends_nothing() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.until(lambda: world.engine.credentials)
        await app.click("End call")
        await app.shows("were not in the room together")
    assert SENT not in world.api.calls
