"""The session's time runs out, during the call and before it."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from backend.bookings.tables import BookingRow
from backend.kit.database import Database
from backend.settings import Settings
from tests.callpage.conftest import Enter
from tests.callpage.people import Member
from tests.stage.demo_backend import DemoBackend


class Booking:
    """Moved in time behind the backend's back, and moved back at the end."""

    def __init__(self, backend: DemoBackend, session_id: str) -> None:
        folder: Path = backend.log.parent
        self._database = Database(f"sqlite:///{(folder / 'rendezvous.db').as_posix()}")
        self._id = UUID(session_id)
        with self._database.read() as session:
            row = session.scalars(select(BookingRow).where(BookingRow.id == self._id)).one()
            self._times = row.starts_at, row.ends_at

    def closes_in(self, seconds: float) -> None:
        after = Settings().join_closes_after
        ends_at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds) - after
        self._set(ends_at - dt.timedelta(minutes=45), ends_at)

    def begins(self, starts_at: dt.datetime) -> None:
        self._set(starts_at, starts_at + dt.timedelta(minutes=45))

    def restore(self) -> None:
        self._set(*self._times)
        self._database.dispose()

    def _set(self, starts_at: dt.datetime, ends_at: dt.datetime) -> None:
        with self._database.write() as session:
            row = update(BookingRow).where(BookingRow.id == self._id)
            session.execute(row.values(starts_at=starts_at, ends_at=ends_at))


@pytest.fixture
def booking(backend: DemoBackend, sam: Member) -> Iterator[Booking]:
    booking = Booking(backend, sam.session_id)
    yield booking
    booking.restore()


async def test_the_rooms_end_is_counted_down_and_then_the_session_is_over(
    enter: Enter, sam: Member, booking: Booking
) -> None:
    booking.closes_in(20)
    guest = await enter(sam)
    await guest.join()
    await guest.sees("The room closes in 0:")
    await guest.page.get_by_role("heading", name="Session over").wait_for(timeout=40_000)
    await guest.sees("Back to Rendezvous")
    await guest.sees_no("Rejoin")
    await guest.page.reload()
    await guest.page.get_by_role("heading").first.wait_for()
    assert await guest.page.get_by_role("heading").first.inner_text() in (
        "This link has expired",
        "This session is over",
    )


async def test_a_link_to_a_session_that_is_over_says_so(enter: Enter, sam: Member, booking: Booking) -> None:
    url = sam.call_url
    booking.closes_in(-60)
    guest = await enter(sam)
    await guest.open(url)
    await guest.ended("This session is over")


@pytest.mark.parametrize(("locale", "words"), [("en-US", "Today 3:30 AM–4:15 AM"), ("en-GB", "Today 03:30–04:15")])
async def test_the_clock_is_the_devices_and_is_written_as_in_the_app(
    enter: Enter, sam: Member, booking: Booking, locale: str, words: str
) -> None:
    now = dt.datetime.now(dt.UTC)
    starts_at = now.replace(minute=30, second=0, microsecond=0) - dt.timedelta(hours=now.minute < 30)
    booking.begins(starts_at)
    east = (3 - starts_at.hour + 12) % 24 - 12  # where it is half past three then
    guest = await enter(sam, locale=locale, timezone_id=f"Etc/GMT{-east:+d}")
    await guest.open()
    await guest.sees(words)
