"""Which silences count, and which prove nothing."""

from app.call.stall_watch import StallWatch


def look(watch: StallWatch, at_s: float, link: int, other: int, *, sending: bool = True, sends: bool = True) -> None:
    watch.look(at_s, link_count=link, other_count=other, sending=sending, other_sends=sends)


def test_a_server_that_says_nothing_for_four_seconds_is_a_silent_link() -> None:
    watch = StallWatch()
    for second in range(5):
        look(watch, second, 100, 100)
    assert watch.link_silent
    look(watch, 5, 101, 100)
    assert not watch.link_silent


def test_without_media_a_quiet_link_is_given_longer() -> None:
    watch = StallWatch()
    for second in range(6):
        look(watch, second, 100, 0, sending=False, sends=False)
    assert not watch.link_silent
    for second in range(6, 10):
        look(watch, second, 100, 0, sending=False, sends=False)
    assert watch.link_silent


def test_an_other_whose_packets_stop_is_silent_while_the_link_is_not() -> None:
    watch = StallWatch()
    for second in range(6):
        look(watch, second, 100 + second, 100)
    assert watch.other_silent
    assert not watch.link_silent


def test_an_other_who_sends_nothing_by_choice_is_not_silent() -> None:
    watch = StallWatch()
    for second in range(20):
        look(watch, second, 100 + second, 100, sends=False)
    assert not watch.other_silent


def test_a_look_that_comes_late_itself_proves_nothing() -> None:
    watch = StallWatch()
    look(watch, 0, 100, 100)
    look(watch, 60, 100, 100)
    assert not watch.link_silent
    assert not watch.other_silent


def test_someone_who_comes_back_is_not_silent_from_the_start() -> None:
    watch = StallWatch()
    for second in range(6):
        look(watch, second, 100 + second, 100)
    watch.restart_other()
    look(watch, 6, 106, 100)
    assert not watch.other_silent
