"""Speech is told from silence, knocks and hum; a dead microphone from a quiet one."""

import itertools

from app.call.audio.vad import SILENT_FROM_START_S, SILENT_LATER_S, DigitalSilenceDetector, VoiceActivity

SPEECH_DB, PAUSE_DB, QUIET_DB = -28.0, -58.0, -70.0


def say(voice: VoiceActivity, seconds: float) -> None:
    """Syllables of 160 ms with gaps of 60 ms."""
    for turn in range(int(100 * seconds)):
        voice.note(SPEECH_DB if turn % 22 < 16 else PAUSE_DB)


def be_quiet(voice: VoiceActivity, seconds: float, level_db: float = QUIET_DB) -> None:
    for _ in range(int(100 * seconds)):
        voice.note(level_db)


def test_speech_is_noticed_within_a_second() -> None:
    voice = VoiceActivity()
    be_quiet(voice, 2)
    assert not voice.speaking
    say(voice, 1)
    assert voice.speaking


def test_it_goes_on_through_the_pauses_of_speech_and_ends_after_them() -> None:
    voice = VoiceActivity()
    say(voice, 2)
    be_quiet(voice, 2)
    assert voice.speaking
    be_quiet(voice, 1.5)
    assert not voice.speaking


def test_a_knock_is_no_speech() -> None:
    voice = VoiceActivity()
    for _ in range(6):
        be_quiet(voice, 0.06, -15.0)
        be_quiet(voice, 2)
        assert not voice.speaking


def test_a_loud_hum_that_stays_is_no_speech_for_long() -> None:
    voice = VoiceActivity()
    be_quiet(voice, 30, -34.0)
    assert not voice.speaking


def test_restarting_forgets() -> None:
    voice = VoiceActivity()
    say(voice, 2)
    voice.restart()
    assert not voice.speaking


def test_only_zeros_from_the_start_are_noticed_after_a_few_seconds() -> None:
    detector = DigitalSilenceDetector()
    detector.restart(100.0)
    for at in itertools.takewhile(lambda at: at < SILENT_FROM_START_S, itertools.count(0, 0.5)):
        detector.note(0.0, 100 + at)
        assert not detector.silent(100 + at)
    assert detector.silent(100 + SILENT_FROM_START_S + 0.1)
    detector.note(3.0, 100 + SILENT_FROM_START_S + 0.2)
    assert not detector.silent(100 + SILENT_FROM_START_S + 0.3)


def test_a_microphone_that_has_given_audio_may_be_silent_for_longer() -> None:
    detector = DigitalSilenceDetector()
    detector.restart(100.0)
    detector.note(50.0, 101.0)
    assert not detector.silent(101 + SILENT_LATER_S - 1)
    assert detector.silent(101 + SILENT_LATER_S + 1)


def test_before_anything_is_open_nothing_is_dead() -> None:
    assert not DigitalSilenceDetector().silent(1e9)
