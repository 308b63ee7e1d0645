"""Who is at a call page: its token is all it has, and what it is told of the session."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth import repository as accounts
from backend.auth.rules import Account, Role
from backend.auth.tables import AccountRow
from backend.bookings import repository as bookings
from backend.bookings.repository.listed import listed
from backend.bookings.rules import Terms, join_window
from backend.calls.ports import CallRooms, ExpiredToken, TokenClaims, UntrustedToken
from backend.calls.rules import CallLinkExpired, CallLinkInvalid, account_of, room_name
from backend.calls.service import entering
from backend.kit.errors import BusinessError, NotFound, render
from backend.profiles.rules import photo_url


@dataclass(frozen=True)
class PageFacts:
    """`problem` is the wire name of what keeps this person out now; None: they may join. `photo` is a path of ours."""

    own_name: str
    own_role: Role
    other_name: str
    photo: str | None
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    problem: str | None


def claims_of(rooms: CallRooms, token: str, session_id: UUID) -> TokenClaims:
    """What the page's token says, if it leads into this session's room. CallLinkExpired, CallLinkInvalid."""
    try:
        claims = rooms.read_token(token)
    except ExpiredToken as error:
        raise CallLinkExpired from error
    except UntrustedToken as error:
        raise CallLinkInvalid from error
    if claims.room_name != room_name(session_id):
        raise CallLinkInvalid
    return claims


def guest(session: Session, claims: TokenClaims, session_id: UUID) -> Account:
    """The account that the token was given to; CallLinkInvalid where it is none of the session's two."""
    found = account_of(claims.identity)
    row = session.get(AccountRow, found[1]) if found else None
    if found is None or row is None or row.role != found[0].value:
        raise CallLinkInvalid
    if bookings.booking_of(session, session_id, row.id) is None:
        raise CallLinkInvalid
    return accounts.account_of(row)


def facts(session: Session, account: Account, session_id: UUID, terms: Terms, now: datetime) -> PageFacts:
    """What the page shows of the session; NotFound."""
    booking = bookings.booking_of(session, session_id, account.id)
    if booking is None:
        raise NotFound
    shown, window = listed(session, booking), join_window(booking.starts_at, booking.ends_at, terms)
    is_professional = account.role is Role.PROFESSIONAL
    return PageFacts(
        own_name=account.name,
        own_role=account.role,
        other_name=shown.user_name if is_professional else shown.professional_name,
        photo=None if is_professional else photo_url(shown.professional_id, shown.photo_version),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        problem=_problem(session, account, session_id, terms, now),
    )


def _problem(session: Session, account: Account, session_id: UUID, terms: Terms, now: datetime) -> str | None:
    try:
        entering.entry(session, account, session_id, terms, now)
    except BusinessError as refused:
        return str(render(refused)["error"])
    return None
