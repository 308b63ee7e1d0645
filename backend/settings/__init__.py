"""Settings from the environment; wrong ones end in one clear sentence, not a stack trace."""

import hashlib
import hmac
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.settings.forms import (
    AndroidApp,
    AppVersion,
    BrowserAddress,
    Countries,
    DatabaseAddress,
    IosApp,
    MailServer,
    RedisAddress,
    Sender,
    SigningSecrets,
    Storage,
    StripeKey,
    codes,
    listed,
)

_WHOLE = 10_000
_OPENED_AS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  named, not listened on


class BadSettings(Exception):
    """The backend cannot start with these settings; the text says which and why, without their values."""


class Settings(BaseSettings):
    """Each field is read from the environment variable of its name in capitals."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    database_url: DatabaseAddress = "sqlite:///.rendezvous/rendezvous.db"
    host: str = "127.0.0.1"
    port: int = Field(default=8700, ge=0, le=65535)
    trusted_proxies: str = "127.0.0.1"  # whose X-Forwarded-For is believed: addresses or networks, with commas
    public_url: BrowserAddress = (
        ""  # how browsers reach this backend (pages, links in mails); by default from host and port
    )
    call_page_folder: Path = Path(__file__).parents[2] / "callpage" / "build"  # as callpage/build.mjs leaves it
    web_app_url: BrowserAddress = ""  # where the app is served to browsers; call and public pages lead back to it
    android_app: AndroidApp = ""  # whose https links open it: package, a space, SHA-256 of its certificates with commas
    ios_app: IosApp = ""  # the same for iOS: team, a dot, bundle id (ABCDE12345.app.rendezvous.rendezvous)
    livekit_url: str = ""
    livekit_api_key: str = ""
    livekit_api_secret: SecretStr = SecretStr("")
    recordings_storage: Storage = SecretStr("")  # s3://key:secret@host/bucket; calls are recorded by LiveKit Egress
    rendezvous_demo: bool = False
    calls_preparing_file: str = ""  # of a demo: says how far the call server is, while `make run` builds it
    hold_minutes: float = Field(default=10, gt=0, le=120)
    join_opens_minutes_before: int = Field(default=15, ge=0, le=240)
    join_closes_minutes_after: int = Field(default=15, ge=0, le=240)
    redis_url: RedisAddress = ""  # where limits are counted for all backends; without it in the database
    rate_limits: Literal["on", "off"] = "on"  # off for tests and benchmarks, never where real money is paid
    limits_secret: SecretStr = SecretStr("")  # keys the digests of addresses; by default made from the other secrets
    second_factor_secret: SecretStr = SecretStr("")  # encrypts second factors; older ones after commas still open them
    smtp_url: MailServer = SecretStr("")  # smtp://user:password@host:587 (STARTTLS), smtps://, or smtp+plain://
    mail_from: Sender = ""  # whom mails come from, such as no-reply@rendezvous.example.com
    support_contact: str = ""  # whom people can write to, such as help@rendezvous.example.com
    stripe_secret_key: StripeKey = SecretStr("")
    stripe_webhook_secret: SigningSecrets = SecretStr("")  # several, with commas: one of each of Stripe's endpoints
    stripe_api_base: str = ""  # what answers like https://api.stripe.com, for tests
    platform_fee_basis_points: int = Field(default=1000, ge=0, le=5000)  # of each price; 1000 are 10 percent
    minimum_price_minor: int = Field(default=100, ge=100, le=25_000)  # in cents; within what the database takes
    stripe_fee_basis_points: int = Field(default=290, ge=0, le=5000)  # what Stripe keeps of each payment: its list
    stripe_fee_fixed_minor: int = Field(default=30, ge=0, le=1000)  # price for cards in the US is 2.9 percent + 30 c
    # Where professionals can be paid (ISO 3166-1 alpha-2, with commas): what Stripe lets a platform in the US, the UK,
    # the EEA, Canada or Switzerland transfer to. docs/decisions/0020-the-professional-is-paid-after-the-session.md
    payout_countries: Countries = (
        "AT,BE,BG,CA,CH,CY,CZ,DE,DK,EE,ES,FI,FR,GB,GR,HR,HU,IE,IT,LI,LT,LU,LV,MT,NL,NO,PL,PT,RO,SE,SI,SK,US"
    )
    log_format: Literal["", "json", "text"] = ""  # one event a line; by default text in the demo and JSON elsewhere
    sentry_dsn: SecretStr = SecretStr("off")  # where unforeseen errors are reported, scrubbed: https://key@...
    metrics_port: int = Field(default=0, ge=0, le=65535)  # of Prometheus's page /metrics; 0: it is not served
    metrics_host: str = "127.0.0.1"
    api_docs: Literal["", "on", "off"] = ""  # /docs and /openapi.json; by default in the demo alone
    oldest_app: AppVersion = ""  # an installed app of an older version (0.2.0) is told to update; by default none is
    attendance_gap_seconds: int = Field(default=60, ge=30, le=600)  # nobody looking for longer hides who was there
    attendance_decided_after_minutes: int = Field(default=2, ge=0, le=60)  # after the end: webhooks come late
    attendance_open_hours: float = Field(default=24, ge=0, le=168)  # either may object; then the money is final
    attendance_objected_days: float = Field(default=14, ge=0, le=90)  # an objection that nobody decided on ends

    @model_validator(mode="after")
    def _check_prices(self) -> Self:
        """Prices must be above Stripe's fixed fee, or nothing is left for the professional and the platform."""
        stripes = self.stripe_fee_of(self.minimum_price_minor)
        if stripes >= self.minimum_price_minor:
            raise ValueError(
                f"MINIMUM_PRICE_MINOR: of {self.minimum_price_minor} cents Stripe keeps {stripes}, so that nothing is"
                " left; raise it, or set STRIPE_FEE_BASIS_POINTS and STRIPE_FEE_FIXED_MINOR right"
            )
        return self

    @model_validator(mode="after")
    def _derive_public_url(self) -> Self:
        self.public_url = self.public_url or self._own_url(self.port)
        return self

    def listening_on(self, port: int) -> "Settings":
        """These settings once the port is known: the system chooses one for port 0."""
        public_url = self._own_url(port) if self.public_url == self._own_url(self.port) else self.public_url
        return self.model_copy(update={"port": port, "public_url": public_url})

    def _own_url(self, port: int) -> str:
        """How this machine itself reaches the backend. An address that means "all interfaces" cannot be opened."""
        host = _OPENED_AS.get(self.host, self.host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"  # RFC 3986, 3.2.2

    @property
    def _has_live_keys(self) -> bool:
        return self.stripe_secret_key.get_secret_value().startswith(("sk_live_", "rk_live_"))

    @model_validator(mode="after")
    def _derive_defaults_of_the_demo(self) -> Self:
        self.log_format = self.log_format or ("text" if self.rendezvous_demo else "json")
        self.api_docs = self.api_docs or ("on" if self.rendezvous_demo else "off")
        return self

    @property
    def public_path(self) -> str:
        """The path of `public_url`, below which everything is ("/rendezvous"); empty at a host's top."""
        return urlsplit(self.public_url).path.rstrip("/")

    @property
    def android_app_parts(self) -> tuple[str, list[str]]:
        """The package and its certificates' fingerprints; empty where there is no app."""
        package, _, certificates = self.android_app.partition(" ")
        return package, [each.strip().upper() for each in certificates.split(",") if each.strip()]

    @property
    def hold_length(self) -> timedelta:
        """How long a slot is held for paying."""
        return timedelta(minutes=self.hold_minutes)

    @property
    def join_opens_before(self) -> timedelta:
        """How long before its start a booking can be joined."""
        return timedelta(minutes=self.join_opens_minutes_before)

    @property
    def join_closes_after(self) -> timedelta:
        """How long after its end a booking can still be joined."""
        return timedelta(minutes=self.join_closes_minutes_after)

    @property
    def calls_progress(self) -> Path | None:
        """The file that says how far a demo's call server is."""
        return Path(self.calls_preparing_file) if self.rendezvous_demo and self.calls_preparing_file else None

    @property
    def payout_country_codes(self) -> list[str]:
        """Where professionals can be paid."""
        return codes(self.payout_countries)

    def stripe_fee_of(self, price_minor: int) -> int:
        """What Stripe keeps of a payment in cents, a part of a cent rounded up."""
        return -(-price_minor * self.stripe_fee_basis_points // _WHOLE) + self.stripe_fee_fixed_minor

    def _fee_of(self, price_minor: int) -> int:
        """As `payments.rules.platform_fee`, which stands above the settings."""
        return (price_minor * self.platform_fee_basis_points + _WHOLE // 2) // _WHOLE

    @property
    def loss_at_minimum(self) -> str:
        """One sentence if the platform's fee of the cheapest booking does not cover Stripe's; empty if it does."""
        price = self.minimum_price_minor
        ours, stripes = self._fee_of(price), self.stripe_fee_of(price)
        if ours >= stripes:
            return ""
        enough = next((at for at in range(price, 25_001) if self._fee_of(at) >= self.stripe_fee_of(at)), None)
        remedy = f"MINIMUM_PRICE_MINOR={enough} covers it" if enough else "no minimum price covers it: raise the fee"
        return (
            f"Of a session for {price} cents the platform keeps {ours} and pays Stripe {stripes}: each one is a loss;"
            f" {remedy}."
        )

    @property
    def missing_livekit(self) -> list[str]:
        """The names of LiveKit's variables that are not set."""
        return _missing(
            LIVEKIT_URL=self.livekit_url,
            LIVEKIT_API_KEY=self.livekit_api_key,
            LIVEKIT_API_SECRET=self.livekit_api_secret.get_secret_value(),
        )

    @property
    def missing_stripe(self) -> list[str]:
        """The names of Stripe's variables that are not set."""
        return _missing(
            STRIPE_SECRET_KEY=self.stripe_secret_key.get_secret_value(),
            STRIPE_WEBHOOK_SECRET=self.stripe_webhook_secret.get_secret_value(),
        )

    @property
    def missing_mail(self) -> list[str]:
        """The names of the mail variables that are not set."""
        return _missing(SMTP_URL=self.smtp_url.get_secret_value(), MAIL_FROM=self.mail_from)

    @property
    def stripe_webhook_secrets(self) -> list[str]:
        """Every secret that a webhook of Stripe's may be signed with."""
        return listed(self.stripe_webhook_secret)

    @property
    def key_of_limits(self) -> bytes:
        """What addresses are digested with before they are counted: the same in all backends, unknown to the database.

        In a demo without any secret it is empty, and the digests can be undone by trying every address.
        """
        return self._key_for(b"rendezvous limits")

    @property
    def key_of_mails(self) -> bytes:
        """What signs the links in mails, and what digests the codes: the same in all backends, and after a restart."""
        return self._key_for(b"rendezvous mails")

    @property
    def keys_of_second_factors(self) -> list[bytes]:
        """What the secrets of authenticator apps are encrypted with: the first; each of them opens what it closed.

        The last is made from the other secrets, for backends that have no SECOND_FACTOR_SECRET or had none before.
        """
        what = b"rendezvous second factors"
        own = [hmac.digest(secret.encode(), what, hashlib.sha256) for secret in listed(self.second_factor_secret)]
        return [*own, self._key_for(what)]

    def _key_for(self, what: bytes) -> bytes:
        secrets = (self.limits_secret, self.stripe_secret_key, self.livekit_api_secret)
        given = next((secret.get_secret_value() for secret in secrets if secret.get_secret_value()), "")
        return hmac.digest(given.encode(), what, hashlib.sha256)

    def check_ready_to_serve(self) -> None:
        """BadSettings unless every part that serving needs is set: outside the demo, payments, LiveKit and mail."""
        missing = [] if self.rendezvous_demo else [*self.missing_stripe, *self.missing_livekit, *self.missing_mail]
        if self.rendezvous_demo and self.smtp_url.get_secret_value() and not self.mail_from:
            missing.append("MAIL_FROM")
        if not self.rendezvous_demo and self.host in _OPENED_AS and self.public_url == self._own_url(self.port):
            missing.append("PUBLIC_URL")  # payment pages would lead people's browsers to their own machines
        if self._has_live_keys and self.database_url.startswith("sqlite"):
            raise BadSettings("Real payments need PostgreSQL: set DATABASE_URL to postgresql://...")
        if self.rate_limits == "off" and not (self.rendezvous_demo or self.stripe_api_base):
            raise BadSettings("RATE_LIMITS=off is for tests and benchmarks. Leave it out where real money is paid.")
        if missing:
            raise BadSettings(f"Not set: {', '.join(missing)}. Set them, or RENDEZVOUS_DEMO=1 to run the demo.")


def _missing(**values: str) -> list[str]:
    return [name for name, value in values.items() if not value]


def load_settings() -> Settings:
    """The settings from the environment; BadSettings names each variable that cannot be read."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(_problem(p["loc"], p["msg"]) for p in error.errors(include_input=False))
        raise BadSettings(f"These settings cannot be used: {problems}.") from None


def _problem(where: tuple[int | str, ...], message: str) -> str:
    """A fault of several settings together names them itself."""
    return f"{str(where[0]).upper()}: {message}" if where else message.removeprefix("Value error, ")
