"""The forms that settings have to have: each check gives the setting as it is used, or ValueError with what to write
instead, never with the value.
"""

import re
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_COUNTRY = re.compile("[A-Z]{2}")
_SHA256 = "([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}"
_ANDROID_APP = re.compile(rf"[A-Za-z][\w.]* {_SHA256}(, ?{_SHA256})*", re.ASCII)
_VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){0,3}", re.ASCII)
_IOS_APP = re.compile(r"[A-Z0-9]{10}\.[A-Za-z0-9.-]+", re.ASCII)


def _database_address(url: str) -> str:
    """With its driver."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            url = "postgresql+psycopg://" + url.removeprefix(scheme)
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise ValueError("this is not a database address") from error
    if backend not in ("sqlite", "postgresql"):
        raise ValueError("use sqlite:///path or postgresql://...")
    return url


def _redis_address(url: str) -> str:
    """Of a Redis, or empty."""
    if url and urlsplit(url).scheme not in ("redis", "rediss", "redis+unix"):
        raise ValueError("use redis://:password@host:6379/1")
    return url


def _mail_server_address(url: SecretStr) -> SecretStr:
    """Of an SMTP server, or empty. `smtp+plain` is not encrypted: it is for a server on this machine, and never carries
    a password.
    """
    if not url.get_secret_value():
        return url
    try:
        parts = urlsplit(url.get_secret_value())
        right = parts.scheme in ("smtp", "smtps", "smtp+plain") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or parts.path.strip("/") or (parts.scheme == "smtp+plain" and parts.username):
        raise ValueError("use smtp://user:password@mail.example.com:587, or smtps://...:465")
    return url


def _storage_address(url: SecretStr) -> SecretStr:
    """Of a bucket that speaks S3, or empty."""
    if not url.get_secret_value():
        return url
    try:
        parts = urlsplit(url.get_secret_value())
        right = parts.scheme == "s3" and bool(parts.username and parts.password) and parts.port != 0
    except ValueError:
        right = False
    if not right or not parts.path.strip("/") or "/" in parts.path.strip("/"):
        raise ValueError("use s3://key:secret@storage.example.com/bucket?region=eu-central-1")
    return url


def _sender_address(address: str) -> str:
    """Whom mails come from, or empty."""
    try:
        return address and validate_email(address, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError("use a mail address such as no-reply@rendezvous.example.com") from error


def _stripe_key(key: SecretStr) -> SecretStr:
    """A server's, or empty."""
    if key.get_secret_value() and not key.get_secret_value().startswith(("sk_", "rk_")):
        raise ValueError("use Stripe's secret key (sk_...) or a restricted one (rk_...)")
    return key


def _stripe_signing_secrets(secrets: SecretStr) -> SecretStr:
    """Of webhooks, with commas."""
    if any(not secret.startswith("whsec_") for secret in listed(secrets)):
        raise ValueError("use the signing secret (whsec_...) of Stripe's webhook endpoint")
    return secrets


def _app_version(version: str) -> str:
    """Of an installed app, or empty."""
    if version and not _VERSION.fullmatch(version):
        raise ValueError("use a version such as 0.2.0")
    return version


def _country_codes(countries: str) -> str:
    """With commas, one at least."""
    found = codes(countries)
    if not found or not all(_COUNTRY.fullmatch(code) for code in found):
        raise ValueError("use countries by two capital letters, such as DE,FR,US")
    return countries


def _android_app(app: str) -> str:
    """A package and its certificates, or empty."""
    if app and not _ANDROID_APP.fullmatch(app):
        raise ValueError("use the package and the SHA-256 of its certificate: app.rendezvous.rendezvous AB:CD:...")
    return app


def _ios_app(app: str) -> str:
    """A team and a bundle id, or empty."""
    if app and not _IOS_APP.fullmatch(app):
        raise ValueError("use the team and the bundle id: ABCDE12345.app.rendezvous.rendezvous")
    return app


def _browser_address(url: str) -> str:
    """What a browser opens, without a slash at its end; or empty."""
    try:
        parts = urlsplit(url)
        right = not url or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        right = False
    if not right or parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("use an address such as https://rendezvous.example.com or https://example.com/rendezvous")
    return url.rstrip("/")


def codes(countries: str) -> list[str]:
    """Each, without spaces."""
    return [code.strip() for code in countries.split(",") if code.strip()]


def listed(secrets: SecretStr) -> list[str]:
    """Each of several with commas between."""
    return [secret.strip() for secret in secrets.get_secret_value().split(",") if secret.strip()]


DatabaseAddress = Annotated[str, AfterValidator(_database_address)]
RedisAddress = Annotated[str, AfterValidator(_redis_address)]
BrowserAddress = Annotated[str, AfterValidator(_browser_address)]
MailServer = Annotated[SecretStr, AfterValidator(_mail_server_address)]
Storage = Annotated[SecretStr, AfterValidator(_storage_address)]
Sender = Annotated[str, AfterValidator(_sender_address)]
StripeKey = Annotated[SecretStr, AfterValidator(_stripe_key)]
SigningSecrets = Annotated[SecretStr, AfterValidator(_stripe_signing_secrets)]
Countries = Annotated[str, AfterValidator(_country_codes)]
AndroidApp = Annotated[str, AfterValidator(_android_app)]
AppVersion = Annotated[str, AfterValidator(_app_version)]
IosApp = Annotated[str, AfterValidator(_ios_app)]
