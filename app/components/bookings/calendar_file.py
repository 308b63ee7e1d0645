"""A session for the person's own calendar, as a file that they keep where they like."""

from collections.abc import Awaitable, Callable

from app.api.models import Booking
from app.components.design.feedback import toast
from app.errors import AppError
from app.state.core.picked_files import save_file
from app.state.core.services import Services

TITLE = "Save the calendar file"
SAVED = "Saved. Open the file to bring your calendar up to date."


async def save_calendar_file(services: Services, booking: Booking, ask: Callable[[], Awaitable[bytes | None]]) -> None:
    """`ask` fetches the file, or says itself why it cannot be had. A person who cancels the dialog reads nothing."""
    content = await ask()
    if not content:
        return
    starts_at = booking.starts_at.astimezone(services.zone)
    try:
        saved = await save_file(TITLE, f"session-{starts_at:%Y-%m-%d-%H%M}.ics", content)
    except AppError as error:
        toast(error.detail)
    else:
        if saved:
            toast(SAVED)
