"""The composition root: the only file that knows every part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from backend.auth import endpoints as auth
from backend.auth.service import Passwords, SignInLimits
from backend.availability import endpoints as availability
from backend.discovery import endpoints as discovery
from backend.kit.clock import Clock, utc_now
from backend.kit.database import Database
from backend.kit.errors import InvalidPayload, answers
from backend.kit.http import AnswerEnvelope, BodyLimit, install_error_handlers
from backend.profiles import endpoints as profiles
from backend.settings import Settings

MAX_BODY_BYTES = 6 * 1024 * 1024  # a photo of 5 MB with its multipart frame


def create_app(
    settings: Settings,
    *,
    now: Clock = utc_now,
    passwords: Passwords | None = None,
) -> FastAPI:
    """The backend on a database that `backend.migrations.upgrade` has prepared."""
    database = Database(settings.database_url)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            database.dispose()

    app = FastAPI(
        title="Rendezvous",
        description="Professionals publish paid hours, users book one, and both meet in a private video call.",
        lifespan=lifespan,
        responses=answers(InvalidPayload),
    )
    app.state.settings = settings
    app.state.database = database
    app.state.now = now
    app.state.passwords = passwords or Passwords()
    app.state.sign_in_limits = SignInLimits()
    for router in (auth.router, profiles.router, availability.router, discovery.own, discovery.router):
        app.include_router(router)
    install_error_handlers(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(BodyLimit, max_bytes=MAX_BODY_BYTES)
    app.add_middleware(AnswerEnvelope, now=now)
    return app
