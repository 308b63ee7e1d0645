"""Setting a second factor up, asking for it, and taking it off. Sessions are the caller's; nothing here commits."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from backend.auth import repository
from backend.auth.repository import second_factors
from backend.auth.rules import Account
from backend.auth.rules.second_factor import (
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    RECOVERY_LETTERS,
    SecondFactorIsOff,
    SecondFactorIsOn,
    fitting_step,
    recovery_digest,
    shown_recovery_code,
)
from backend.auth.tables import RecoveryCodeRow, SecondFactorRow
from backend.mail.repository import enqueue
from backend.mail.rules import MailKind
from backend.mail.rules.facts import SecondFactorFacts

logger = logging.getLogger(__name__)
_NONCE_BYTES = 12  # AES-256-GCM, NIST SP 800-38D


@dataclass(frozen=True)
class Sealer:
    """Encrypts what authenticator apps share with us. The first of `keys` (32 bytes each) seals, every one opens.

    The account's id is part of it: a secret that is moved to another account's row opens no more.
    """

    keys: Sequence[bytes]

    def seal(self, account_id: UUID, secret: str) -> bytes:
        """Another text each time."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.keys[0]).encrypt(nonce, secret.encode(), account_id.bytes)

    def open(self, account_id: UUID, sealed: bytes) -> str | None:
        """The secret; None if no key fits."""
        for key in self.keys:
            try:
                return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], account_id.bytes).decode()
            except InvalidTag:
                continue
        return None


def set_up(session: Session, account: Account, sealer: Sealer, now: datetime) -> str:
    """A new secret (base32), which asks for nothing before `turn_on`; SecondFactorIsOn."""
    repository.lock_account(session, account.id)  # two at once would both find nothing
    row = second_factors.locked(session, account.id)
    if row is not None and row.on_since is not None:
        raise SecondFactorIsOn
    secret = pyotp.random_base32()
    sealed = sealer.seal(account.id, secret)
    session.merge(SecondFactorRow(account_id=account.id, secret=sealed, last_step=0, created_at=now, on_since=None))
    session.flush()
    return secret


def turn_on(session: Session, account: Account, typed: str, sealer: Sealer, now: datetime) -> list[str] | None:
    """Recovery codes, which are shown this once, if this is a code of the new secret; else None.

    SecondFactorIsOff if nothing is being set up, SecondFactorIsOn.
    """
    row = second_factors.locked(session, account.id)
    if row is None:
        raise SecondFactorIsOff
    if row.on_since is not None:
        raise SecondFactorIsOn
    if not _fits(row, typed, sealer, now):
        return None
    row.on_since = now
    codes = [
        "".join(secrets.choice(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH)) for _code in range(RECOVERY_CODES)
    ]
    session.add_all(RecoveryCodeRow(account_id=account.id, digest=recovery_digest(account.id, code)) for code in codes)
    session.flush()
    return [shown_recovery_code(code) for code in codes]


def use_code(session: Session, account_id: UUID, typed: str, sealer: Sealer, now: datetime) -> bool:
    """Whether it is a code of the authenticator app or from paper that was not used before; it is used up then.

    Also true where there is no second factor (any more): nothing has to be shown.
    """
    row = second_factors.locked(session, account_id)
    if row is None or row.on_since is None:
        return True
    if _fits(row, typed, sealer, now):
        session.flush()
        return True
    return second_factors.use_recovery_code(session, account_id, recovery_digest(account_id, typed))


def take_off(session: Session, account_id: UUID, now: datetime, *, by_operator: bool = False) -> bool:
    """Whether there was one; its person is told by mail then. Without a mail for one that was being set up."""
    row = second_factors.locked(session, account_id)
    if row is None:
        return False
    was_on = row.on_since is not None
    second_factors.forget(session, account_id)
    if was_on:
        facts = SecondFactorFacts(at=now, by_operator=by_operator)
        enqueue(session, MailKind.SECOND_FACTOR_OFF, repository.reader_of(session, account_id), facts, now)
    return was_on


def _fits(row: SecondFactorRow, typed: str, sealer: Sealer, now: datetime) -> bool:
    """Whether it is a code of the app; no code of its time step or before is taken from then on."""
    secret = sealer.open(row.account_id, row.secret)
    if secret is None:
        logger.error("a second factor cannot be checked: no key of SECOND_FACTOR_SECRET opens it")
        return False
    step = fitting_step(secret, typed, now, row.last_step)
    if step is None:
        return False
    row.last_step = step
    return True
