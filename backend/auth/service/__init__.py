"""Signing up, in and out. Sessions are the caller's; nothing here commits."""

import hashlib
import secrets
from datetime import datetime

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.auth import repository
from backend.auth.rules import (
    Account,
    AccountBlocked,
    EmailTaken,
    NameReadsAsAnother,
    Role,
    WrongEmailOrPassword,
    email_form,
    name_look,
    sort_name,
)
from backend.auth.rules.sign_ins import TOKEN_LIFETIME, ends_at, is_to_be_noted
from backend.auth.tables import AccountRow, TokenRow
from backend.kit.database import Database, violated_constraint
from backend.kit.errors import InvalidPayload
from backend.kit.text import nfkc
from backend.mail.repository import enqueue
from backend.mail.rules import MailKind
from backend.mail.rules.facts import SignInFacts

TOKEN_BYTES = 32


class PasswordHasher:
    """Argon2id hashes (RFC 9106). Each takes 64 MiB and long: endpoints ask for one `behind(PASSWORDS)`."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        self._hash = PasswordHash((hasher or Argon2Hasher(),))
        self._nobody = self._hash.hash(secrets.token_urlsafe(16))

    def hashed(self, password: str) -> str:
        """The hash to store."""
        return self._hash.hash(password)

    def matches(self, password: str, stored: str | None) -> bool:
        """Whether the password is the stored one; takes as long when there is none, so that time tells nothing."""
        try:
            right = self._hash.verify(password, stored or self._nobody)
        except UnknownHashError:
            return False
        return right and stored is not None


def token_digest(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def sign_up(
    session: Session,
    *,
    email: str,
    password_hash: str,
    name: str,
    role: Role,
    time_zone: str,
    now: datetime,
    language: str = "",
    email_verified: bool = False,
) -> Account:
    """A new account; EmailTaken if the address has one, NameReadsAsAnother. `email` is in its normal form.

    `email_verified`: nobody has to show that mail reaches them there, as for people of a demo.
    """
    _check_name(session, name)
    if repository.accounts_by_email(session, email_form(email), email):
        raise EmailTaken
    row = AccountRow(
        role=role.value,
        email=email,
        name=name,
        sort_name=sort_name(name),
        time_zone=time_zone,
        language=language,
        email_verified_at=now if email_verified else None,
        password_hash=password_hash,
        created_at=now,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        if violated_constraint(error) == "uq_accounts_email":
            raise EmailTaken from error
        raise
    if role is Role.PROFESSIONAL:
        repository.write_search_text(session, row.id, name=name)
        session.flush()
    return repository.account_of(row)


def check_password(database: Database, passwords: PasswordHasher, email: str, password: str) -> Account:
    """The account that address and password open; WrongEmailOrPassword, taking the same time for an unknown address.

    Passwords are hashed in NFKC (`NewPassword`). Older releases hashed what was typed, in whichever form: that is tried
    too, and hashed again. Opens its own short transactions, so that none is open while a hash is computed.
    """
    with database.read() as session:
        rows = repository.accounts_by_email(session, email_form(email), email.strip().lower())
        found = [(repository.account_of(row), row.password_hash) for row in rows]
    normal = nfkc(password)
    forms = dict.fromkeys((normal, password))
    if not found:
        any(passwords.matches(form, None) for form in forms)
    for account, stored in found:
        right = next((form for form in forms if passwords.matches(form, stored)), None)
        if right is not None and right != normal:
            _hash_again(database, account, stored, passwords.hashed(normal))
        if right is not None:
            _check_not_blocked(database, account)
            return account
    raise WrongEmailOrPassword


def _check_not_blocked(database: Database, account: Account) -> None:
    with database.read() as session:
        if repository.is_blocked(session, account.id):
            raise AccountBlocked


def _hash_again(database: Database, account: Account, old: str, new: str) -> None:
    with database.write() as session:
        repository.replace_password_hash(session, account.id, old, new)


def _check_name(session: Session, name: str) -> None:
    if repository.name_passes_for_another(session, name_look(name), sort_name(name)):
        raise NameReadsAsAnother


def issue_token(session: Session, account: Account, now: datetime, device: str = "") -> tuple[str, datetime]:
    """A new token and when it ends unless it is used. `device`: what its person will know it by."""
    repository.forget_expired_tokens(session, account.id, now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = now + TOKEN_LIFETIME
    session.add(
        TokenRow(
            digest=token_digest(token),
            account_id=account.id,
            created_at=now,
            expires_at=expires_at,
            last_seen_at=now,
            device=device,
        )
    )
    session.flush()
    return token, expires_at


def note_sign_in(session: Session, account: Account, language: str, now: datetime) -> None:
    """Tells the account's owner that somebody signed in, and keeps the language of that device, if it names one."""
    row = session.get_one(AccountRow, account.id)
    row.language = language or row.language
    session.flush()
    enqueue(session, MailKind.NEW_SIGN_IN, repository.reader_of(session, account.id), SignInFacts(at=now), now)


def account_for_token(database: Database, token: str, now: datetime) -> Account | None:
    """The account of the token; notes now and then that it is used. None if unknown, revoked or over.

    Opens its own short transactions: the request's write transaction must not begin before its endpoint runs.
    """
    digest = token_digest(token)
    with database.one_query_engine.connect() as connection:
        found = repository.account_by_token(connection, digest, now)
    if found is None:
        return None
    account, began_at, seen_at = found
    if is_to_be_noted(seen_at, now):
        with database.write() as session:
            repository.note_seen(session, digest, now, ends_at(began_at, now))
    return account


def update_account(session: Session, account: Account, name: str | None, time_zone: str | None) -> Account:
    """The account with a new name or zone; None leaves one as it is."""
    row = session.get_one(AccountRow, account.id)
    if name is not None:
        if name != row.name:
            _check_name(session, name)
        row.name, row.sort_name, row.name_look = name, sort_name(name), name_look(name)
        if account.role is Role.PROFESSIONAL:
            repository.write_search_text(session, row.id, name=name)
    if time_zone is not None:
        row.time_zone = time_zone
    session.flush()
    return repository.account_of(row)


def change_password(session: Session, account: Account, password_hash: str, kept_token: str) -> None:
    """Stores the new hash and signs out everywhere else."""
    session.get_one(AccountRow, account.id).password_hash = password_hash
    repository.revoke_other_tokens(session, account.id, token_digest(kept_token))


def wrong_current_password() -> InvalidPayload:
    """The refusal to change a password."""
    return InvalidPayload({"current_password": "This is not your current password."})
