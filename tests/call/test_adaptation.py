"""The video gives way before the audio: by numbers that can be checked by hand, and frames that can be counted."""

import numpy as np
import pytest

from app.call.adaptation.policy import (
    BETTER_AFTER_S,
    FULL,
    LOSS_SAMPLES,
    MAX_PATIENCE_S,
    PAUSED,
    RELAPSE_S,
    SMALLER_TILE_AFTER_S,
    SMALLEST,
    TILE_360,
    TILE_540,
    DegradationPolicy,
    LossSmoother,
    TileSize,
    downlink_degraded,
    uplink_degraded,
)
from app.call.adaptation.video_adapter import VideoAdapter
from app.call.video.convert import UInt8Array, to_i420
from tests.call.quality_samples import sample
from tests.stage.video_file import numbered_frame


@pytest.mark.parametrize(
    ("figures", "suffers"),
    [
        ({"loss_out": 0.01, "round_trip_ms": 60.0, "available_outgoing_kbit": 2500.0}, False),
        ({"loss_out": 0.1}, True),
        ({"loss_out": 0.08}, True),
        ({"loss_out": 0.079}, False),
        ({"round_trip_ms": 900.0}, True),
        ({"round_trip_ms": 800.0}, True),
        ({"round_trip_ms": 799.0}, False),
        (
            {"available_outgoing_kbit": 80.0},
            False,
        ),  # the encoder keeps to it; giving way would keep it from rising again
        ({"loss_in": 0.3, "concealed": 0.3}, False),  # the peer's to mend
    ],
)
def test_the_own_audio_suffers_by_what_is_sent(figures: dict[str, object], suffers: bool) -> None:
    assert uplink_degraded(sample(**figures)) is suffers


def test_the_peers_audio_suffers_by_what_arrives() -> None:
    assert downlink_degraded(sample(concealed=0.05))
    assert downlink_degraded(sample(loss_in=0.1))
    assert downlink_degraded(sample(concealed=0.04))
    assert not downlink_degraded(sample(concealed=0.039))
    assert downlink_degraded(sample(loss_in=0.08))
    assert not downlink_degraded(sample(loss_in=0.079))
    assert not downlink_degraded(sample(concealed=0.01, loss_in=0.02, loss_out=0.5))


def seconds(rule: DegradationPolicy, suffers: bool, count: int) -> list[int]:
    return [rule.note(suffers, 1.0) for _ in range(count)]


def test_three_bad_seconds_take_a_step_and_one_does_not() -> None:
    rule = DegradationPolicy()
    assert seconds(rule, True, 2) == [FULL, FULL]
    assert seconds(rule, False, 1) == [FULL]
    assert seconds(rule, True, 6) == [0, 0, 1, 1, 1, 2]


def test_a_bad_connection_never_takes_the_whole_video() -> None:
    rule = DegradationPolicy()
    assert seconds(rule, True, 60)[-1] == SMALLEST


def test_the_video_comes_back_a_step_at_a_time() -> None:
    rule = DegradationPolicy()
    seconds(rule, True, 6)
    patience = int(BETTER_AFTER_S)
    assert seconds(rule, False, 2 * patience) == [*[SMALLEST] * (patience - 1), *[1] * patience, FULL]


def test_there_is_no_more_than_the_full_video() -> None:
    rule = DegradationPolicy()
    assert seconds(rule, False, int(3 * BETTER_AFTER_S)) == [FULL] * int(3 * BETTER_AFTER_S)


def seconds_to_full(rule: DegradationPolicy) -> int:
    """How many good seconds it takes until the video is whole."""
    for second in range(1, int(2 * MAX_PATIENCE_S)):
        if rule.note(False, 1.0) == FULL:
            return second
    pytest.fail("it never is")


@pytest.mark.parametrize(("fallen_after_s", "patience_s"), [(RELAPSE_S, 2 * BETTER_AFTER_S), (16, BETTER_AFTER_S)])
def test_a_larger_video_that_was_soon_too_much_is_waited_for_twice_as_long(
    fallen_after_s: float, patience_s: float
) -> None:
    assert RELAPSE_S == 15
    rule = DegradationPolicy()
    seconds(rule, True, 3)
    seconds_to_full(rule)
    seconds(rule, False, int(fallen_after_s - 3))
    assert seconds(rule, True, 3)[-1] == 1
    assert seconds_to_full(rule) == patience_s


@pytest.mark.parametrize(("good_s", "patience_s"), [(28, 2 * BETTER_AFTER_S), (29, BETTER_AFTER_S)])
def test_a_larger_video_that_has_held_for_more_than_half_a_minute_makes_up_for_failed_tries(
    good_s: int, patience_s: float
) -> None:
    """It holds for two seconds more than the good ones: three bad seconds take a step."""
    rule = DegradationPolicy()
    for _ in range(2):
        seconds(rule, True, 3)
        seconds_to_full(rule)
    seconds(rule, False, good_s)
    seconds(rule, True, 3)
    assert seconds_to_full(rule) == patience_s


