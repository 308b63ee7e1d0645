"""What nobody foresaw: a handler that raises must not take the whole app away from the person, least of all in a call.

Flet 1.0.5 answers an unhandled error in a handler or an effect by replacing the page with the error's text
(`Session.error`). Here the session goes on: the error is logged by Flet, and the person reads a sentence.
"""

import flet as ft

from app.components.design.feedback import toast

SENTENCE = "Something went wrong. Nothing was lost; please try again."
LEFT_THE_PAGE = "Control must be added to the page first"
"""Flet's words for an event of a control that has left the page while the event was on its way: nobody's loss."""


def survive_unhandled_errors(page: ft.Page) -> None:
    """From now on an unhandled error in this session is shown as a message and ends nothing."""

    def show(message: str) -> None:
        if LEFT_THE_PAGE not in message:
            toast(SENTENCE)

    setattr(page.session, "error", show)  # noqa: B010  the one hook that Flet has; assigning it is not what its types allow
