"""One person's side of one session's call, from the preview to the page after it: what its screens show and may do.

The view model owns the engine. Whatever ends the screens (leaving the route, closing the tab or the window, the end of
the app) goes through `close`, which frees camera and microphone.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import flet as ft

from app.api.models import other_role
from app.call.contract.call_state import CallSnapshot, CallState, EndReason
from app.call.contract.engine import CallCredentials, CallEngine, RejoinRefused
from app.errors import AppError
from app.state.call.call_facts import CallPage
from app.state.call.credentials import credentials_of, fresh_credentials, new_join_id, next_session
from app.state.call.quality_reporting import Reporting
from app.state.call.recording.call_recording import CallRecording
from app.state.call.words.call_words import JoinProblem, problem_from_booking, problem_from_error
from app.state.core.kept.device_choices import repeat_choices

PRESENCE_EVERY_S = 5.0
CLOSING_LIMIT_S = 3.0
"""How long a rejoin waits for the last engine to give its devices back."""


@ft.observable
@dataclass(eq=False)
class CallSession(CallRecording):
    """The facts, and all that a person can do about them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._closed = False
        self._join_id = ""
        self._joined: CallEngine | None = None
        self._joining: asyncio.Task[None] | None = None
        self.prepared = asyncio.Event()
        """Set once the preview has opened what it can."""
        self._former: CallSnapshot | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._presence: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._sending: asyncio.Task[None] | None = None
        keep = lambda kept: self._post_field("kept_quality", kept)  # noqa: E731  one expression, used once below
        self._reporting = Reporting(self.services.api, self.session_id, keep)

    # -- before the call ----------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Reads the booking and, where the call can be, opens the preview. Errors become `problem`.

        However often it is called, one engine is opened.
        """
        if self.services.new_engine is None:
            return
        self.problem = None
        try:
            booking = await self.services.api.session(self.session_id)
        except AppError as error:
            self.problem = problem_from_error(error)
            return
        self.booking = booking
        self.problem = problem_from_booking(booking, self.services.now())
        if self.problem is None and self.engine is None and not self._closed:
            self._open_engine()
            self._presence = self._start(self._watch_presence())
            await self._prepare()

    async def _prepare(self) -> None:
        engine = self.engine
        if engine is not None:
            choices = self.services.device_choices
            await choices.bring_back(engine)
            await engine.prepare()
            self.prepared.set()
            await choices.make_do(engine)
            await self.load_devices()

    async def _watch_presence(self) -> None:
        """Who is already in the room, while this person is not: the list's own interval is too slow here."""
        while True:
            with contextlib.suppress(AppError):  # the next poll, five seconds later, is the remedy
                present = (await self.services.api.presence(self.session_id)).present
                self._post_field("other_present", other_role(self.role) in present)
            await asyncio.sleep(PRESENCE_EVERY_S)

    async def enter(self) -> None:
        """Fetches this participant's credentials; with them the call screen opens and joins. Also the way back in."""
        if self.entering or self._closed:
            return
        self.entering, self.join_problem = True, None
        try:
            join_id = new_join_id()
            credentials = credentials_of(await self.services.api.call_link(self.session_id, join_id))
            self._join_id = join_id
        except AppError as error:
            self._refuse(problem_from_error(error))
            return
        finally:
            self.entering = False
        if self._closed:
            return
        if self.snapshot.state is CallState.ENDED:
            self._reopen()
        self.credentials = credentials
        # A tenth of a second before the screen is drawn, which would do it as well.
        self._joining = self._start(self.join(credentials))

    def _refuse(self, problem: JoinProblem) -> None:
        """What time or another try can mend is said beside Join; the rest closes the page."""
        self.join_problem = problem
        if not problem.retry and problem.opens_at is None and self.shown_page is CallPage.BEFORE:
            self.problem = problem
            self._drop_engine()

    # -- the call -----------------------------------------------------------------------------------------------

    async def join(self, credentials: CallCredentials) -> None:
        """Connects with these credentials; returns at once when this call is already under way."""
        engine = self.engine
        if engine is None or engine is self._joined or self.snapshot.state not in (CallState.IDLE, CallState.PREPARING):
            return
        self._joined = engine
        if self._presence is not None:
            self._presence.cancel()
        await self._repeat_choices(engine)
        if engine is self.engine:  # not hung up meanwhile
            earlier = self.snapshot.chat
            await self._bring_timer(engine)
            await engine.join(credentials, self._renew)
            if not self.in_browser:  # the page has a chat of its own
                await engine.take_messages(earlier)
                self._start(self._load_messages(engine))

    async def _renew(self) -> CallCredentials:
        """Fresh credentials for an engine that has lost its connection for good. Raises `RejoinRefused` once the
        session is over or cancelled, and `AppError` when the backend cannot say.
        """
        if self.booking is not None and not self.closes_in_s:
            raise RejoinRefused(EndReason.ROOM_CLOSED)
        return await fresh_credentials(self.services.api, self.session_id, self._join_id)

    def end(self) -> None:
        """Hangs up. The page changes now; the engine frees the devices and tells the server in its own time."""
        if self.snapshot.state is CallState.ENDED:
            return
        self._show_ended(replace(self.snapshot, state=CallState.ENDED, end_reason=EndReason.LEFT))

    def _show_ended(self, snapshot: CallSnapshot) -> None:
        self.snapshot = snapshot
        self.ended_at = self.services.now()
        self.credentials = None
        self._drop_engine()
        self._start(self._fetch_after_call())

    async def _fetch_after_call(self) -> None:
        """What the page after the call needs: the booking as it is now, and whom a professional sees next."""
        with contextlib.suppress(AppError):  # the page stands without it
            booking = await self.services.api.session(self.session_id)
            self._post_field("booking", booking)
            if self.is_professional:
                self._post_field("next_session", await next_session(self.services.api, self.session_id))

    # -- the engine's life --------------------------------------------------------------------------------------

    def _open_engine(self) -> None:
        if self.services.new_engine is None:
            return
        self._drop_engine()  # one engine at a time: a former one would keep camera and microphone
        engine = self.engine = self.services.new_engine()
        self._unsubscribe = engine.subscribe(lambda snapshot: self._changed(engine, snapshot))

    def _changed(self, engine: CallEngine, snapshot: CallSnapshot) -> None:
        def apply() -> None:
            if engine is not self.engine:  # the last words of a call that is over here
                return
            self._keep_messages(snapshot)
            self._keep_timer(snapshot)
            self._note_recording(snapshot)
            if snapshot.files != self.snapshot.files:
                self._start(self._keep_files(engine, snapshot))
            if snapshot.state is CallState.ENDED:
                self._show_ended(snapshot)
            else:
                self.snapshot = snapshot

        self.post(apply)

    def _reopen(self) -> None:
        """A rejoin takes a fresh engine; `join` gives it the devices and the muting that the person had chosen."""
        self.earlier = self.length or timedelta()
        self._former = self.snapshot
        self.ended_at, self.away = None, False
        self.snapshot = CallSnapshot(chat=self.snapshot.chat)
        self._open_engine()

    async def _repeat_choices(self, engine: CallEngine) -> None:
        former, self._former = self._former, None
        if former is None:
            return
        if self._closing is not None:
            await asyncio.wait({self._closing}, timeout=CLOSING_LIMIT_S)
        await repeat_choices(engine, former)

    def _drop_engine(self) -> None:
        self._unsubscribe()
        engine, self.engine = self.engine, None
        if self._presence is not None:
            self._presence.cancel()
        if engine is not None:
            self._follow_to_its_end(engine)
            self._report(engine)
            self._closing = self._start(_hang_up(engine))

    def _report(self, engine: CallEngine) -> None:
        if (report := self._reporting.take(engine)) is not None:
            self.own_report = report
            self._sending = self._start(self._reporting.send(report))
            self._start(self._reporting.follow())

    def abandon(self) -> None:
        """The screens are gone: hangs up and ends every task of the call. The engine closes in its own time."""
        if self._closed:
            return
        self._closed = True
        self._drop_engine()
        kept = {self._closing, self._sending, self._joining, self._keeping}  # a connect is never cancelled half-way
        for task in self._tasks - kept:
            task.cancel()

    async def close(self) -> None:
        """`abandon`, and waits for the devices and the report, within limits. Can be called twice."""
        self.abandon()
        if last := {task for task in (self._closing, self._sending, self._keeping, self._telling) if task is not None}:
            await asyncio.wait(last, timeout=CLOSING_LIMIT_S)

    def suspend(self) -> None:
        """The tab or window has been gone for longer than a reload takes: nothing may be sent from it. A call in a
        browser of its own goes on.
        """
        if self.in_browser:
            return
        if self.shown_page is CallPage.CALL:
            self.away = True
            self.end()
        elif self.shown_page is CallPage.BEFORE:
            self._drop_engine()
            self.booking, self.snapshot = None, CallSnapshot()

    async def resume(self) -> None:
        """The tab is back: the preview opens again, and all is drawn again, for changes in between were not."""
        if self.shown_page is CallPage.LOADING:
            await self.load()
        self.times_resumed += 1

    def _post_field(self, name: str, value: object) -> None:
        self.post(lambda: setattr(self, name, value))

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _hang_up(engine: CallEngine) -> None:
    try:
        await engine.leave()
    finally:
        await engine.close()
