"""Tells a screen reader what changed in a call, in the order in which it happened."""

import contextlib

import flet as ft

from app.call.contract.call_state import CallSnapshot
from app.state.call.announcements import announcement
from app.state.core.hooks import use_ref


def use_announcements(snapshot: CallSnapshot, other_name: str) -> None:
    """Compares with the moment drawn last. The words on the screen stay: this is for people who do not see them."""
    page = ft.context.page
    last = use_ref(snapshot)

    def announce_change() -> None:
        words, last.current = announcement(last.current, snapshot, other_name), snapshot
        if words:
            page.run_task(_announce, words)

    ft.use_effect(announce_change, [snapshot])


async def _announce(words: str) -> None:
    with contextlib.suppress(RuntimeError, TimeoutError):  # a client that cannot, or has just gone
        await ft.SemanticsService().announce_message(words)
