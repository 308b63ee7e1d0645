"""Which silences count, and which prove nothing."""

from app.call.connectivity.host import SUSPENDED_AFTER_S, SuspendDetector
from app.call.stats.stall_detector import (
    POLL_INTERVAL_S,
    VIDEO_ALONE_FIRST_AFTER_S,
    ReceivedCounters,
    StallDetector,
)

WITHIN_S = 2.7
"""A poll finds a silence this long after it began; the statistics and the screen take their time besides."""


class Polled:
    """A watch with a clock and counters that go on only where a test lets them."""

    def __init__(self, *, sending: bool = True, microphone_on: bool = True, camera_on: bool = True) -> None:
        self.detector = StallDetector()
        self.now_s = 0.0
        self.sending, self.microphone_on, self.camera_on = sending, microphone_on, camera_on
        self._packets = self._audio = self._video = 100

    def passes(self, seconds: float, *, connection: bool = True, audio: bool = True, video: bool = True) -> "Polled":
        """Looks at the usual interval; what is True goes on arriving."""
        for _ in range(round(seconds / POLL_INTERVAL_S)):
            self.now_s += POLL_INTERVAL_S
            self._packets += connection
            self._audio += connection and audio
            self._video += connection and video
            arrived = ReceivedCounters(self._packets, self._audio, self._video)
            self.detector.update(self.now_s, arrived, self.sending, self.microphone_on, self.camera_on)
        return self

    def gives_the_audio_up(self) -> None:
        self._audio = 0


def flowing(**sides: bool) -> Polled:
    return Polled(**sides).passes(4)


def test_a_server_that_says_nothing_is_a_silent_connection_within_three_seconds() -> None:
    it = flowing()
    assert it.passes(WITHIN_S, connection=False).detector.connection_silent
    assert not it.passes(POLL_INTERVAL_S).detector.connection_silent


def test_a_short_silence_is_not_shown() -> None:
    assert not flowing().passes(1.6, connection=False).detector.connection_silent


def test_without_media_a_quiet_connection_is_given_longer() -> None:
    it = flowing(sending=False, microphone_on=False, camera_on=False)
    assert not it.passes(5.2, connection=False).detector.connection_silent
    assert it.passes(1.6, connection=False).detector.connection_silent


def test_a_silent_connection_says_nothing_about_the_peer() -> None:
    it = flowing().passes(10, connection=False)
    assert not it.detector.peer_silent


def test_a_peer_whose_media_stop_is_silent_while_the_connection_is_not() -> None:
    it = flowing().passes(WITHIN_S, audio=False, video=False)
    assert it.detector.peer_silent
    assert not it.detector.connection_silent


def test_a_track_that_is_given_up_to_be_taken_again_is_no_sign_of_life() -> None:
    """The connection's counters lose what was counted of it."""
    it = flowing().passes(WITHIN_S, audio=False, video=False)
    it.gives_the_audio_up()
    assert it.passes(2, audio=False, video=False).detector.peer_silent
    assert not it.passes(1).detector.peer_silent, "but what comes of it afterwards is"


def test_frames_that_stop_alone_are_told_from_a_silent_peer() -> None:
    it = flowing().passes(WITHIN_S, video=False)
    assert it.detector.video_stalled
    assert not it.detector.audio_stalled
    assert not it.detector.peer_silent
    assert not it.passes(POLL_INTERVAL_S).detector.video_stalled


def test_audio_that_stops_alone_is_told_from_a_silent_peer() -> None:
    it = flowing().passes(WITHIN_S, audio=False)
    assert it.detector.audio_stalled
    assert not it.detector.peer_silent


def test_audio_that_stops_is_all_there_is_of_someone_without_a_camera() -> None:
    assert flowing(camera_on=False).passes(WITHIN_S, audio=False).detector.peer_silent


def test_a_peer_who_sends_nothing_by_choice_is_not_silent() -> None:
    it = flowing(microphone_on=False, camera_on=False).passes(20, audio=False, video=False)
    assert not it.detector.peer_silent
    assert not it.detector.video_stalled


def test_media_that_have_not_begun_yet_are_given_longer() -> None:
    it = Polled().passes(5.2, audio=False, video=False)
    assert not it.detector.peer_silent
    assert it.passes(2, audio=False, video=False).detector.peer_silent


def test_someone_who_comes_back_is_not_silent_from_the_start() -> None:
    it = flowing().passes(WITHIN_S, audio=False, video=False)
    it.detector.restart_peer()
    assert not it.passes(1.2, audio=False, video=False).detector.peer_silent


def test_after_a_silent_connection_media_are_given_as_long_as_at_the_beginning() -> None:
    """They come back one after the other: what stood still with the connection is no fault of the peer's."""
    it = flowing().passes(10, connection=False)
    it.passes(WITHIN_S, audio=False, video=False)
    assert not it.detector.connection_silent
    found = (it.detector.audio_stalled, it.detector.video_stalled, it.detector.peer_silent)
    assert found == (False, False, False)
    assert it.passes(5, audio=False, video=False).detector.peer_silent, "but not for ever"


def test_a_new_connection_is_not_silent_from_the_start() -> None:
    it = flowing().passes(WITHIN_S, connection=False)
    assert it.detector.connection_silent
    it.detector.restart()
    assert not it.detector.connection_silent
    assert not it.passes(5.2, connection=False).detector.connection_silent
    assert it.passes(2.2, connection=False).detector.connection_silent


def test_time_in_which_nobody_looked_proves_nothing() -> None:
    it = flowing()
    it.now_s += 60
    it.detector.skip_gap()
    assert not it.passes(POLL_INTERVAL_S, connection=False).detector.connection_silent


def test_a_connection_that_is_dead_after_a_sleep_is_seen_as_soon_as_any_other() -> None:
    it = flowing()
    it.now_s += 60
    it.detector.skip_gap()
    assert it.passes(POLL_INTERVAL_S + WITHIN_S, connection=False).detector.connection_silent


def test_a_poll_in_time_has_missed_nothing() -> None:
    suspend = SuspendDetector()
    assert [suspend.gap_before(at, at + 1e9) for at in (0.0, POLL_INTERVAL_S, POLL_INTERVAL_S + SUSPENDED_AFTER_S)] == [
        0,
        0,
        0,
    ]


def test_a_sleep_shows_in_either_clock() -> None:
    suspend = SuspendDetector()
    suspend.gap_before(0, 1000)
    assert suspend.gap_before(POLL_INTERVAL_S, 1030) > 25, "suspended: the monotonic clock stood still"
    assert suspend.gap_before(POLL_INTERVAL_S + 30, 1031) > 25, "frozen, and the wall clock was set back meanwhile"


def test_someone_with_a_camera_alone_is_not_lost_because_its_first_frame_takes_its_time() -> None:
    """Joined without a microphone on a loaded machine: they were called lost after six seconds, and saw everything."""
    it = Polled(microphone_on=False).passes(VIDEO_ALONE_FIRST_AFTER_S - 1, video=False)
    assert it.detector.video_stalled, "which is asked for again meanwhile"
    assert not it.detector.peer_silent
    assert it.passes(2, video=False).detector.peer_silent, "but not for ever"


def test_someone_with_a_camera_alone_whose_frames_stop_is_lost_as_fast_as_anybody() -> None:
    assert flowing(microphone_on=False).passes(WITHIN_S, video=False).detector.peer_silent
