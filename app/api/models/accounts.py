"""Who is signed in, and who may be in a demo."""

from pydantic import AliasChoices, Field

from app.api.models.wire import PROFESSIONAL, Instant, PriceMinor, Role, WireModel


class Account(WireModel):
    """Whoever is signed in."""

    id: str
    role: Role
    email: str
    name: str
    time_zone: str
    email_verified: bool = True  # a backend that does not say so does not ask for it

    @property
    def is_professional(self) -> bool:
        return self.role == PROFESSIONAL


class SignedIn(WireModel):
    token: str = Field(repr=False)
    expires_at: Instant
    account: Account


class Deletion(WireModel):
    """What deleting the account would do: so many `sessions` are cancelled, and `kept` cannot be any more."""

    sessions: int
    refund_minor: PriceMinor = Field(validation_alias=AliasChoices("refund", "refund_minor"))
    currency: str = "USD"
    kept: int = 0


class MailSwitch(WireModel):
    """Whether mails of a kind are sent to this person."""

    kind: str
    on: bool


class CallProgress(WireModel):
    """How far the call server of a demo is, in words; empty once calls can be joined."""

    preparing: str


class DemoPerson(WireModel):
    """Someone who can be signed in with one click; only a demo backend names them."""

    role: Role
    name: str
    email: str
    password: str = Field(repr=False)
