"""Clock changes of the world, as the IANA database has them: what the tests of wall time are held against."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Change:
    """One change in one zone, on `day` by the wall clock.

    `at_utc`: its instant ("2027-03-28 01:00"). `skipped`: wall times that do not exist that day. `twice`: a wall time
    that happens twice, with the instant of the first. `hours`: how long the day is.
    """

    zone: str
    day: date
    at_utc: str
    hours: float
    skipped: tuple[str, ...] = ()
    twice: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.zone} {self.day}"


CHANGES = [
    Change("Europe/Berlin", date(2027, 3, 28), "2027-03-28 01:00", 23, skipped=("02:00", "02:30", "02:59")),
    Change("Europe/Berlin", date(2027, 10, 31), "2027-10-31 01:00", 25, twice=("02:30", "2027-10-31 00:30")),
    Change("America/New_York", date(2027, 3, 14), "2027-03-14 07:00", 23, skipped=("02:00", "02:30")),
    Change("America/New_York", date(2027, 11, 7), "2027-11-07 06:00", 25, twice=("01:15", "2027-11-07 05:15")),
    # Half an hour, and the other way round than in the north.
    Change("Australia/Lord_Howe", date(2027, 10, 3), "2027-10-02 15:30", 23.5, skipped=("02:00", "02:29")),
    Change("Australia/Lord_Howe", date(2027, 4, 4), "2027-04-03 15:00", 24.5, twice=("01:45", "2027-04-03 14:45")),
    # For Ramadan, with dates that were reckoned in advance.
    Change("Africa/Casablanca", date(2027, 2, 7), "2027-02-07 02:00", 25, twice=("02:30", "2027-02-07 01:30")),
    Change("Africa/Casablanca", date(2027, 3, 14), "2027-03-14 02:00", 23, skipped=("02:15",)),
    # At midnight, which is then not there, or at which the day before goes on for an hour more.
    Change("Africa/Cairo", date(2027, 4, 30), "2027-04-29 22:00", 23, skipped=("00:00", "00:30")),
    Change("Africa/Cairo", date(2027, 10, 28), "2027-10-28 21:00", 25, twice=("23:30", "2027-10-28 20:30")),
    # Laws that changed: North Korea in 2018, South Sudan in 2021, Brazil's last summer time, Turkey's for good.
    Change("Asia/Pyongyang", date(2018, 5, 4), "2018-05-04 15:00", 23.5, skipped=("23:30", "23:45")),
    Change("Africa/Juba", date(2021, 1, 31), "2021-01-31 21:00", 25, twice=("23:15", "2021-01-31 20:15")),
    Change("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04 03:00", 23, skipped=("00:15",)),
    Change("America/Sao_Paulo", date(2019, 2, 16), "2019-02-17 02:00", 25, twice=("23:45", "2019-02-17 01:45")),
    Change("Europe/Istanbul", date(2016, 3, 27), "2016-03-27 01:00", 23, skipped=("03:30",)),
]

WITHOUT = [
    ("Asia/Kolkata", date(2027, 3, 28)),
    ("Europe/Istanbul", date(2027, 10, 31)),  # its neighbours change; since 2016 it does not
    ("America/Sao_Paulo", date(2027, 11, 7)),
    ("UTC", date(2027, 3, 28)),
]
"""Zones and days on which nothing changes: each is 24 hours long and has every wall time once."""

ZONES = sorted({change.zone for change in CHANGES} | {zone for zone, _ in WITHOUT})
