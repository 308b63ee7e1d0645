"""What is asked of the peer and done for them: requests, how long they hold, and what the own tile needs."""

import numpy as np
import pytest

from app.call.adaptation.controller import (
    BANDWIDTH_LIMITED_AFTER_S,
    REQUEST_REPEAT_S,
    REQUEST_VALID_S,
    SETTLING_S,
    AdaptationController,
)
from app.call.adaptation.policy import (
    FULL,
    PAUSED,
    SMALLER_TILE_AFTER_S,
    SMALLEST,
    STEPS,
    TILE_360,
    TILE_540,
)
from app.call.adaptation.video_adapter import VideoAdapter
from app.call.video.convert import to_i420
from tests.call.quality_samples import sample
from tests.stage.video_file import numbered_frame


def suffering(adaptation: AdaptationController, count: int, at_s: float = 0.0, **figures: object) -> None:
    for second in range(count):
        adaptation.note(sample(at_s=at_s + second + 1, **figures))


def test_broken_audio_from_the_peer_becomes_a_request_that_is_sent_once_and_repeated_while_it_lasts() -> None:
    adaptation = AdaptationController()
    suffering(adaptation, int(SETTLING_S), concealed=0.2)
    assert adaptation.next_request(0.0) is None, "a sound that has just begun is patched"
    suffering(adaptation, 3, concealed=0.2)
    assert adaptation.next_request(9.0) == b"1"
    assert adaptation.next_request(9.5) is None
    assert adaptation.next_request(9.0 + REQUEST_REPEAT_S) == b"1"
    assert adaptation.video_adapter.step == FULL, "it is the peer's video that should be smaller"


def test_loss_counts_though_the_reports_of_it_come_in_lumps() -> None:
    """As measured where a third of all packets is lost, the reports among them: the mean is 16 %."""
    adaptation = AdaptationController()
    suffering(adaptation, int(SETTLING_S))
    for second, lost in enumerate([0.0, 0.43, 0.18, 0.0, None, 0.29, 0.0, 0.21]):
        adaptation.note(sample(at_s=100.0 + second, loss_out=lost))
    assert adaptation.degraded


def test_a_second_in_which_much_is_lost_is_not_yet_a_bad_connection() -> None:
    adaptation = AdaptationController()
    suffering(adaptation, int(SETTLING_S), loss_out=0.0)
    for second, lost in enumerate([0.0, 0.2, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0]):
        adaptation.note(sample(at_s=100.0 + second, loss_out=lost))
    assert not adaptation.degraded


def test_the_peers_request_is_followed_and_forgotten_when_it_no_longer_comes() -> None:
    adaptation = AdaptationController()
    adaptation.on_request(b"2", 10.0)
    assert (adaptation.video_adapter.step, adaptation.degraded) == (SMALLEST, True)
    adaptation.note(sample(at_s=10.0 + REQUEST_VALID_S - 1))
    assert adaptation.video_adapter.step == SMALLEST
    adaptation.note(sample(at_s=10.0 + REQUEST_VALID_S + 1))
    assert (adaptation.video_adapter.step, adaptation.degraded) == (FULL, False)


@pytest.mark.parametrize("payload", [b"", b"9", b"-1", b"12", b"x", "²".encode(), b"1" * 10_000])
def test_what_is_no_request_is_ignored(payload: bytes) -> None:
    adaptation = AdaptationController()
    adaptation.on_request(payload, 1.0)
    assert adaptation.video_adapter.step == FULL


def test_a_video_that_nobody_sees_is_not_asked_for_and_is_no_reduction() -> None:
    adaptation = AdaptationController()
    adaptation.remote_video_shown = False
    assert adaptation.next_request(1.0) == str(PAUSED).encode()
    adaptation.remote_video_shown = True
    assert adaptation.next_request(1.1) == b"0"
    peer = AdaptationController()
    peer.on_request(b"3", 1.0)
    assert (peer.video_adapter.step, peer.degraded) == (PAUSED, False)
    assert STEPS[PAUSED].rate_hz == 0


def test_video_that_is_seen_again_is_asked_for_until_the_request_for_none_has_expired() -> None:
    """One message alone: when it was lost, nothing came for ten seconds, and the peer was called lost after six."""
    adaptation = AdaptationController()
    adaptation.remote_video_shown = False
    adaptation.next_request(1.0)
    adaptation.remote_video_shown = True
    asked = [now_s for now_s in np.arange(1.5, 30.0, 0.5) if adaptation.next_request(float(now_s)) == b"0"]
    assert asked[0] == 1.5
    assert asked[1] - asked[0] <= 2.0, "soon enough for nobody to be called lost"
    assert 1.0 + REQUEST_VALID_S - 2.0 <= asked[-1] <= 1.0 + REQUEST_VALID_S


