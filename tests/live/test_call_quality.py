"""The figures of a real call, between two engines over a real server."""

import asyncio

from app.call.contract.call_state import CallState
from app.call.contract.stats import Rating
from tests.live.conftest import MakeSide
from tests.live.sides import BEN_NUMBERS, Side, both_in_call
from tests.stage.livekit_server import LivekitServer
from tests.waiting import until


async def test_a_call_on_a_good_network_is_rated_good_on_both_sides_with_figures_behind_it(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await until(lambda: len(anna.engine.quality_samples()) >= 5, "five seconds were measured")
    await until(lambda: anna.now.own_quality is Rating.GOOD, "the own connection is good")
    await until(lambda: anna.now.peer_quality is Rating.GOOD, "the other's is, once a busy machine keeps up")
    newest = anna.engine.quality_samples()[-1]
    assert newest.round_trip_ms is not None
    assert newest.received is not None
    assert newest.sent is not None
    assert (newest.received.width, newest.received.height, newest.sent.height) == (640, 360, 360)
    assert newest.kbit_in > 50
    assert newest.kbit_out > 50


async def test_the_report_outlives_the_call_and_counts_only_what_was_measured(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    assert anna.engine.quality_report() is None
    await both_in_call(anna, ben)
    await until(lambda: anna.now.peer_quality, "Ben is rated")
    await asyncio.sleep(2)
    await anna.engine.leave()
    report = anna.engine.quality_report()
    assert report is not None
    assert report.measured_s > 1
    assert report.own.rating is Rating.GOOD
    assert report.received_height == 360
    assert report.interruptions == 0


async def test_a_camera_that_is_switched_off_is_no_freeze_and_no_bad_connection(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await ben.engine.set_camera(False)
    await until(lambda: anna.now.peer and not anna.now.peer.camera_on, "Anna is told")
    seen = len(anna.engine.quality_samples())
    await until(lambda: len(anna.engine.quality_samples()) > seen + 4, "it was measured on")
    assert {each.frozen_s for each in anna.engine.quality_samples()[seen + 1 :]} == {0.0}
    await until(lambda: anna.now.peer_quality is Rating.GOOD, "the connection is as good as before")


async def test_a_frozen_server_is_an_interruption_in_the_report(side: MakeSide, own_server: LivekitServer) -> None:
    anna, ben = await side("anna", at=own_server), await side("ben", at=own_server)
    await both_in_call(anna, ben)
    await until(lambda: anna.now.own_quality, "Anna is rated")
    own_server.freeze()
    await anna.state(CallState.RECONNECTING)
    await until(lambda: anna.now.own_quality is Rating.POOR, "a connection that is gone is a poor one")
    own_server.thaw()
    await anna.state(CallState.IN_CALL)
    report = anna.engine.quality_report()
    assert report is not None
    assert report.interruptions == 1


def received_height(side: Side) -> int | None:
    """Of the frame that comes, by the newest measure; None before the first, and without a picture."""
    newest = side.engine.quality_samples()[-1:]
    return newest[0].received.height if newest and newest[0].received else None


async def test_a_video_that_nobody_sees_is_neither_sent_nor_fetched_and_comes_back_at_once(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await anna.engine.set_remote_video_visible(False)

    def nothing_comes() -> bool:
        newest = anna.engine.quality_samples()[-2:]
        return len(newest) == 2 and all(each.received is None for each in newest)

    await until(nothing_comes, "no video of Ben arrives any more")
    await until(lambda: [each.sent for each in ben.engine.quality_samples()[-1:]] == [None], "Ben encodes none")
    await asyncio.sleep(6)  # longer than the watch for a silent other waits
    assert anna.now.state is CallState.IN_CALL
    await until(
        lambda: (anna.now.own_quality, anna.now.peer_quality) == (Rating.GOOD, Rating.GOOD),
        "nobody looking is no bad connection, as far as the machine is calm",
    )
    assert not ben.now.video_degraded, "nobody looking is no bad connection"
    seen = anna.engine.quality_samples()[-1].at_s
    await anna.engine.set_remote_video_visible(True)
    await anna.seen(BEN_NUMBERS, after=(await anna.seen(BEN_NUMBERS)).number)
    await until(lambda: anna.engine.quality_samples()[-1].at_s > seen + 4, "it was measured on")
    assert sum(each.frozen_s for each in anna.engine.quality_samples() if each.at_s > seen) == 0


async def test_a_request_for_less_is_followed_by_the_peers_camera_and_shown_there(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    adaptation = anna.engine._call.adaptation  # type: ignore[union-attr]  # in a call there is one
    adaptation._incoming.step = 2
    await until(lambda: ben.now.video_degraded, "Ben is told that his video is reduced")
    await until(lambda: received_height(anna) == 180, "Ben's video arrives smaller")
    adaptation._incoming.step = 0
    await until(lambda: not ben.now.video_degraded, "it is no longer reduced")
    await until(lambda: received_height(anna) == 360, "Ben's video is as large as before")
