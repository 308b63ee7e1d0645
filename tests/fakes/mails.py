"""Codes and mails of the fake backend."""

from app.api.models import Account, MailSwitch
from app.errors import AppError, Problem

CODE = "246810"
OPTIONAL_MAILS = (
    *(
        "booked",
        "new_booking",
        "moved",
        "cancelled",
        "reminder_day",
        "reminder_soon",
        "refund",
        "follow_up",
        "new_sign_in",
    ),
)
_AFTER_CONFIRMING = ("book", "create_slot")


class Mails:
    """Mixed into FakeApi. A test sets `unverified`; `codes` says which code is good for whom."""

    fail: dict[str, AppError]

    def __init__(self) -> None:
        super().__init__()
        self.unverified = False
        self.own_account: Account | None = None
        self.codes: dict[str, str] = {}
        self.mails_off: set[str] = set()

    async def _enter(self, method: str, *arguments: object) -> None:
        raise NotImplementedError

    def _check_verified(self, method: str) -> None:
        if self.unverified and method in _AFTER_CONFIRMING:
            raise Problem("EmailNotVerified", 403, "Please confirm your e-mail first: we send you a code to type.")

    def _signed_in_account(self) -> Account:
        assert self.own_account is not None, "nobody is signed in"
        return self.own_account

    async def send_email_code(self) -> None:
        await self._enter("send_email_code")
        self.codes[self._signed_in_account().email] = CODE

    async def confirm_email(self, code: str) -> Account:
        await self._enter("confirm_email", code)
        self._use_code(self._signed_in_account().email, code)
        self.unverified = False
        return self._signed_in_account().model_copy(update={"email_verified": True})

    def _use_code(self, email: str, code: str) -> None:
        if self.codes.get(email) != code:
            told = "This code is not right, or no longer good. Check it, or ask for a new one."
            raise Problem("WrongCode", 422, told, fields={"code": told})
        del self.codes[email]

    async def mail_switches(self) -> tuple[MailSwitch, ...]:
        await self._enter("mail_switches")
        return tuple(MailSwitch(kind=kind, on=kind not in self.mails_off) for kind in OPTIONAL_MAILS)

    async def set_mail_switch(self, kind: str, on: bool) -> MailSwitch:
        await self._enter("set_mail_switch", kind, on)
        self.mails_off = self.mails_off - {kind} if on else self.mails_off | {kind}
        return MailSwitch(kind=kind, on=on)
