"""What is kept of a person: saved as a file, or deleted with the account, after it was said what that does."""

from dataclasses import dataclass, field

import flet as ft

from app.api.models import Deletion
from app.api.models.wire import money_words
from app.errors import AppError, Problem
from app.state.core.services import Services

FILE_NAME = "rendezvous-my-data.json"
KEPT_WORDS = (
    "Past sessions and their payments stay, as the law asks, under the name “Deleted account”. "
    "Everything else that is yours is deleted. This cannot be undone."
)


@ft.observable
@dataclass(eq=False)
class OwnData:
    """`deletion` is what deleting would do; None until the person asks. `sending` is "export", "asking" or "delete"
    until the backend has answered.
    """

    services: Services
    deletion: Deletion | None = None
    password: str = field(default="", repr=False)
    password_error: str = ""
    message: str = ""
    sending: str = ""

    @property
    def words(self) -> list[str]:
        """What will happen, a sentence each; empty before it was asked."""
        told, account = self.deletion, self.services.account.account
        if told is None or account is None:
            return []
        words = []
        if told.sessions:
            refund = money_words(told.refund_minor, told.currency)
            goes_to = "go back to the people who booked" if account.is_professional else "go back to you"
            words.append(f"{_sessions(told.sessions)} will be cancelled, and {refund} {goes_to}.")
        if told.kept:
            words.append(f"{_sessions(told.kept)} cannot be cancelled any more.")
        return [*words, KEPT_WORDS]

    async def export(self) -> bytes | None:
        """Everything, as JSON; None when it cannot be had, and `message` says why."""
        if self.sending:
            return None
        self.message, self.sending = "", "export"
        try:
            return await self.services.api.export_me()
        except AppError as error:
            self.message = error.detail
            return None
        finally:
            self.sending = ""

    async def ask(self) -> None:
        """Fetches what deleting the account would do, for the person to read."""
        if self.sending:
            return
        self.message, self.sending = "", "asking"
        try:
            self.deletion = await self.services.api.deletion()
        except AppError as error:
            self.message = error.detail
        finally:
            self.sending = ""

    def keep(self) -> None:
        """The account stays."""
        self.deletion, self.password, self.password_error, self.message = None, "", "", ""

    async def delete(self) -> bool:
        """Deletes the account and ends the sign-in here. False when it was not done; what is shown says why."""
        told = self.deletion
        if told is None or self.sending:
            return False
        if not self.password:
            self.password_error = "Enter your password."  # noqa: S105  words for the field
            return False
        self.password_error, self.message, self.sending = "", "", "delete"
        try:
            await self.services.api.delete_me(self.password, told.sessions)
        except Problem as problem:
            self.password_error = problem.fields.get("password", "")
            self.message = "" if self.password_error else problem.detail
            self.sending = ""
            if problem.error == "DeletionChanged":
                await self._look_again(problem.detail)
            return False
        except AppError as error:
            self.message = error.detail
            return False
        finally:
            self.sending = ""
        await self.services.sign_in.forget()
        return True

    async def _look_again(self, why: str) -> None:
        await self.ask()
        self.message = self.message or why


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"