def test_each_failed_try_is_waited_for_longer_up_to_a_limit() -> None:
    rule, waits = DegradationPolicy(), []
    seconds(rule, True, 3)
    for _ in range(7):
        waits.append(seconds_to_full(rule))
        seconds(rule, True, 3)
    assert waits[:4] == [12, 24, 48, 96]
    assert max(waits) == MAX_PATIENCE_S


def test_loss_is_the_mean_of_the_last_samples_each_way_and_the_rest_is_the_newest() -> None:
    assert LOSS_SAMPLES == 4
    smoother = LossSmoother()
    smoothed = [
        smoother.smooth(sample(at_s=float(second), loss_in=lost_in, loss_out=lost_out, concealed=second / 100))
        for second, (lost_in, lost_out) in enumerate([(None, 0.8), (0.2, 0.0), (0.4, 0.4), (None, 0.0), (0.0, 0.0)])
    ]
    assert [each.loss_in for each in smoothed] == pytest.approx([None, 0.2, 0.3, 0.3, 0.2])
    assert [each.loss_out for each in smoothed] == pytest.approx([0.8, 0.4, 0.4, 0.3, 0.1])
    assert [(each.at_s, each.concealed) for each in smoothed[-2:]] == [(3.0, 0.03), (4.0, 0.04)]


def test_a_tile_is_smaller_once_it_has_been_for_long_enough_and_larger_at_once() -> None:
    tile = TileSize()
    assert tile.step == FULL
    for now_s, box, step in [
        (100.0, None, FULL),
        (101.0, (640, 360), FULL),
        (100.9 + SMALLER_TILE_AFTER_S, (640, 360), FULL),
        (101.0 + SMALLER_TILE_AFTER_S, (640, 360), TILE_360),
        (110.0, (960, 540), TILE_540),
        (120.0, (640, 360), TILE_540),
        (121.0, (960, 540), TILE_540),  # the tile was only dragged
        (122.0, (640, 360), TILE_540),
        (120.0 + SMALLER_TILE_AFTER_S, (640, 360), TILE_540),
        (122.0 + SMALLER_TILE_AFTER_S, (640, 360), TILE_360),
        (130.0, None, FULL),
    ]:
        tile.update(box, now_s)
        assert tile.step == step, now_s


def frame(number: int) -> UInt8Array:
    return to_i420(numbered_frame(number, 1280, 720), 1280, 720)[2]


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.mark.parametrize(("step", "passed"), [(0, 300), (1, 200), (2, 100), (3, 0)])
def test_a_step_lets_through_its_rate_of_a_camera_at_thirty(step: int, passed: int) -> None:
    clock = Clock()
    video_adapter, pixels = VideoAdapter(clock), frame(1)
    video_adapter.step = step
    through = 0
    for number in range(300):
        clock.now_s = number / 30
        through += video_adapter.adapt(1280, 720, pixels) is not None
    assert abs(through - passed) <= 2


@pytest.mark.parametrize(("step", "wanted"), [(FULL, 30), (1, 20), (2, 10), (PAUSED, 0)])
def test_what_would_be_dropped_is_not_wanted_and_asking_changes_nothing(step: int, wanted: int) -> None:
    clock = Clock()
    adapter, pixels = VideoAdapter(clock), frame(1)
    adapter.step = step
    asked = passed = 0
    for _ in range(30):
        clock.now_s += 1 / 30
        wants = adapter.wants_frame() and adapter.wants_frame()
        asked += wants
        passed += wants and adapter.adapt(1280, 720, pixels) is not None
    assert asked == passed
    assert abs(passed - wanted) <= 1


def test_a_step_scales_the_video_and_the_full_one_leaves_it_untouched() -> None:
    clock = Clock()
    video_adapter, pixels = VideoAdapter(clock), frame(1)
    whole = video_adapter.adapt(1280, 720, pixels)
    assert whole is not None
    assert whole[2] is pixels
    video_adapter.step = 1
    clock.now_s = 1.0
    smaller = video_adapter.adapt(1280, 720, pixels)
    assert smaller is not None
    assert (smaller[0], smaller[1], smaller[2].size) == (640, 360, 640 * 360 * 3 // 2)


def test_a_video_that_is_small_already_is_not_scaled() -> None:
    video_adapter = VideoAdapter(Clock())
    video_adapter.step = 1
    pixels = np.zeros(320 * 180 * 3 // 2, np.uint8)
    passed = video_adapter.adapt(320, 180, pixels)
    assert passed is not None
    assert passed[2] is pixels
