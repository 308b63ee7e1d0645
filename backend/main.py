"""The composition root: the only file that knows every part."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.headerregistry import Address
from functools import partial

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from backend.auth import endpoints as auth
from backend.auth.service import PasswordHasher
from backend.availability import endpoints as availability
from backend.bookings import endpoints as bookings
from backend.bookings.access import terms_of
from backend.calls import endpoints as calls
from backend.calls.access import limits_of
from backend.calls.endpoints import follow_up, follow_up_files, messages, notes, recordings
from backend.calls.endpoints import page as call_page
from backend.calls.ports import CallRooms, RoomWebhooks, ServerRecordings
from backend.demo import people
from backend.demo.preparing import Demo
from backend.demo.starting_calls import progress_of, progress_router
from backend.discovery import endpoints as discovery
from backend.discovery.endpoints import app_links, public_page
from backend.integrations.livekit.egress import LiveKitEgress, bucket_of
from backend.integrations.livekit.rooms import LiveKitCallRooms, LiveKitWebhooks
from backend.integrations.livekit.starting import StartingCallRooms
from backend.integrations.sandbox.checkout import sandbox_router
from backend.integrations.sandbox.inbox import SandboxInbox, inbox_router
from backend.integrations.sandbox.onboarding import onboarding_router
from backend.integrations.sandbox.payments import PAID_CARD, SandboxGateway
from backend.integrations.smtp import SmtpTransport, server_of
from backend.integrations.stripe.payments import StripeGateway
from backend.integrations.stripe.webhook import stripe_router
from backend.kit.bulkheads import Bulkheads
from backend.kit.clock import Clock, utc_now
from backend.kit.database import Database
from backend.kit.errors import InternalError, InvalidPayload, PayloadTooLarge, ServiceUnavailable, error_responses
from backend.kit.health import CachedProbe, health_router
from backend.kit.http import Backend, UnexpectedErrorMiddleware, install_error_handlers
from backend.kit.limits.counting import Limits
from backend.kit.limits.storages import Storages
from backend.mail import endpoints as mails
from backend.mail.ports import MailTransport
from backend.mail.rules.letter import Places
from backend.mail.service.writing import Writer
from backend.payments import endpoints as payments
from backend.payments.ports import PaymentGateway
from backend.privacy import endpoints as privacy
from backend.profiles import endpoints as profiles
from backend.settings import BadSettings, Settings
from backend.worker import Worker
from backend.worker.gauges import gauges_of
from backend.worker.mail_tasks import Post
from backend.worker.status import status_router

logger = logging.getLogger(__name__)
MAX_BODY_BYTES = 64 * 1024  # a photo and a file may be larger: their routes say so
NOT_PACKED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/octet-stream")
"""Files come with their length, which packing would take away, and are mostly packed as they are."""


def create_app(
    settings: Settings,
    *,
    now: Clock = utc_now,
    passwords: PasswordHasher | None = None,
    payment_gateway: PaymentGateway | None = None,
    call_rooms: CallRooms | None = None,
    room_webhooks: RoomWebhooks | None = None,
    server_recordings: ServerRecordings | None = None,
    mail_transport: MailTransport | None = None,
    run_worker: bool = True,
) -> FastAPI:
    """The backend on a database that `backend.migrations.upgrade` has prepared.

    What is not given is made from the settings; tests give their own clock, cheap hashes and fakes, and run the
    worker's rounds themselves.
    """
    database = Database(settings.database_url)
    gateway = payment_gateway or _payments(settings, database, now)
    rooms = call_rooms or _livekit(settings)
    bulkheads, livekit = Bulkheads(), CachedProbe(_livekit_answers(rooms))
    post = Post(writer_of(settings), mail_transport or _mail(settings, database, now))
    worker = Worker(database, gateway, rooms, terms_of(settings), limits_of(settings), now, post=post)
    app = Backend(
        title="Rendezvous",
        openapi_url="/openapi.json" if settings.api_docs == "on" else None,
        max_body_size=MAX_BODY_BYTES,
        description="Professionals publish paid hours, users book one, and both meet in a private video call.",
        lifespan=lambda _app: _running(database, rooms, worker if run_worker else None, bulkheads, livekit),
        responses=error_responses(InvalidPayload, PayloadTooLarge, InternalError, ServiceUnavailable),
    )
    app.state.settings = settings
    app.state.database = database
    app.state.now = now
    app.state.bulkheads = bulkheads
    app.state.passwords = passwords or PasswordHasher()
    app.state.limits = _limits(settings, database, now)
    app.state.payment_gateway = gateway
    app.state.call_rooms = rooms
    app.state.server_recordings = server_recordings or _server_recordings(settings, rooms)
    app.state.gauges = gauges_of(database, bulkheads, worker.figures, now)
    app.state.room_webhooks = room_webhooks or _livekit_webhooks(settings)
    for router in (*_routers(gateway, settings), *_service_routers(settings, livekit), status_router(worker.figures)):
        app.include_router(router)
    install_error_handlers(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000, exclude_content_types=NOT_PACKED)
    app.add_middleware(UnexpectedErrorMiddleware)
    return app


def prepare_demo(app: FastAPI, days_ahead: int = 21) -> None:
    """People, their hours and a booking that can be started now, with test money; only for the demo."""
    state = app.state
    sandbox = state.payment_gateway
    Demo(
        database=state.database,
        passwords=state.passwords,
        gateway=sandbox,
        pay=lambda reference: sandbox.pay(reference, PAID_CARD),
        onboard=sandbox.connected_accounts.onboard,
        terms=terms_of(state.settings),
        now=state.now,
    ).prepare(days_ahead)


@asynccontextmanager
async def _running(
    database: Database, rooms: CallRooms | None, worker: Worker | None, bulkheads: Bulkheads, livekit: CachedProbe
) -> AsyncIterator[None]:
    if worker is not None:
        worker.start()
    try:
        yield
    finally:
        # In the order in which they stand on each other.
        if worker is not None:
            await to_thread.run_sync(worker.stop)
        await to_thread.run_sync(bulkheads.close)
        await to_thread.run_sync(livekit.close)
        if isinstance(rooms, LiveKitCallRooms):
            await to_thread.run_sync(rooms.close)
        database.dispose()


def _routers(gateway: PaymentGateway, settings: Settings) -> list[APIRouter]:
    routers = [
        auth.router,
        privacy.router,
        profiles.router,
        availability.router,
        payments.router,
        bookings.router,
        discovery.own,
        discovery.router,
        public_page.router,
        app_links.router,
        calls.router,
        call_page.router,
        mails.router,
        messages.router,
        notes.router,
        follow_up.router,
        follow_up_files.router,
        recordings.router,
    ]
    if isinstance(gateway, SandboxGateway):
        routers += [sandbox_router(gateway), onboarding_router(gateway.connected_accounts)]
    if isinstance(gateway, StripeGateway):
        routers.append(stripe_router(gateway, settings.stripe_webhook_secrets))
    return routers


def _livekit_answers(rooms: CallRooms | None) -> Callable[[], bool]:
    return rooms.answers if isinstance(rooms, LiveKitCallRooms) else lambda: rooms is not None


def _service_routers(settings: Settings, livekit: CachedProbe) -> list[APIRouter]:
    routers = [health_router(livekit)]
    if settings.rendezvous_demo and not settings.smtp_url.get_secret_value():
        routers.append(inbox_router())
    if settings.rendezvous_demo:
        routers += [people.router, progress_router(settings.calls_progress)]
    return routers


def _payments(settings: Settings, database: Database, now: Clock) -> PaymentGateway:
    """Test money in the demo and nowhere else; real money never in the demo, where anyone signs in with one click."""
    if settings.rendezvous_demo:
        return SandboxGateway(database, now, settings.public_url)
    if settings.missing_stripe:
        raise BadSettings(f"Not set: {', '.join(settings.missing_stripe)}.")
    key = settings.stripe_secret_key.get_secret_value()
    return StripeGateway(key, settings.public_url, api_base=settings.stripe_api_base)


def writer_of(settings: Settings) -> Writer:
    """Who writes this backend's mails; in a demo without MAIL_FROM they come from an address that is nobody's."""
    local, _, domain = (settings.mail_from or "no-reply@rendezvous.invalid").rpartition("@")  # RFC 2606
    places = Places(settings.public_url, settings.web_app_url, settings.support_contact)
    return Writer(Address("Rendezvous", local, domain), places, settings.key_of_mails)


def _mail(settings: Settings, database: Database, now: Clock) -> MailTransport:
    """The demo's inbox without a mail server, and nowhere else."""
    if url := settings.smtp_url.get_secret_value():
        return SmtpTransport(server_of(url))
    if settings.rendezvous_demo:
        return SandboxInbox(database, now)
    raise BadSettings(f"Not set: {', '.join(settings.missing_mail)}.")


