"""Who asks to record a call and who agrees: what each of the two may say of it. Pure.

The recording is made on a person's own device and never comes here; what is kept is that it was asked for and agreed
to. Each act is told by the device of the person whose act it is, so that neither can claim the other's yes.
"""

from enum import StrEnum

from backend.auth.rules import Role
from backend.kit.errors import BusinessError

MOST_OF_A_SESSION = 100
"""Questions; a person who asks so often has had an answer."""


class RecordingEvent(StrEnum):
    """What happened to a question. The first three are its asker's acts, the others the other person's."""

    ASKED = "asked"
    BEGAN = "began"
    ENDED = "ended"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_OF_THE_ASKER = frozenset({RecordingEvent.ASKED, RecordingEvent.BEGAN, RecordingEvent.ENDED})
TIME_OF = {
    RecordingEvent.ASKED: "asked_at",
    RecordingEvent.BEGAN: "began_at",
    RecordingEvent.ENDED: "ended_at",
    RecordingEvent.AGREED: "answered_at",
    RecordingEvent.REFUSED: "answered_at",
    RecordingEvent.WITHDRAWN: "withdrawn_at",
}
ANSWERS = frozenset({RecordingEvent.AGREED, RecordingEvent.REFUSED})


class NotYourRecording(BusinessError):
    """The asker answers their own question, or the other says that it was theirs."""

    detail = "Only who is asked can answer, and only who asked can record."


class TooManyRecordings(BusinessError):
    """A session has as many questions as are kept."""

    detail = f"More than {MOST_OF_A_SESSION} questions to record are not kept of one session."


class NotOffered(BusinessError):
    """There is no server that records."""

    detail = "Recording on a server is not offered here. It can be recorded on a device in the call."


class NotAgreed(BusinessError):
    """The other has not said yes, or has taken it back."""

    detail = "The other person has not agreed to this recording."


class CallEncrypted(BusinessError):
    """A server cannot read what is encrypted from device to device."""

    detail = "This call is encrypted from device to device: only a device in it can record it."


ENDINGS = frozenset({RecordingEvent.REFUSED, RecordingEvent.WITHDRAWN, RecordingEvent.ENDED})
"""After any of these nothing may be written any more."""


def check_may_record(answer: str | None, withdrawn: bool, ended: bool) -> None:
    """Raises NotAgreed unless there is a yes that still holds."""
    if answer != RecordingEvent.AGREED.value or withdrawn or ended:
        raise NotAgreed


def asker(event: RecordingEvent, role: Role) -> Role:
    """Who asked, by who tells this."""
    if event in _OF_THE_ASKER:
        return role
    return Role.USER if role is Role.PROFESSIONAL else Role.PROFESSIONAL
