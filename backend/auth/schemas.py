"""Accounts on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from backend.auth.rules import Role, normal_email
from backend.kit.text import Line, Payload
from backend.kit.zones import ZoneName

Email = Annotated[str, Field(max_length=254), AfterValidator(normal_email)]
Password = Annotated[SecretStr, Field(max_length=128), AfterValidator(lambda secret: _encodable(secret))]
NewPassword = Annotated[
    SecretStr, Field(min_length=8, max_length=128), AfterValidator(lambda secret: _encodable(secret))
]
PersonName = Annotated[
    Line, Field(max_length=80, json_schema_extra={"pattern": r"\S"}), AfterValidator(lambda name: _named(name))
]


def _encodable(secret: SecretStr) -> SecretStr:
    """Plain text is refused by pydantic if half a surrogate pair is in it; a secret is not."""
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("Please use plain text.") from None
    return secret


def _named(name: str) -> str:
    if not name:
        raise ValueError("Please enter a name.")
    return name


class SignUp(Payload):
    """A new account."""

    email: Email
    password: NewPassword
    name: PersonName
    role: Role
    time_zone: ZoneName


class SignIn(Payload):
    """An address and its password."""

    email: Annotated[str, Field(max_length=254)]
    password: Password


class AccountChanges(Payload):
    """What is left out or null stays as it is."""

    name: PersonName | None = None
    time_zone: ZoneName | None = None


class PasswordChange(Payload):
    """The old password shows that it is still the same person."""

    current_password: Password
    new_password: NewPassword


class AccountAnswer(BaseModel):
    """An account, to its owner."""

    model_config = ConfigDict(from_attributes=True, title="Account")

    id: UUID
    role: Role
    email: str
    name: str
    time_zone: str


class SignedInAnswer(BaseModel):
    """The token is told once, here."""

    model_config = ConfigDict(title="SignedIn")

    token: str
    expires_at: datetime
    account: AccountAnswer
