"""UpcomingSessions: a professional sees who is next and when, and starts."""

import flet as ft

from app.api.models import Booking
from app.components.session_board import PAST, UPCOMING, SessionBoard
from app.components.states import EmptyState
from app.state.hooks import use_model
from app.state.services import use_services
from app.state.upcoming import Sessions

PROFESSIONAL = "professional"


@ft.component
def UpcomingSessions() -> ft.Control:
    """The professional's first screen."""
    services = use_services()
    page = ft.context.page
    lists = use_model(lambda: {when: Sessions(services, PROFESSIONAL, when) for when in (UPCOMING, PAST)})

    def start(booking: Booking) -> None:
        page.navigate(f"/session/{booking.id}")

    return SessionBoard(
        "Sessions",
        lists,
        services.now,
        services.zone,
        start,
        lambda booking: None,  # users have no picture
        empty={
            UPCOMING: EmptyState(
                ft.Icons.EVENT_AVAILABLE_OUTLINED,
                "Nobody has booked yet. Publish the hours you offer, and bookings will show up here.",
                "Add hours",
                lambda: page.navigate("/availability"),
            ),
            PAST: EmptyState(ft.Icons.HISTORY, "No sessions yet. They move here when they are over."),
        },
    )
