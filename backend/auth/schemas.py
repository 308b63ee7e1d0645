"""Accounts on the wire."""

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from backend.auth.rules import Role, check_new_password, normal_email
from backend.auth.rules.codes import CODE_DIGITS
from backend.kit.letters import plain_name, refuse_directions
from backend.kit.text import Payload, clean_line, nfkc, plain_digits
from backend.kit.zones import ZoneName
from backend.mail.rules import MailKind

Email = Annotated[str, Field(max_length=254), AfterValidator(normal_email)]


def _text(password: SecretStr) -> SecretStr:
    if any("\ud800" <= letter <= "\udfff" for letter in password.get_secret_value()):
        raise ValueError("Please use plain text.")  # half a letter, which nothing can encode
    return password


def _normal(password: SecretStr) -> SecretStr:
    """As it is hashed: keyboards differ in the form in which they send the same letters."""
    normal = nfkc(password.get_secret_value())
    if len(normal) < SHORTEST_PASSWORD:
        raise ValueError(f"Please use at least {SHORTEST_PASSWORD} characters.")
    return SecretStr(normal)


SHORTEST_PASSWORD = 8
Password = Annotated[SecretStr, Field(max_length=128), AfterValidator(_text)]
NewPassword = Annotated[
    SecretStr, Field(min_length=SHORTEST_PASSWORD, max_length=128), AfterValidator(_text), AfterValidator(_normal)
]
PersonName = Annotated[
    str,
    AfterValidator(refuse_directions),
    AfterValidator(clean_line),
    AfterValidator(plain_name),
    Field(max_length=80, json_schema_extra={"pattern": r"\S"}),
]


class SignUp(Payload):
    """A new account."""

    email: Email
    name: PersonName
    password: NewPassword
    role: Role
    time_zone: ZoneName

    @field_validator("password")
    @classmethod
    def _not_common(cls, password: SecretStr, info: ValidationInfo) -> SecretStr:
        # `email` and `name` are there already if they are declared before it, and valid
        known = info.data
        check_new_password(password.get_secret_value(), known.get("email", ""), known.get("name", ""))
        return password


SecondFactorCode = Annotated[str, Field(max_length=40)]
"""From an authenticator app or from paper, with whatever hands put between."""


class SignIn(Payload):
    """An address and its password; `code` where the account has a second factor."""

    email: Annotated[str, Field(max_length=254)]
    password: Password
    code: SecondFactorCode | None = None


def _code(typed: str) -> str:
    """As it was sent: mail programs and hands put spaces between."""
    digits = "".join(plain_digits(typed).split())
    if not re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", digits):
        raise ValueError(f"Please type the {CODE_DIGITS} digits from the mail.")
    return digits


Code = Annotated[
    str, Field(max_length=40, json_schema_extra={"pattern": f"^[0-9]{{{CODE_DIGITS}}}$"}), AfterValidator(_code)
]
AnyEmail = Annotated[str, Field(max_length=254)]


class TypedCode(Payload):
    """The code from the mail."""

    code: Code


class ForgottenPassword(Payload):
    """Any address: whether it has an account is not said."""

    email: AnyEmail


class NewPasswordByCode(Payload):
    """The code from the mail, and the password that is to hold from now on."""

    email: AnyEmail
    code: Code
    new_password: NewPassword

    @field_validator("new_password")
    @classmethod
    def _not_common(cls, password: SecretStr, info: ValidationInfo) -> SecretStr:
        check_new_password(password.get_secret_value(), info.data.get("email", ""), "")
        return password


class AccountChanges(Payload):
    """What is left out or null stays as it is."""

    name: PersonName | None = None
    time_zone: ZoneName | None = None


class PasswordChange(Payload):
    """The old password shows that it is still the same person."""

    current_password: Password
    new_password: NewPassword


OptionalMail = Literal[
    "booked", "new_booking", "moved", "cancelled", "reminder_day", "reminder_soon", "refund", "new_sign_in"
]


class MailSwitch(Payload):
    """Whether mails of a kind are wanted."""

    kind: OptionalMail
    on: Annotated[bool, Field(strict=True)]


class EmailChange(Payload):
    """A new address. The password, and `code` where there is a second factor, show that it is still the same person."""

    email: Email
    password: Password
    code: SecondFactorCode | None = None


class EmailChangeAnswer(BaseModel):
    """The new address whose code is waited for, and until when it is good; null if none is."""

    model_config = ConfigDict(title="EmailChange")

    email: str | None
    code_until: datetime | None


class SecondFactorAnswer(BaseModel):
    """Since when signing in asks for a code too (null: it does not), and how many recovery codes are left."""

    model_config = ConfigDict(title="SecondFactor")

    on_since: datetime | None
    recovery_codes_left: int


class OwnPassword(Payload):
    """The password again, so that nobody does this from a device that was left open."""

    password: Password


class SecondFactorSetUpAnswer(BaseModel):
    """What the authenticator app needs: the secret in base32, and the same as an address for a QR code."""

    model_config = ConfigDict(title="SecondFactorSetUp")

    secret: str
    address: str


class TypedSecondFactor(Payload):
    """A code from the authenticator app."""

    code: SecondFactorCode


class RecoveryCodesAnswer(BaseModel):
    """Each lets in once, without the authenticator app. They are never shown again."""

    model_config = ConfigDict(title="RecoveryCodes")

    recovery_codes: list[str]


class SecondFactorOff(Payload):
    """Both factors again."""

    password: Password
    code: SecondFactorCode | None = None


class SignInAnswer(BaseModel):
    """A sign-in to its person. `device` may be empty; `last_seen_at` is right to within ten minutes."""

    model_config = ConfigDict(title="SignedInDevice")

    id: UUID
    device: str
    began_at: datetime
    last_seen_at: datetime
    is_this: bool


class SignInsAnswer(BaseModel):
    """Those seen last first."""

    model_config = ConfigDict(title="SignedInDevices")

    items: list[SignInAnswer]


class MailSwitchAnswer(BaseModel):
    """Whether mails of a kind are wanted."""

    model_config = ConfigDict(title="MailSwitch")

    kind: MailKind
    on: bool


class MailSwitchesAnswer(BaseModel):
    """Every kind that can be switched off."""

    model_config = ConfigDict(title="MailSwitches")

    items: list[MailSwitchAnswer]


class AccountAnswer(BaseModel):
    """An account, to its owner."""

    model_config = ConfigDict(from_attributes=True, title="Account")

    id: UUID
    role: Role
    email: str
    name: str
    time_zone: str
    email_verified: bool


class SignedInAnswer(BaseModel):
    """The token is sent once, here."""

    model_config = ConfigDict(title="SignedIn")

    token: str
    expires_at: datetime
    account: AccountAnswer