def test_video_is_expected_again_once_it_comes_or_the_request_for_none_has_expired() -> None:
    adaptation = AdaptationController()
    assert adaptation.remote_video_expected(100, 0.0)
    adaptation.remote_video_shown = False
    assert not adaptation.remote_video_expected(103, 1.0)
    adaptation.remote_video_shown = True
    assert not adaptation.remote_video_expected(103, 2.0)
    assert adaptation.remote_video_expected(104, 2.5)
    assert adaptation.remote_video_expected(104, 5.0), "it had come, and stops: that is a stall"
    adaptation.remote_video_shown = False
    assert not adaptation.remote_video_expected(104, 6.0)
    adaptation.remote_video_shown = True
    assert not adaptation.remote_video_expected(104, 6.0 + REQUEST_VALID_S - 0.5)
    assert adaptation.remote_video_expected(104, 6.0 + REQUEST_VALID_S + 0.5)


def test_a_request_expires_also_while_nothing_is_measured() -> None:
    adaptation = AdaptationController()
    adaptation.on_request(b"3", 10.0)
    adaptation.expire_request(10.0 + REQUEST_VALID_S - 1)
    assert adaptation.video_adapter.step == PAUSED
    adaptation.expire_request(10.0 + REQUEST_VALID_S + 1)
    assert adaptation.video_adapter.step == FULL


def test_the_encoders_own_limit_counts_when_it_lasts() -> None:
    adaptation = AdaptationController()
    suffering(adaptation, int(BANDWIDTH_LIMITED_AFTER_S) - 1, bandwidth_limited=True)
    assert not adaptation.degraded
    suffering(adaptation, 1, bandwidth_limited=True)
    assert adaptation.degraded


def test_who_has_just_come_is_asked_again() -> None:
    adaptation = AdaptationController()
    adaptation.remote_video_shown = False
    adaptation.next_request(1.0)
    adaptation.on_new_peer()
    assert adaptation.next_request(1.1) == str(PAUSED).encode()


@pytest.mark.parametrize(
    ("box", "height"),
    [
        ((1280, 720), 720),
        ((1920, 1080), 720),
        ((960, 540), 540),
        ((961, 1200), 720),
        ((960, 1200), 540),
        ((640, 1200), 360),
        ((700, 1200), 540),
        ((640, 360), 360),
        ((240, 135), 360),
        ((1920, 360), 360),
    ],
)
def test_a_tile_asks_for_what_it_shows_and_no_more(box: tuple[int, int], height: int) -> None:
    adaptation = AdaptationController()
    adaptation.remote_video_box = box
    requests = [adaptation.next_request(float(second)) for second in range(6)]
    asked = [int(each) for each in requests if each is not None]
    assert STEPS[asked[-1] if asked else FULL].height == height


def test_a_tile_that_becomes_larger_is_served_at_once_and_a_smaller_one_once_it_is_settled() -> None:
    adaptation = AdaptationController()
    adaptation.remote_video_box = (640, 360)
    assert adaptation.next_request(0.0) is None, "a window may be on its way"
    assert adaptation.next_request(SMALLER_TILE_AFTER_S + 0.1) == str(TILE_360).encode()
    adaptation.remote_video_box = (1280, 720)
    assert adaptation.next_request(SMALLER_TILE_AFTER_S + 0.2) == str(FULL).encode()


def test_a_small_tile_is_no_reduction_and_a_bad_connection_counts_more_than_it() -> None:
    peer = AdaptationController()
    peer.on_request(str(TILE_540).encode(), 1.0)
    assert (peer.video_adapter.step, peer.degraded) == (TILE_540, False)
    suffering(peer, int(SETTLING_S) + 4, loss_out=0.3)
    assert (peer.video_adapter.step, peer.degraded) == (1, True)
    listener = AdaptationController()
    listener.remote_video_box = (640, 360)
    suffering(listener, int(SETTLING_S) + 3, concealed=0.2)
    listener.next_request(0.0)
    assert listener.request == 1


def test_a_tile_step_keeps_the_full_rate() -> None:
    clock = [0.0]
    adapter = VideoAdapter(lambda: clock[0])
    adapter.step = TILE_360
    frame = to_i420(numbered_frame(1, 1280, 720), 1280, 720)
    passed = []
    for number in range(30):
        clock[0] = number // 3 / 10  # on a busy machine they come in bursts
        if (adapted := adapter.adapt(*frame)) is not None:
            passed.append(adapted[:2])
    assert passed == [(640, 360)] * 30


def test_what_is_recorded_is_asked_for_though_nobody_sees_it_and_as_large_as_the_recording_shows_it() -> None:
    adaptation = AdaptationController()
    adaptation.remote_video_shown, adaptation.remote_video_box = False, (320, 180)
    assert adaptation.next_request(0.0) == str(PAUSED).encode()
    adaptation.remote_video_recorded = True
    assert adaptation.remote_video_visible
    adaptation.next_request(1.0)
    adaptation.next_request(1.0 + SMALLER_TILE_AFTER_S)
    assert adaptation.request == TILE_540
    adaptation.remote_video_recorded = False
    assert adaptation.request == PAUSED