def _limits(settings: Settings, database: Database, now: Clock) -> Limits:
    if settings.rate_limits == "off":
        logger.warning("RATE_LIMITS=off: nobody is slowed or refused, however much they ask for.")
    storages = Storages(database, now, settings.redis_url)
    return Limits(storages, settings.key_of_limits, on=settings.rate_limits == "on")


def _livekit(settings: Settings) -> LiveKitCallRooms | None:
    if settings.missing_livekit:
        logger.warning("%s not set: no call can be joined.", ", ".join(settings.missing_livekit))
        return None
    secret = settings.livekit_api_secret.get_secret_value()
    address = (settings.livekit_url, settings.livekit_api_key, secret)
    if progress := settings.calls_progress:
        return StartingCallRooms(*address, partial(progress_of, progress))
    return LiveKitCallRooms(*address)


def _server_recordings(settings: Settings, rooms: CallRooms | None) -> LiveKitEgress | None:
    storage = settings.recordings_storage.get_secret_value()
    return LiveKitEgress(rooms, bucket_of(storage)) if storage and isinstance(rooms, LiveKitCallRooms) else None


def _livekit_webhooks(settings: Settings) -> LiveKitWebhooks | None:
    if settings.missing_livekit:
        return None
    return LiveKitWebhooks(settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())
