"""Two readings become a sample, samples a rating, a call a report: by numbers that can be checked by hand."""

import pytest

from app.call.contract.stats import QualityReport, QualitySample, RatedTime, Rating, merge_reports
from app.call.stats.rating import BETTER_AFTER_S, WINDOW_S, ConnectionRater, ServerQuality
from app.call.stats.report import ReportAccumulator
from app.call.stats.samples import RtcCounters, VideoCounters, sample_of

GOOD, POOR, LOST = ServerQuality.GOOD, ServerQuality.POOR, ServerQuality.LOST
BEFORE = RtcCounters(
    at_s=100.0,
    packets_received=1000,
    media=800,
    lost_in=10,
    sent=700,
    lost_out=5,
    bytes_in=1_000_000,
    bytes_out=500_000,
    frozen_s=1.0,
    audio_samples=480_000,
    audio_concealed=4800,
    audio_buffered_s=9600.0,
    audio_left_buffer=480_000,
    received=VideoCounters(1280, 720, 300),
    sent_video=VideoCounters(1280, 720, 300),
)
AFTER = RtcCounters(
    at_s=102.0,
    packets_received=1200,
    media=980,
    lost_in=30,
    sent=800,
    lost_out=15,
    bytes_in=1_250_000,
    bytes_out=625_000,
    round_trip_s=0.08,
    available_outgoing_bits=2_000_000,
    frozen_s=1.5,
    audio_samples=576_000,
    audio_concealed=9600,
    audio_buffered_s=14400.0,
    audio_left_buffer=576_000,
    received=VideoCounters(640, 360, 350),
    sent_video=VideoCounters(1280, 720, 360),
)


def sample(before: RtcCounters = BEFORE, after: RtcCounters = AFTER, expected: bool = True) -> QualitySample:
    made = sample_of(before, after, expected)
    assert made is not None
    return made


def test_a_sample_is_the_difference_of_two_readings() -> None:
    made = sample()
    assert made.span_s == 2.0
    assert made.round_trip_ms == pytest.approx(80)
    assert made.loss_in == pytest.approx(20 / 200)
    assert made.loss_out == pytest.approx(10 / 100)
    assert made.concealed == pytest.approx(4800 / 96_000)
    assert made.jitter_buffer_ms == pytest.approx(50)
    assert (made.kbit_in, made.kbit_out, made.available_outgoing_kbit) == (1000.0, 500.0, 2000.0)
    assert made.frozen_s == pytest.approx(0.5)


def test_a_frames_rate_is_counted_and_its_size_the_newest() -> None:
    made = sample()
    assert made.received is not None
    assert made.sent is not None
    assert (made.received.width, made.received.height, made.received.rate_hz) == (640, 360, 25.0)
    assert (made.sent.height, made.sent.rate_hz) == (720, 30.0)


def test_counters_that_begin_again_make_no_sample() -> None:
    assert sample_of(AFTER, BEFORE, True) is None
    assert sample_of(BEFORE, RtcCounters(at_s=101.0, packets_received=3), True) is None


def test_packets_that_came_after_all_are_no_negative_loss() -> None:
    late = RtcCounters(**{**vars(AFTER), "lost_in": 4, "lost_out": 0})
    assert (sample(after=late).loss_in, sample(after=late).loss_out) == (0.0, 0.0)


def test_a_video_that_stands_still_counts_before_the_freeze_is_over() -> None:
    still = RtcCounters(**{**vars(AFTER), "received": BEFORE.received, "frozen_s": 1.0})
    assert sample(after=still).frozen_s == 2.0
    assert sample(after=still).received is None


def test_a_camera_that_is_off_is_no_freeze() -> None:
    still = RtcCounters(**{**vars(AFTER), "received": BEFORE.received})
    assert sample(after=still, expected=False).frozen_s == 0.0


def test_a_freeze_is_no_longer_than_the_sample_in_which_it_ends() -> None:
    """WebRTC counts a freeze when it is over, all of it at once."""
    ended = RtcCounters(**{**vars(AFTER), "frozen_s": BEFORE.frozen_s + 30.0})
    assert sample(after=ended).frozen_s == pytest.approx(2.0)


