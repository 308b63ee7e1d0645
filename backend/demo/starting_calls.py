"""Calls of a demo whose call server is still being built beside it (`make run` on a new machine)."""

from pathlib import Path

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict


class CallProgress(BaseModel):
    """How far the call server is, in words; empty when calls can be joined."""

    model_config = ConfigDict(title="CallProgress")

    preparing: str


def progress_of(file: Path) -> str:
    """What stands in the file that `tools/calls.py` keeps; empty when it is gone."""
    try:
        return file.read_text("utf-8").strip()[:200]
    except OSError:
        return ""


def progress_router(file: Path | None) -> APIRouter:
    """The route by which the sign-in screen learns how far calls are."""
    router = APIRouter(tags=["demo"])

    @router.get("/demo/calls")
    def demo_calls() -> CallProgress:
        """How far the demo's calls are; only in a demo."""
        return CallProgress(preparing=progress_of(file) if file else "")

    return router
