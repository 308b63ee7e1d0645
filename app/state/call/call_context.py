"""The call that a screen belongs to, handed down by context."""

import flet as ft

from app.state.call.call_session import CallSession
from app.state.core.hooks import use_observed

CALL: "ft.ContextProvider[CallSession | None]" = ft.create_context(None)


def use_call() -> CallSession:
    """The call above this component, which is drawn again when it changes; inside a component only."""
    call = ft.use_context(CALL)
    if call is None:
        raise RuntimeError("no CallSession above this component: wrap it in CALL(...)")
    return use_observed(call)
