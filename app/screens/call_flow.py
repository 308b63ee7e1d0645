"""The whole call of one session: the page for each moment of it, and what frees the camera when it is left."""

import asyncio
from collections.abc import Callable

import flet as ft

from app.components.call.pages import BarredPage, LoadingPage, UnavailablePage
from app.components.design.buttons import call as call_handler
from app.components.design.feedback import confirm
from app.components.frame.tasks import use_task
from app.components.frame.window_events import use_closing_question
from app.screens.after_call import AfterCall
from app.screens.before_call import BeforeCall
from app.screens.booked_session import BookedSession
from app.state.call.call_context import CALL
from app.state.call.call_facts import CallPage
from app.state.call.call_session import CallSession
from app.state.core.hooks import use_model, use_ref
from app.state.core.services import use_services

CHECK_EVERY_S = 1.0
HIDDEN_POLL_S = 0.1
AWAY_LIMIT_S = 15.0
"""A reloaded tab is back within seconds; a closed one must not keep the camera for the hour that Flet waits for it."""


@ft.component
def CallFlow() -> ft.Control:
    """Route `/session/:session_id`. Fills the window; leaving it in any way ends the call."""
    session_id = ft.use_route_params()["session_id"]
    return ft.View(
        route=f"/session/{session_id}",
        padding=0,
        controls=[ft.SafeArea(expand=True, content=ft.Container(SessionCall(session_id), key=session_id, expand=True))],
    )


@ft.component
def SessionCall(session_id: str) -> ft.Control:
    """The call of one session, without the view around it."""
    services = use_services()
    page = ft.context.page
    call = use_model(lambda: CallSession(services, session_id, on_session_of(page)))
    _own(call, page)
    use_closing_question(call.shown_page is CallPage.CALL, lambda: ask_to_leave(call))
    return CALL(call, lambda: _page_of(call, page))


def _page_of(call: CallSession, page: ft.Page) -> ft.Control:
    def back() -> None:
        leave_to_list(page, call)

    match call.shown_page:
        case CallPage.UNAVAILABLE:
            return UnavailablePage(call.services.call_unavailable_reason, back)
        case CallPage.BARRED if call.problem is not None:
            return BarredPage(call.problem, call.load if call.problem.retry else None, back)
        case CallPage.BEFORE:
            return BeforeCall(back)
        case CallPage.CALL if call.credentials is not None:
            given = call.credentials
            return BookedSession(
                session_id=given.session_id,
                call_url=given.call_url,
                access_token=given.access_token,
                room_name=given.room_name,
                livekit_url=given.livekit_url,
                participant_identity=given.participant_identity,
                participant_role=given.participant_role,
                encryption_key=given.encryption_key,
            )
        case CallPage.AFTER:
            return AfterCall(back)
        case _:
            return LoadingPage()


async def ask_to_leave(call: CallSession) -> bool:
    """Before the window closes on a call."""
    words = f"{call.other_name} will see that you have left."
    return await confirm("Leave the call?", words, yes="Leave", no="Stay", danger=True)


def leave_to_list(page: ft.Page, call: CallSession) -> None:
    """Back to where sessions are started."""
    page.navigate("/upcoming" if call.is_professional else "/my-sessions")


def on_session_of(page: ft.Page) -> Callable[[Callable[[], None]], None]:
    """Runs changes of state on that page's own session: one made from elsewhere would be drawn nowhere, silently."""

    def post(change: Callable[[], None]) -> None:
        async def run() -> None:
            change()

        if _connection(page) is not None:
            page.run_task(run)
        else:  # nobody is watching; `resume` draws it when they are back
            change()

    return post


def _connection(page: ft.Page) -> object | None:
    """The tab or window that shows this session now; another object after a reload, None while there is none."""
    try:
        return page.session.connection
    except RuntimeError:  # the session itself is gone
        return None


async def _visible_within(page: ft.Page, limit_s: float) -> bool:
    """At once when the window or tab can be seen, else when it comes back, or after the limit.

    Not by `wait_for`: before Python 3.12 it can swallow the cancellation of whoever waits.
    """
    looking = asyncio.ensure_future(page.wait_until_visible())
    try:
        done, _ = await asyncio.wait({looking}, timeout=limit_s)
    finally:
        looking.cancel()
    return bool(done)


async def _follow_visibility(call: CallSession, page: ft.Page) -> None:
    """A hidden window or tab costs no picture."""
    while True:
        visible = await _visible_within(page, CHECK_EVERY_S) and _connection(page) is not None
        if call.engine is not None and call.shown_page is CallPage.CALL:
            await call.engine.set_remote_video_visible(visible)
        await asyncio.sleep(CHECK_EVERY_S if visible else HIDDEN_POLL_S)


def _own(call: CallSession, page: ft.Page) -> None:
    """Ties the call's life to this component, its tab and its window."""

    async def watch() -> None:
        seen_by = _connection(page)
        await call.load()
        gone_s = 0.0
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            connection = _connection(page)
            if connection is None:
                gone_s += CHECK_EVERY_S
                if gone_s >= AWAY_LIMIT_S:
                    call.suspend()
            elif gone_s or connection is not seen_by:
                gone_s, seen_by = 0.0, connection
                await call.resume()

    use_task(watch, [call.session_id])
    use_task(lambda: _follow_visibility(call, page), [call.session_id])
    before = use_ref(page.on_close)

    def hold_on_close() -> None:
        before.current = page.on_close
        page.on_close = closed

    async def closed(e: ft.Event[ft.Page]) -> None:
        await call.close()
        if before.current is not None:
            await call_handler(before.current, e)

    def let_go() -> None:
        page.on_close = before.current
        call.abandon()

    ft.use_effect(hold_on_close, [], let_go)
