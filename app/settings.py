"""What the environment says about this start of the app (RENDEZVOUS_...); every value has a default that works."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class AppSettings(BaseSettings):
    """RENDEZVOUS_API_URL, RENDEZVOUS_VIEW and so on; other RENDEZVOUS_ names are the backend's and are passed over."""

    model_config = SettingsConfigDict(env_prefix="RENDEZVOUS_", extra="ignore", frozen=True)

    api_url: str = "http://127.0.0.1:8700"
    """The backend's address; can be changed on the sign-in screen."""
    view: Literal["desktop", "web"] = "desktop"
    """A window of its own, or a page in the browser."""
    port: int = Field(8550, ge=0, le=65535)
    """Where the browser's page is served (loopback only)."""
    call_engine: Literal["", "native"] = ""
    """"native" carries calls in this process although the app is shown in a browser, on this same machine."""
    camera: str = ""
    """An index, a video file, or "test-picture"; empty: the system's first."""
    microphone: str = ""
    """"muted": the microphone starts off; empty: the system's first, on."""

    upload_dir: Path | None = None
    """Where files that a browser hands over arrive; made by `app.main` for as long as the page is served."""

    @field_validator("api_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.strip().rstrip("/")