def test_without_packets_the_losses_cannot_be_said() -> None:
    idle = RtcCounters(**{**vars(BEFORE), "at_s": 101.0, "packets_received": 1001})
    made = sample(after=idle, expected=False)
    assert (made.loss_in, made.loss_out, made.concealed, made.jitter_buffer_ms) == (None, None, None, None)


def stretch(seconds: float, at_s: float = 0.0, **figures: float) -> list[QualitySample]:
    return [QualitySample(at_s + second + 1, 1.0, **figures) for second in range(round(seconds))]  # type: ignore[arg-type]  # named above


def judged(
    samples: list[QualitySample], own: ServerQuality = GOOD, peer: ServerQuality | None = GOOD
) -> tuple[Rating, Rating | None]:
    rater, last = ConnectionRater(), (Rating.GOOD, Rating.GOOD if peer else None)
    for each in samples:
        last = rater.add(each, own, peer)
    return last


@pytest.mark.parametrize(
    ("figures", "rating"),
    [
        ({"round_trip_ms": 40.0, "loss_out": 0.0, "loss_in": 0.01}, Rating.GOOD),
        ({"round_trip_ms": 199.0}, Rating.GOOD),
        ({"round_trip_ms": 200.0}, Rating.FAIR),
        ({"round_trip_ms": 250.0}, Rating.FAIR),
        ({"round_trip_ms": 399.0}, Rating.FAIR),
        ({"round_trip_ms": 400.0}, Rating.POOR),
        ({"round_trip_ms": 500.0}, Rating.POOR),
        ({"loss_out": 0.05}, Rating.FAIR),
        ({"loss_out": 0.2}, Rating.POOR),
        ({"loss_in": 0.05}, Rating.FAIR),
        ({"loss_in": 0.2}, Rating.POOR),
    ],
)
def test_the_own_connection_is_rated_by_round_trip_and_losses(figures: dict[str, float], rating: Rating) -> None:
    assert judged(stretch(6, **figures))[0] is rating


def test_what_is_lost_on_the_peers_path_is_not_held_against_the_own_connection() -> None:
    own, peer = judged(stretch(6, loss_in=0.2, concealed=0.1), GOOD, POOR)
    assert (own, peer) == (Rating.GOOD, Rating.POOR)


def test_what_arrives_broken_over_a_good_connection_is_the_peers() -> None:
    assert judged(stretch(6, concealed=0.04)) == (Rating.GOOD, Rating.FAIR)
    assert judged(stretch(6, frozen_s=0.5)) == (Rating.GOOD, Rating.POOR)


def test_what_arrives_broken_over_a_bad_connection_says_nothing_of_the_peer() -> None:
    assert judged(stretch(6, loss_in=0.2, concealed=0.1, frozen_s=0.5)) == (Rating.POOR, Rating.GOOD)


def test_the_servers_rating_counts() -> None:
    assert judged(stretch(6), own=POOR)[0] is Rating.POOR
    assert judged(stretch(6), peer=LOST)[1] is Rating.POOR


def test_the_peer_is_not_rated_while_they_are_not_there() -> None:
    assert judged(stretch(6), peer=None) == (Rating.GOOD, None)


def test_a_rating_falls_at_once_and_rises_with_patience() -> None:
    rater = ConnectionRater()
    for each in stretch(2, loss_out=0.3):
        fallen, _ = rater.add(each, GOOD, GOOD)
    assert fallen is Rating.POOR
    rated = [rater.add(each, GOOD, GOOD)[0] for each in stretch(20, 2.0, loss_out=0.0)]
    assert rated[: int(BETTER_AFTER_S)] == [Rating.POOR] * int(BETTER_AFTER_S)
    assert rated[-1] is Rating.GOOD
    assert rated.count(Rating.POOR) <= WINDOW_S + BETTER_AFTER_S


def test_a_good_connection_that_becomes_bad_is_bad_at_once() -> None:
    rater = ConnectionRater()
    assert rater.add(QualitySample(1.0, 1.0), GOOD, GOOD) == (Rating.GOOD, Rating.GOOD)
    assert rater.add(QualitySample(2.0, 1.0), GOOD, POOR) == (Rating.GOOD, Rating.POOR)
    assert rater.add(QualitySample(3.0, 1.0), POOR, POOR) == (Rating.POOR, Rating.POOR)


