"""Where one is signed in, another e-mail, and the second factor."""

from pydantic import Field

from app.api.models.wire import Instant, WireModel


class SignedInDevice(WireModel):
    """One sign-in; `device` may be empty. `last_seen_at` is right to within minutes."""

    id: str
    device: str
    began_at: Instant
    last_seen_at: Instant
    is_this: bool


class EmailChange(WireModel):
    """The new address whose code is waited for, and until when it is good; None if none is."""

    email: str | None
    code_until: Instant | None


class SecondFactor(WireModel):
    """Since when signing in asks for a code too; None where it does not."""

    on_since: Instant | None
    recovery_codes_left: int


class SecondFactorSetUp(WireModel):
    """What an authenticator app needs: the key as it is typed, and as an address for a QR code."""

    secret: str = Field(repr=False)
    address: str = Field(repr=False)


class RecoveryCodes(WireModel):
    """Each lets in once without the authenticator app."""

    recovery_codes: tuple[str, ...] = Field(repr=False)
