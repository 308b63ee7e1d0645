"""Which silences count, and which prove nothing."""

from app.call.connectivity.host import SLEPT_AFTER_S, Slumber
from app.call.stats.stall_detector import LOOK_EVERY_S, Arrived, StallWatch

WITHIN_S = 2.7
"""A look finds a silence this long after it began; the statistics and the screen take their time besides."""


class Watched:
    """A watch with a clock and counters that go on only where a test lets them."""

    def __init__(self, *, sending: bool = True, microphone_on: bool = True, camera_on: bool = True) -> None:
        self.watch = StallWatch()
        self.now_s = 0.0
        self.sending, self.microphone_on, self.camera_on = sending, microphone_on, camera_on
        self._heard = self._sound = self._picture = 100

    def passes(self, seconds: float, *, link: bool = True, sound: bool = True, picture: bool = True) -> "Watched":
        """Looks at the usual interval; what is True goes on arriving."""
        for _ in range(round(seconds / LOOK_EVERY_S)):
            self.now_s += LOOK_EVERY_S
            self._heard += link
            self._sound += link and sound
            self._picture += link and picture
            arrived = Arrived(self._heard, self._sound, self._picture)
            self.watch.look(self.now_s, arrived, self.sending, self.microphone_on, self.camera_on)
        return self

    def gives_the_sound_up(self) -> None:
        self._sound = 0


def flowing(**sides: bool) -> Watched:
    return Watched(**sides).passes(4)


def test_a_server_that_says_nothing_is_a_silent_link_within_three_seconds() -> None:
    it = flowing()
    assert it.passes(WITHIN_S, link=False).watch.link_silent
    assert not it.passes(LOOK_EVERY_S).watch.link_silent


def test_a_short_silence_is_not_shown() -> None:
    assert not flowing().passes(1.6, link=False).watch.link_silent


def test_without_media_a_quiet_link_is_given_longer() -> None:
    it = flowing(sending=False, microphone_on=False, camera_on=False)
    assert not it.passes(5.2, link=False).watch.link_silent
    assert it.passes(1.6, link=False).watch.link_silent


def test_a_silent_link_says_nothing_about_the_other() -> None:
    it = flowing().passes(10, link=False)
    assert not it.watch.other_silent


def test_an_other_whose_media_stop_is_silent_while_the_link_is_not() -> None:
    it = flowing().passes(WITHIN_S, sound=False, picture=False)
    assert it.watch.other_silent
    assert not it.watch.link_silent


def test_a_track_that_is_given_up_to_be_taken_again_is_no_sign_of_life() -> None:
    """The connection's counters lose what was counted of it."""
    it = flowing().passes(WITHIN_S, sound=False, picture=False)
    it.gives_the_sound_up()
    assert it.passes(2, sound=False, picture=False).watch.other_silent
    assert not it.passes(1).watch.other_silent, "but what comes of it afterwards is"


def test_pictures_that_stop_alone_are_told_from_a_silent_other() -> None:
    it = flowing().passes(WITHIN_S, picture=False)
    assert it.watch.picture_stopped
    assert not it.watch.sound_stopped
    assert not it.watch.other_silent
    assert not it.passes(LOOK_EVERY_S).watch.picture_stopped


def test_sound_that_stops_alone_is_told_from_a_silent_other() -> None:
    it = flowing().passes(WITHIN_S, sound=False)
    assert it.watch.sound_stopped
    assert not it.watch.other_silent


def test_sound_that_stops_is_all_there_is_of_someone_without_a_camera() -> None:
    assert flowing(camera_on=False).passes(WITHIN_S, sound=False).watch.other_silent


def test_an_other_who_sends_nothing_by_choice_is_not_silent() -> None:
    it = flowing(microphone_on=False, camera_on=False).passes(20, sound=False, picture=False)
    assert not it.watch.other_silent
    assert not it.watch.picture_stopped


def test_media_that_have_not_begun_yet_are_given_longer() -> None:
    it = Watched().passes(5.2, sound=False, picture=False)
    assert not it.watch.other_silent
    assert it.passes(2, sound=False, picture=False).watch.other_silent


def test_someone_who_comes_back_is_not_silent_from_the_start() -> None:
    it = flowing().passes(WITHIN_S, sound=False, picture=False)
    it.watch.restart_other()
    assert not it.passes(1.2, sound=False, picture=False).watch.other_silent


def test_time_in_which_nobody_looked_proves_nothing() -> None:
    it = flowing()
    it.now_s += 60
    it.watch.excuse()
    assert not it.passes(LOOK_EVERY_S, link=False).watch.link_silent


def test_a_link_that_is_dead_after_a_sleep_is_seen_as_soon_as_any_other() -> None:
    it = flowing()
    it.now_s += 60
    it.watch.excuse()
    assert it.passes(LOOK_EVERY_S + WITHIN_S, link=False).watch.link_silent


def test_a_look_in_time_has_missed_nothing() -> None:
    slumber = Slumber()
    assert [slumber.note(at, at + 1e9) for at in (0.0, LOOK_EVERY_S, LOOK_EVERY_S + SLEPT_AFTER_S)] == [0, 0, 0]


def test_a_sleep_shows_in_either_clock() -> None:
    slumber = Slumber()
    slumber.note(0, 1000)
    assert slumber.note(LOOK_EVERY_S, 1030) > 25, "suspended: the monotonic clock stood still"
    assert slumber.note(LOOK_EVERY_S + 30, 1031) > 25, "frozen, and the wall clock was set back meanwhile"