def test_the_peers_rating_rises_with_patience_too() -> None:
    rater = ConnectionRater()
    rater.add(QualitySample(1.0, 1.0), GOOD, POOR)
    rated = [rater.add(QualitySample(at_s, 1.0), GOOD, GOOD)[1] for at_s in (2.0, 3.0, 4.0, 5.0, 6.0, 7.0)]
    assert rated == [*[Rating.POOR] * 5, Rating.GOOD]


@pytest.mark.parametrize(("at_s", "rating"), [(1.0 + WINDOW_S, Rating.FAIR), (1.1 + WINDOW_S, Rating.POOR)])
def test_a_sample_counts_until_the_window_has_passed(at_s: float, rating: Rating) -> None:
    rater = ConnectionRater()
    rater.add(QualitySample(1.0, 1.0, loss_out=0.0), GOOD, GOOD)
    assert rater.add(QualitySample(at_s, 1.0, loss_out=0.1), GOOD, GOOD)[0] is rating


def test_patience_begins_again_with_each_worse_moment() -> None:
    rater = ConnectionRater()
    rater.add(QualitySample(1.0, 1.0), POOR, GOOD)
    assert rater.add(QualitySample(2.0, 1.0), GOOD, GOOD)[0] is Rating.POOR
    assert rater.add(QualitySample(3.0, 1.0), POOR, GOOD)[0] is Rating.POOR
    rated = [rater.add(QualitySample(at_s, 1.0), GOOD, GOOD)[0] for at_s in (4.0, 5.0, 6.0, 7.0, 8.0, 9.0)]
    assert rated == [*[Rating.POOR] * 5, Rating.GOOD]


def test_a_peer_who_comes_back_does_not_carry_the_rating_of_the_one_who_left() -> None:
    rater = ConnectionRater()
    assert rater.add(QualitySample(1.0, 1.0), GOOD, POOR)[1] is Rating.POOR
    assert rater.add(QualitySample(2.0, 1.0), GOOD, None)[1] is None
    assert rater.add(QualitySample(3.0, 1.0), GOOD, GOOD)[1] is Rating.GOOD


def report_of(seconds: int, own: Rating, **figures: float) -> QualityReport:
    accumulator = ReportAccumulator()
    for each in stretch(seconds, **figures):
        accumulator.add(each, own, Rating.GOOD, degraded=own is Rating.POOR)
    made = accumulator.report()
    assert made is not None
    return made


def test_a_report_adds_up_what_the_samples_said() -> None:
    made = report_of(10, Rating.POOR, round_trip_ms=50.0, frozen_s=0.5)
    assert (made.measured_s, made.own, made.peer) == (10.0, RatedTime(poor_s=10.0), RatedTime(good_s=10.0))
    assert (made.round_trip_ms, made.loss_in, made.frozen_s, made.reduced_s) == (50.0, None, 5.0, 10.0)


def test_nothing_measured_is_no_report() -> None:
    assert ReportAccumulator().report() is None
    assert merge_reports([]) is None


def test_a_call_that_was_joined_again_has_one_report() -> None:
    whole = merge_reports(
        [report_of(30, Rating.GOOD, round_trip_ms=100.0), report_of(10, Rating.FAIR, round_trip_ms=20.0)]
    )
    assert whole is not None
    assert (whole.measured_s, whole.own, whole.round_trip_ms) == (40.0, RatedTime(30.0, 10.0, 0.0), 80.0)


@pytest.mark.parametrize(
    ("time", "rating"),
    [
        (RatedTime(), None),
        (RatedTime(good_s=95, fair_s=5), Rating.GOOD),
        (RatedTime(good_s=85, fair_s=10, poor_s=5), Rating.FAIR),
        (RatedTime(good_s=80, fair_s=5, poor_s=15), Rating.POOR),
    ],
)
def test_a_call_has_one_word(time: RatedTime, rating: Rating | None) -> None:
    assert time.rating is rating
