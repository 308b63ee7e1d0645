"""Sending one part of a form: what is in flight, and what was wrong with it."""

from collections.abc import Awaitable
from dataclasses import dataclass, field

from app.errors import AppError, Problem


@dataclass(eq=False)
class Attempts:
    """What a form that sends several things stands on. `sending` names what is in flight; nothing else is sent then.

    `field_errors` maps field names to sentences, `message` is about the whole form. `refused` is why the last attempt
    failed, None if it did not.
    """

    field_errors: dict[str, str] = field(default_factory=dict, kw_only=True)
    message: str = field(default="", kw_only=True)
    sending: str = field(default="", kw_only=True)
    refused: AppError | None = field(default=None, kw_only=True, repr=False)

    async def attempt(self, what: str, request: Awaitable[object]) -> bool:
        """Waits for the request; True when it was taken."""
        self.field_errors, self.message, self.refused, self.sending = {}, "", None, what
        try:
            await request
        except Problem as problem:
            self.refused = problem
            self.field_errors = dict(problem.fields)
            self.message = "" if problem.fields else problem.detail
        except AppError as error:
            self.refused, self.message = error, error.detail
        finally:
            self.sending = ""
        return self.refused is None

    def missing(self, **field_errors: str) -> bool:
        """Says at each field what is missing; True when something is."""
        self.field_errors = {name: words for name, words in field_errors.items() if words}
        self.message = ""
        return bool(self.field_errors)
