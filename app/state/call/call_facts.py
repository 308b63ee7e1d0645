"""What the call's screens show: the facts of one person's call, and what follows from them. Nothing here acts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.api.models import PROFESSIONAL, USER, Booking, QualityReport, Role, SessionQuality
from app.call.contract.call_state import CallSnapshot, CallState
from app.call.contract.devices import Device, DeviceKind
from app.call.contract.engine import CallCredentials, CallEngine
from app.call.contract.screen import Screen
from app.state.call.recording.place import RecordingPlace
from app.state.call.words.call_words import JoinProblem, problem_from_booking
from app.state.core.services import Services


class CallPage(StrEnum):
    """Which of the call's pages is shown."""

    LOADING = "loading"
    UNAVAILABLE = "unavailable"  # no engine on this platform
    BARRED = "barred"  # the session cannot be entered; `problem` says why
    BEFORE = "before"
    CALL = "call"
    AFTER = "after"


@dataclass(eq=False)
class CallFacts:
    """`post` runs a change of state on the browser session that shows it (see `app.screens.call_flow`)."""

    services: Services
    session_id: str
    post: Callable[[Callable[[], None]], None] = field(repr=False)
    booking: Booking | None = None
    problem: JoinProblem | None = None
    snapshot: CallSnapshot = field(default_factory=CallSnapshot)
    engine: CallEngine | None = field(default=None, repr=False)  # None before and after a call
    credentials: CallCredentials | None = field(default=None, repr=False)
    entering: bool = False
    join_problem: JoinProblem | None = None  # why the last attempt to join failed, shown beside Join
    other_present: bool = False
    devices: dict[DeviceKind, list[Device]] = field(default_factory=dict)
    choosing: DeviceKind | None = None
    retrying: DeviceKind | None = None
    screens: tuple[Screen, ...] = ()  # among which this person is choosing one to share
    recording_place: RecordingPlace | None = None  # None: it was not looked at
    recording_problem: str = ""  # why another folder was not chosen, in words
    times_recorded: int = 0
    ended_at: datetime | None = None
    earlier: timedelta = timedelta()  # together before the last rejoin
    away: bool = False  # the call was ended because nobody was watching it any more
    next_session: Booking | None = None
    own_report: QualityReport | None = None  # how the call ran on this side, once it has ended
    kept_quality: SessionQuality | None = None  # what is kept of both sides
    times_resumed: int = 0
    chat_draft: str = ""
    file_problem: str = ""  # why the last file was not sent or saved, in words
    kept_messages: frozenset[str] = frozenset()  # ids of those that the backend has
    refused_messages: frozenset[str] = frozenset()
    read_messages: frozenset[str] = frozenset()  # theirs that were shown
    _wanted: dict[DeviceKind, tuple[int, bool]] = field(default_factory=dict, repr=False)  # the last press, on or off
    _switches: int = 0

    @property
    def shown_page(self) -> CallPage:
        if self.services.new_engine is None:
            return CallPage.UNAVAILABLE
        if self.snapshot.state is CallState.ENDED:
            return CallPage.AFTER
        if self.credentials is not None:
            return CallPage.CALL
        if self.problem is not None:
            return CallPage.BARRED
        return CallPage.LOADING if self.booking is None else CallPage.BEFORE

    @property
    def in_browser(self) -> bool:
        """Whether the call page carries the call; there is no picture and no device here then."""
        return self.services.call_in_browser

    @property
    def role(self) -> Role:
        """This person's own."""
        account = self.services.account.account
        return account.role if account else USER

    @property
    def is_professional(self) -> bool:
        return self.role == PROFESSIONAL

    @property
    def other_name(self) -> str:
        """Who is on the other side, as the booking names them."""
        if self.booking is None:
            return self.snapshot.peer.name if self.snapshot.peer else "the other person"
        return self.booking.other(self.role).name

    @property
    def other_photo(self) -> str | None:
        """The absolute address of the other's photo; only professionals have one."""
        path = None if self.booking is None or self.is_professional else self.booking.professional.photo_url
        return self.services.api.photo_url(path) if path else None

    @property
    def own_name(self) -> str:
        account = self.services.account.account
        return account.name if account else "You"

    @property
    def unread(self) -> int:
        """How many of the other's messages have not been shown."""
        return sum(1 for each in self.snapshot.chat if not each.mine and each.id not in self.read_messages)

    @property
    def opens_in_s(self) -> float:
        opens_at = self.join_problem.opens_at if self.join_problem and self.join_problem.opens_at else None
        if opens_at is None and self.booking is not None:
            opens_at = self.booking.join_opens_at
        return 0.0 if opens_at is None else (opens_at - self.services.now()).total_seconds()

    @property
    def closes_in_s(self) -> float:
        """Until the room closes; 0 when it has."""
        if self.booking is None:
            return 0.0
        return max(0.0, (self.booking.join_closes_at - self.services.now()).total_seconds())

    @property
    def may_rejoin(self) -> bool:
        over = self.booking is None or problem_from_booking(self.booking, self.services.now()) is not None
        return self.shown_page is CallPage.AFTER and not over

    @property
    def length(self) -> timedelta | None:
        """How long both were in the call, over every rejoin; None when they never were."""
        since, until = self.snapshot.in_call_since, self.ended_at
        if since is None or until is None:
            return self.earlier or None
        return self.earlier + max(until - since, timedelta())
