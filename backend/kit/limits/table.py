"""Every limit there is, in one place; docs/api.md repeats it, and a test holds the two against each other.

Lengths run from the first that is counted; then counting begins again. What honest clients reach is far below: an app
asks for a search when typing pauses, for lists every 20 s, for who is in a room every 5 s; an office of fifty behind
one address is one line.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Per(StrEnum):
    """What is counted apart from each other."""

    ACCOUNT = "account"
    LINE = "line"  # an IPv4 address, an IPv6 /64
    NETWORK = "network"  # an IPv4 /24, an IPv6 /48
    PERSON_ON_LINE = "person and line"  # an e-mail address as typed, from one line


@dataclass(frozen=True)
class Limit:
    """So many within this time; `counts` says what."""

    name: str
    amount: int
    within: timedelta
    per: Per
    counts: str


SIGN_UP = Limit("sign-up", 60, HOUR, Per.LINE, "sign-ups that are well formed, refused ones too")
SIGN_UP_DAY = Limit("sign-up-day", 200, DAY, Per.LINE, "the same")
SIGN_UP_NETWORK = Limit("sign-up-network", 400, DAY, Per.NETWORK, "the same")
EMAIL_TAKEN = Limit("email-taken", 20, HOUR, Per.LINE, "sign-ups with an e-mail that has an account")
PASSWORD = Limit("password", 10, 15 * MINUTE, Per.PERSON_ON_LINE, "passwords tried; being let in forgets them")
PASSWORD_LINE = Limit(
    "password-line", 100, 15 * MINUTE, Per.LINE, "wrong passwords and codes of second factors, whoever's"
)
PASSWORD_NETWORK = Limit("password-network", 500, 15 * MINUTE, Per.NETWORK, "the same")
SECOND_FACTOR = Limit("second-factor", 50, DAY, Per.ACCOUNT, "codes of a second factor, after a right password")
CODE_SENT = Limit("code-sent", 5, HOUR, Per.ACCOUNT, "codes sent to confirm an e-mail, or a new one")
CODE_SENT_DAY = Limit("code-sent-day", 15, DAY, Per.ACCOUNT, "the same")
CODE_TRIED = Limit("code-tried", 50, DAY, Per.ACCOUNT, "codes typed to confirm an e-mail, or a new one")
FORGOTTEN = Limit("forgotten", 5, HOUR, Per.PERSON_ON_LINE, "requests for a new password")
FORGOTTEN_LINE = Limit("forgotten-line", 60, HOUR, Per.LINE, "the same, whoever's")
FORGOTTEN_NETWORK = Limit("forgotten-network", 300, HOUR, Per.NETWORK, "the same")
RESET = Limit("reset", 10, 15 * MINUTE, Per.PERSON_ON_LINE, "codes typed for a new password")
RESET_LINE = Limit("reset-line", 100, 15 * MINUTE, Per.LINE, "the same, whoever's")
BOOK = Limit("book", 60, 10 * MINUTE, Per.ACCOUNT, "requests to book, whatever came of them")
PHOTO = Limit("photo", 20, HOUR, Per.ACCOUNT, "photos sent")
PHOTO_LINE = Limit("photo-line", 200, HOUR, Per.LINE, "the same")
CALL_CHECK = Limit("call-check", 30, 10 * MINUTE, Per.ACCOUNT, "connections tried")
CALL_CHECK_LINE = Limit("call-check-line", 500, 10 * MINUTE, Per.LINE, "the same")
CALL_LINK = Limit("call-link", 120, 10 * MINUTE, Per.ACCOUNT, "ways into a call asked for")
PRESENCE = Limit("presence", 1200, 10 * MINUTE, Per.ACCOUNT, "polls of who is in a room")
MESSAGES = Limit("messages", 600, 10 * MINUTE, Per.ACCOUNT, "requests to keep what was written in a call")
RECORDINGS = Limit("recordings", 300, 10 * MINUTE, Per.ACCOUNT, "questions to record a call, and answers")
NOTES = Limit("notes", 600, 10 * MINUTE, Per.ACCOUNT, "requests to save private notes, or to send a follow-up")
FILES = Limit("files", 60, HOUR, Per.ACCOUNT, "files uploaded for a follow-up")
FILES_LINE = Limit("files-line", 600, HOUR, Per.LINE, "the same")
FILES_SAVED = Limit("files-saved", 200, HOUR, Per.ACCOUNT, "files of follow-ups that were read")
PAYOUT_LINK = Limit("payout-link", 30, 10 * MINUTE, Per.ACCOUNT, "links to the payment provider's pages")
PAYOUT_STATE = Limit(
    "payout-state", 1, timedelta(seconds=5), Per.ACCOUNT, "questions to the provider; in between the last answer holds"
)
SEARCH = Limit("search", 600, MINUTE, Per.LINE, "pages of search")
SEARCH_NETWORK = Limit("search-network", 3000, MINUTE, Per.NETWORK, "the same")
PUBLIC = Limit("public", 1200, MINUTE, Per.LINE, "profiles, photos and free times read")
PUBLIC_NETWORK = Limit("public-network", 6000, MINUTE, Per.NETWORK, "the same")

LIMITS = (
    *(SIGN_UP, SIGN_UP_DAY, SIGN_UP_NETWORK, EMAIL_TAKEN, PASSWORD, PASSWORD_LINE, PASSWORD_NETWORK),
    *(SECOND_FACTOR, CODE_SENT, CODE_SENT_DAY, CODE_TRIED, RESET, RESET_LINE),
    *(FORGOTTEN, FORGOTTEN_LINE, FORGOTTEN_NETWORK, BOOK, PHOTO, PHOTO_LINE, CALL_CHECK, CALL_CHECK_LINE, CALL_LINK),
    *(PRESENCE, MESSAGES, RECORDINGS, NOTES, FILES, FILES_LINE, FILES_SAVED, PAYOUT_LINK, PAYOUT_STATE),
    *(SEARCH, SEARCH_NETWORK, PUBLIC, PUBLIC_NETWORK),
)


@dataclass(frozen=True)
class AtOnce:
    """So many at one time."""

    name: str
    amount: int
    per: Per
    counts: str


HELD = AtOnce("held", 2, Per.LINE, "holds of one professional's times, whoever's")
HELD_NETWORK = AtOnce("held-network", 4, Per.NETWORK, "the same")


@dataclass(frozen=True)
class CoolDown:
    """After the n-th within this time the next has to wait `minutes[n]`; after more, as long as after the last.

    `minutes` counts from 0: what is before any is no wait.
    """

    name: str
    minutes: tuple[int, ...]
    within: timedelta
    per: Per
    counts: str


UNPAID = CoolDown("unpaid", (0, 0, 1, 2, 5, 15, 60), DAY, Per.ACCOUNT, "holds that ended unpaid")
UNPAID_OF_ONE = CoolDown(
    "unpaid-of-one", (*(0,) * 9, 1, 2, 5, 15, 60), DAY, Per.LINE, "holds of one professional that ended unpaid"
)
UNPAID_LINE = CoolDown("unpaid-line", (*(0,) * 61, 1, 2, 5, 15, 60), DAY, Per.LINE, "holds that ended unpaid")
REFUNDED = CoolDown(
    "refunded", (*(0,) * 6, *(24 * 60,) * 5), 30 * DAY, Per.ACCOUNT, "own cancellations with the whole price back"
)
REFUNDED_MOST = Limit("refunded-most", 10, 30 * DAY, Per.ACCOUNT, "the same; then nothing can be booked")

HOLDING = (HELD, HELD_NETWORK, UNPAID, UNPAID_OF_ONE, UNPAID_LINE, REFUNDED, REFUNDED_MOST)
