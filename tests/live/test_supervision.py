"""What watches over a call is watched itself, and the private names of the SDK are as they were when it was written."""

import logging

import pytest

from app.call.connectivity.link_monitor import LinkMonitor
from app.call.contract.call_state import CallPart, CallState
from tests.live.conftest import MakeSide
from tests.waiting import until


@pytest.mark.parts_fail
async def test_a_monitor_that_keeps_failing_is_told_and_goes_on_once_it_can(
    side: MakeSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll, failing = LinkMonitor._poll, [True]

    async def fail(monitor: LinkMonitor) -> None:
        if failing[0]:
            raise AttributeError("a field that the SDK does not have any more")
        await poll(monitor)

    monkeypatch.setattr(LinkMonitor, "_poll", fail)
    anna = await side("anna")
    await anna.join()
    await until(lambda: anna.now.failing_parts == {CallPart.CONNECTION}, "she is told")
    failing[0] = False
    await until(lambda: anna.now.own_quality is not None, "her connection is rated", 40)
    await until(lambda: not anna.now.failing_parts, "and nothing is told any more", 40)
    assert anna.now.state is CallState.WAITING


async def test_the_pinned_sdk_has_every_private_name_that_a_call_uses(
    side: MakeSide, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "app.call.room.sdk_private"):
        anna, ben = await side("anna"), await side("ben")
        await anna.join()
        await ben.join()
        await anna.state(CallState.IN_CALL)
        await until(lambda: anna.engine._call and anna.engine._call.remote_frames.count, "frames come")
    assert [each.getMessage() for each in caplog.records if each.name == "app.call.room.sdk_private"] == []
