"""Showing who one is: password and second factor, checked and counted in one place for all that ask for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from backend.auth import service
from backend.auth.repository import second_factors
from backend.auth.rules import Account, WrongEmailOrPassword, email_form
from backend.auth.rules.second_factor import SecondFactorNeeded, WrongSecondFactor
from backend.auth.service import PasswordHasher, second_factor
from backend.auth.service.second_factor import Sealer
from backend.kit.database import Database
from backend.kit.errors import InvalidPayload
from backend.kit.limits.access import address_in
from backend.kit.limits.counting import Counted, Limits, by_line
from backend.kit.limits.lines import line_of
from backend.kit.limits.table import PASSWORD, PASSWORD_LINE, PASSWORD_NETWORK, SECOND_FACTOR


@dataclass(frozen=True)
class Proving:
    """For one request. Opens its own short transactions; each method may raise TooManyAttempts.

    Passwords take long: endpoints that ask for one are `behind(PASSWORDS)`.
    """

    database: Database
    passwords: PasswordHasher
    limits: Limits
    sealer: Sealer
    address: str
    now: datetime

    def who(self, email: str, password: str, code: str | None) -> Account:
        """Whom both factors let in; WrongEmailOrPassword, AccountBlocked, SecondFactorNeeded, WrongSecondFactor.

        What was tried is forgotten only then: who has the password alone has ten tries for the code, not any number.
        """
        account = self._account(email, password)
        self.check_second_factor(account, code)
        self.limits.forget(self._person(email))
        return account

    def is_own_password(self, account: Account, password: str) -> bool:
        """Whether somebody who is signed in knows the password too, counted as signing in is."""
        try:
            found = self._account(account.email, password)
        except WrongEmailOrPassword:
            return False
        self.limits.forget(self._person(account.email))
        return found.id == account.id  # not an older account of the same address, whose password this is

    def check_own(self, account: Account, password: str, code: str | None) -> None:
        """That it is still the same person; InvalidPayload (`password`), SecondFactorNeeded, WrongSecondFactor."""
        if not self.is_own_password(account, password):
            raise InvalidPayload({"password": "This is not your password."})
        self.check_second_factor(account, code)

    def check_second_factor(self, account: Account, code: str | None) -> None:
        """Nothing where there is none. SecondFactorNeeded without a code, WrongSecondFactor. A right one is used up."""
        with self.database.read() as session:
            if second_factors.found(session, account.id) is None:
                return
        if code is None or not code.strip():
            raise SecondFactorNeeded
        self.limits.count(Counted(SECOND_FACTOR, str(account.id)), also=self._everyone())
        with self.database.write() as session:
            right = second_factor.use_code(session, account.id, code, self.sealer, self.now)
        if not right:
            self.limits.count_failure(*self._everyone())
            raise WrongSecondFactor

    def _account(self, email: str, password: str) -> Account:
        # before the password is checked, so that many at once cannot slip by
        self.limits.count(self._person(email), also=self._everyone())
        try:
            return service.check_password(self.database, self.passwords, email, password)
        except WrongEmailOrPassword:
            self.limits.count_failure(*self._everyone())
            raise

    def _person(self, email: str) -> Counted:
        # One person, whichever way the e-mail is typed. Never by the e-mail alone: anybody could lock its owner out.
        return Counted(PASSWORD, f"{line_of(self.address).line}\0{email_form(email)}")

    def _everyone(self) -> list[Counted]:
        return by_line(self.address, PASSWORD_LINE, PASSWORD_NETWORK)


async def _proving(request: Request) -> Proving:
    state = request.app.state
    sealer = Sealer(state.settings.keys_of_second_factors)
    return Proving(state.database, state.passwords, state.limits, sealer, address_in(request), state.now())


ProvingDep = Annotated[Proving, Depends(_proving)]
