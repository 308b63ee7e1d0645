"""Voice activity and digital silence, from the loudness of each 10 ms of the microphone. Pure."""

BEGINS_DB, GOES_ON_DB = -38.0, -46.0
"""Full scale is 0. Speech at a desk is about -30 after the gain control, a cleaned quiet room below -60."""
ABOVE_FLOOR_DB = 12.0
"""What is always there (a fan that the noise suppression leaves) is no speech."""
FLOOR_RISES_DB = 0.02
"""Per 10 ms, so 2 dB a second: a floor that is too low mends itself, speech with its pauses does not raise it."""
BEGINS_AFTER_FRAMES, ENDS_AFTER_FRAMES = 30, 300
LEAK = 0.25
"""A quiet frame takes back so much of a loud one: syllables add up, single knocks do not."""


class VoiceActivity:
    """Gets each 10 ms; `speaking` is the answer, so that a muted person can be warned that nobody hears them.

    Hysteresis in level (it begins louder than it goes on) and in time (a third of a second begins it, three end it).
    """

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """What was heard before does not count any more."""
        self.speaking = False
        self._loud = 0.0
        self._quiet_frames = 0
        self._floor_db = -60.0

    def note(self, level_db: float) -> None:
        """`level_db`: of 10 ms, relative to full scale."""
        self._floor_db = min(self._floor_db + FLOOR_RISES_DB, max(level_db, -90.0))
        threshold = max(GOES_ON_DB if self.speaking else BEGINS_DB, self._floor_db + ABOVE_FLOOR_DB)
        if level_db > threshold:
            self._quiet_frames = 0
            self._loud += 1
            self.speaking = self.speaking or self._loud >= BEGINS_AFTER_FRAMES
            return
        self._quiet_frames += 1
        self._loud = max(self._loud - LEAK, 0.0)
        if self._quiet_frames >= ENDS_AFTER_FRAMES:
            self.speaking, self._loud = False, 0.0


SILENT_FROM_START_S, SILENT_LATER_S = 8.0, 30.0
"""Only zeros: a privacy switch, or an operating system that hands out silence instead of the microphone. Headsets that
cut out the pauses do that too, for a while, so one that has given anything before is doubted later.
"""


class DigitalSilenceDetector:
    """Notices a microphone that delivers digital silence only."""

    def __init__(self) -> None:
        self._opened_at = 0.0
        self._signal_at = 0.0

    def restart(self, now_s: float) -> None:
        """A stream has just been opened."""
        self._opened_at, self._signal_at = now_s, 0.0

    def note(self, loudness: float, now_s: float) -> None:
        if loudness > 0:
            self._signal_at = now_s

    def silent(self, now_s: float) -> bool:
        """Whether it is time to say that nothing comes."""
        if self._signal_at:
            return now_s - self._signal_at > SILENT_LATER_S
        return self._opened_at > 0 and now_s - self._opened_at > SILENT_FROM_START_S
