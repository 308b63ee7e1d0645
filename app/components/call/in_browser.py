"""What the app shows while the call page carries the call: who is there, the page again, and the way out."""

import flet as ft

from app.call.contract.call_state import CallState
from app.components.call.pages import centred_page, headline, sentence
from app.components.design.avatar import Avatar
from app.components.design.buttons import SecondaryButton
from app.components.design.links import ExternalLink
from app.components.frame.clock import use_now
from app.state.call.call_context import use_call
from app.state.call.words.call_words import length_words


@ft.component
def CallInBrowser(call_url: str) -> ft.Control:
    """`call_url` opens within the press, so that nothing blocks it as a popup."""
    call = use_call()
    state = call.snapshot.state
    inside = state in (CallState.WAITING, CallState.IN_CALL)
    title, text = _words(state, call.other_name, bool(ft.context.page.web))
    buttons = [
        ft.Row(
            [ExternalLink("Open the call again" if inside else "Open the call", call_url, filled=not inside)],
            alignment=ft.MainAxisAlignment.CENTER,
        ),
        SecondaryButton("I have left the call" if inside else "Not now", call.end),
    ]
    return centred_page(
        [
            ft.Row([Avatar(call.other_name, call.other_photo, 72)], alignment=ft.MainAxisAlignment.CENTER),
            headline(title),
            sentence(text),
            *([Together()] if state is CallState.IN_CALL else []),
            *buttons,
        ]
    )


@ft.component
def Together() -> ft.Control:
    """For how long by now; a component of its own, for it reads the clock."""
    call = use_call()
    now = use_now(call.services.now)
    since = call.snapshot.in_call_since
    return sentence(f"Together for {length_words(now - since)}" if since else "")


def _words(state: CallState, other_name: str, tab: bool) -> tuple[str, str]:
    place = "in its own tab" if tab else "in a browser view"
    match state:
        case CallState.IN_CALL:
            return f"You and {other_name} are in the call", f"It runs {place}. End it there."
        case CallState.WAITING:
            return "You are in the call", f"{other_name} is not here yet. The call runs {place}."
        case _:
            return f"The call opens {place}", "If nothing opened, your browser held it back: press Open the call."
