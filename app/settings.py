"""What the environment says about this start of the app (RENDEZVOUS_...); every value has a default that works."""

import json
import os
import sysconfig
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PRODUCT_NAME = "Rendezvous"
VERSION = "0.1.0"
"""As in pyproject.toml: a packaged app has no metadata to ask."""
_BESIDE = Path(__file__).resolve().parents[1] / "assets"
_INSTALLED = Path(sysconfig.get_path("data")) / "share" / "rendezvous" / "assets"
ASSETS = _BESIDE if _BESIDE.is_dir() else _INSTALLED
"""Icons, the page that loads the app in a browser, the blur's model: beside the code, or where pip puts them."""


BUILD_FILE = "build.json"
"""In the assets of a packaged app: `{"api_url": "https://..."}`, written by `python dev.py package`."""
THIS_MACHINE = "http://127.0.0.1:8700"


def built_api_url(assets: Path = ASSETS) -> str:
    """The backend that a packaged app was built for; this machine's where none was baked in."""
    try:
        url = json.loads((assets / BUILD_FILE).read_text("utf-8"))["api_url"]
    except (OSError, ValueError, KeyError, TypeError):
        return THIS_MACHINE
    return url if isinstance(url, str) and is_server_address(url) else THIS_MACHINE


def is_built() -> bool:
    """Whether this runs inside an app made by `flet build`: its window, or the phone's screen, is there already."""
    return "FLET_PLATFORM" in os.environ


class AppSettings(BaseSettings):
    """RENDEZVOUS_API_URL, RENDEZVOUS_VIEW and so on; other RENDEZVOUS_ names are the backend's and are passed over."""

    model_config = SettingsConfigDict(env_prefix="RENDEZVOUS_", extra="ignore", frozen=True)

    api_url: str = Field(default_factory=built_api_url)
    """The backend's address; can be changed on the sign-in screen."""
    view: Literal["desktop", "web"] = "desktop"
    """A window of its own, or a page in the browser."""
    host: str = "127.0.0.1"
    """The address that the browser's page is served on: for this machine alone, unless others are to reach it."""
    port: int = Field(8550, ge=0, le=65535)
    """And its port."""
    public_url: str = ""
    """Where browsers find the page, if that is another address: https://app.example.com."""
    allowed_hosts: str = ""
    """Further names that the page is asked for by, with commas."""
    trusted_proxies: str = "127.0.0.1"
    """Whose word on a visitor's address is taken (X-Forwarded-For): addresses or networks, with commas."""
    web_cache: Path | None = None
    """Where what browsers load is made and kept; empty: the system's own place for that."""
    web_fonts: Path | None = None
    """Noto's pieces for browsers, as `tools/web_fonts.py` brings them; empty: names in many scripts are boxes there."""
    call_engine: Literal["", "native"] = ""
    """"native" carries calls in this process although the app is shown in a browser, on this same machine."""
    profile: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,40}$")
    """Whose window this is, where one machine has several people's: each has a sign-in and preferences of its own."""
    camera: str = ""
    """An index, a video file, or "test-picture"; empty: the system's first."""
    video_encoder: Literal["software", "hardware"] = "software"
    """"hardware": the graphics chip encodes the camera, where the system has an encoder that the SDK knows."""
    microphone: str = ""
    """"muted": the microphone starts off; empty: the system's first, on."""

    upload_dir: Path | None = None
    """Where files that a browser hands over arrive; made by `app.main` for as long as the page is served."""

    @field_validator("api_url", "public_url")
    @classmethod
    def _without_slash(cls, value: str, info: ValidationInfo) -> str:
        if not is_server_address(value) and (value or info.field_name == "api_url"):
            raise ValueError("use an address such as https://rendezvous.example.com")
        return value.strip().rstrip("/")

    @field_validator("call_engine")
    @classmethod
    def _own_camera(cls, value: str, info: ValidationInfo) -> str:
        """Nobody else's visitors see through this machine's camera."""
        if value == "native" and not is_loopback(info.data.get("host", "")):
            raise ValueError("native carries calls with this machine's camera, for a page on this machine alone")
        return value


def is_server_address(text: str) -> bool:
    """Whether a backend can be asked there: http or https, a host (IPv6 in brackets), perhaps a port and a path."""
    try:
        parts = urlsplit(text.strip())
        asked = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return asked and not (parts.query or parts.fragment)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def load_settings() -> AppSettings:
    """From the environment. Raises `SystemExit` with one sentence that names each variable that cannot be used."""
    try:
        return AppSettings()
    except ValidationError as error:
        problems = "; ".join(
            f"RENDEZVOUS_{str(each['loc'][0]).upper()}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors(include_input=False)
        )
        raise SystemExit(f"Rendezvous cannot start with these settings: {problems}.") from None
