"""Who kept the appointment: decided when a booking is over, open for a day, final after that."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Account, Role
from backend.bookings import repository as bookings
from backend.bookings.rules import Absent, BookingEvent, BookingStatus, next_status
from backend.bookings.rules.cancellation import deadlines, part_of, share_at
from backend.bookings.service.money.refunding import postpone_refund, request_refund, settle_refund
from backend.bookings.service.money.releasing import release_payout
from backend.bookings.service.policies import booked_policy
from backend.bookings.tables import BookingRow
from backend.calls import repository
from backend.calls.rules import DecisionFinal, NothingDecided
from backend.calls.rules.attendance import AttendanceLimits, Decision, decide
from backend.calls.rules.evidence import Evidence, PresenceInterval
from backend.calls.tables import AttendanceDecisionRow, ObjectionRow
from backend.kit.errors import NotFound
from backend.payments.rules import RefundReason

logger = logging.getLogger(__name__)

AT_ONCE = 100
MISSED = frozenset({Absent.PROFESSIONAL, Absent.USER, Absent.BOTH})
_REASONS = {
    Absent.PROFESSIONAL: RefundReason.PROFESSIONAL_ABSENT,
    Absent.UNCLEAR: RefundReason.UNCLEAR,
    Absent.BOTH: RefundReason.NOBODY_CAME,
}


@dataclass(frozen=True)
class ShownDecision:
    """A decision as one of the two sees it. `objected`: who said that something went wrong; `reason`: the viewer's."""

    row: AttendanceDecisionRow
    objected: list[Role]
    reason: str | None


def decide_ended(session: Session, limits: AttendanceLimits, now: datetime) -> int:
    """Decides on bookings that are over, the oldest hundred; says how many. What goes back waits until it is final."""
    ended = bookings.ended_bookings(session, now - limits.after)
    for booking in ended:
        decision = decide((booking.starts_at, booking.ends_at), _evidence(session, booking), limits)
        event = BookingEvent.MISSED if decision.absent in MISSED else BookingEvent.ENDED
        booking.status = next_status(BookingStatus(booking.status), event).value
        booking.absent = decision.absent.value
        refund_minor = _goes_back(booking, decision.absent)
        session.add(_row(booking, decision, refund_minor, now, limits.open_for))
        session.flush()
        if refund_minor:
            open_until = now + limits.open_for
            request_refund(session, booking, refund_minor, _REASONS[decision.absent], now, not_before=open_until)
        logger.info("booking %s is over; absent: %s", booking.id, decision.absent.value)
    return len(ended)


def end_decisions(session: Session, limits: AttendanceLimits, now: datetime) -> int:
    """What can no longer be objected to becomes final, and so does what nobody decided on for too long."""
    ending = repository.decisions_to_end(session, now, now - limits.objected_for, AT_ONCE)
    for booking_id in ending:
        bookings.locked_booking(session, booking_id)
        if decision := repository.decision_of(session, booking_id):
            make_final(session, decision, now)
    session.flush()
    return len(ending)


def decide_by_operator(
    session: Session, booking: BookingRow, absent: Absent, now: datetime
) -> AttendanceDecisionRow | None:
    """An operator's word in place of the rule's, final at once; None where nothing is open.

    The status follows the word: it is a correction of what was decided, no event of the booking's. The caller locks it.
    """
    row = repository.decision_of(session, booking.id)
    if row is None or row.final_at is not None:
        return None
    booking.absent = absent.value
    booking.status = (BookingStatus.NO_SHOW if absent in MISSED else BookingStatus.COMPLETED).value
    row.absent, row.refund_minor = absent.value, _goes_back(booking, absent)
    row.decided_by, row.decided_at = "operator", now
    settle_refund(session, booking, row.refund_minor, _REASONS.get(absent, RefundReason.SUPPORT), now)
    make_final(session, row, now)
    return row


def make_final(session: Session, decision: AttendanceDecisionRow, now: datetime) -> None:
    """Nothing changes it any more, and the professional is paid out what is theirs. The caller locks the booking."""
    decision.final_at = now
    session.flush()
    release_payout(session, decision.booking_id, now)
    logger.info("the decision on booking %s is final", decision.booking_id)


def decision_for(session: Session, account: Account, booking_id: UUID) -> ShownDecision:
    """The decision with its figures, to either of the two; NotFound, NothingDecided."""
    if bookings.booking_of(session, booking_id, account.id) is None:
        raise NotFound
    row = repository.decision_of(session, booking_id)
    if row is None:
        raise NothingDecided
    said = repository.objections_of(session, booking_id)
    own = next((each.reason for each in said if each.role == account.role), None)
    return ShownDecision(row, [Role(each.role) for each in said], own)


def object_to(
    session: Session, account: Account, booking_id: UUID, reason: str, limits: AttendanceLimits, now: datetime
) -> ShownDecision:
    """Something went wrong: keeps the reason for whoever decides; until then no money moves. A second one replaces it.

    NotFound, NothingDecided, DecisionFinal.
    """
    seen = bookings.booking_of(session, booking_id, account.id)
    booking = bookings.locked_booking(session, booking_id) if seen else None
    if booking is None:
        raise NotFound
    row = repository.decision_of(session, booking_id)
    if row is None:
        raise NothingDecided
    if row.final_at is not None or now >= row.open_until:
        raise DecisionFinal
    said = repository.objection_by(session, booking_id, account.role.value)
    if said is None:
        session.add(ObjectionRow(booking_id=booking_id, role=account.role.value, reason=reason, created_at=now))
    else:
        said.reason = reason
    postpone_refund(session, booking, row.open_until + limits.objected_for)
    session.flush()
    logger.info("the %s says that something went wrong in booking %s", account.role.value, booking_id)
    return decision_for(session, account, booking_id)


def _goes_back(booking: BookingRow, absent: Absent) -> int:
    """In cents: everything, nothing, or what the user would get who cancels at the start."""
    if absent in (Absent.PROFESSIONAL, Absent.UNCLEAR):
        return booking.price_minor
    if absent is not Absent.BOTH:
        return 0
    until = deadlines(booking.starts_at, booked_policy(booking))
    return part_of(booking.price_minor, share_at(booking.starts_at, until, booking.refund_share_cap))


def _row(
    booking: BookingRow, decision: Decision, refund_minor: int, now: datetime, open_for: timedelta
) -> AttendanceDecisionRow:
    return AttendanceDecisionRow(
        booking_id=booking.id,
        absent=decision.absent.value,
        judged_s=_seconds(decision.judged),
        kept_s=_seconds(decision.kept),
        professional_there_s=_seconds(decision.professional_there),
        user_there_s=_seconds(decision.user_there),
        late_s=None if decision.late is None else _seconds(decision.late),
        unwatched_s=_seconds(decision.unobserved),
        refund_minor=refund_minor,
        decided_at=now,
        decided_by="rule",
        open_until=now + open_for,
    )


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def _evidence(session: Session, booking: BookingRow) -> Evidence:
    intervals = [
        PresenceInterval(Role(row.role), row.joined_at, row.last_seen_at, row.left_at)
        for row in repository.presence_intervals_of(session, booking.id)
    ]
    return Evidence(
        intervals,
        [(row.began_at, row.until_at) for row in repository.observation_windows_of(session, booking.id)],
    )
