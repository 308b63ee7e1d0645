"""What can go wrong in the app, as types that a screen can act on. Every message is a sentence for people."""

from datetime import datetime


class AppError(Exception):
    """Something that the person has to know. `detail` is a whole sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Offline(AppError):
    """The backend cannot be reached, or did not answer in time. The request may be repeated by the person."""

    silent = True
    """No answer came at all: the way there may be broken."""

    def __init__(self, detail: str = "Rendezvous cannot be reached. Check your connection and try again.") -> None:
        super().__init__(detail)


class Unavailable(Offline):
    """The backend, or a proxy before it, answers that it cannot do this now; `detail` is its own sentence if any."""

    silent = False


class NotSignedIn(AppError):
    """The sign-in is missing, expired or was ended elsewhere."""

    def __init__(self, detail: str = "You are signed out. Please sign in again.") -> None:
        super().__init__(detail)


class Problem(AppError):
    """An error answer of the backend (docs/api.md, "Errors"). A 409 is such an answer, not a failure.

    `error` is the name of the rule ("SlotAlreadyTaken"), `status` the HTTP status, `fields` maps payload names to
    messages, `next_free` holds the slots offered instead of a taken one (`app.api.models.FreeSlot`; typed loosely,
    because this module imports nothing), `opens_at` is when Start becomes possible, `retry_after_s` when to try again,
    `cancellation` what cancelling gives back now (`app.api.models.Cancellation`, typed loosely too), `note` what one's
    notes are by now (`app.api.models.Note`, the same).
    """

    def __init__(
        self,
        error: str,
        status: int,
        detail: str,
        *,
        fields: dict[str, str] | None = None,
        next_free: tuple[object, ...] = (),
        opens_at: datetime | None = None,
        retry_after_s: int | None = None,
        cancellation: object | None = None,
        note: object | None = None,
    ) -> None:
        super().__init__(detail)
        self.error = error
        self.status = status
        self.fields = fields or {}
        self.next_free = next_free
        self.opens_at = opens_at
        self.retry_after_s = retry_after_s
        self.cancellation = cancellation
        self.note = note
