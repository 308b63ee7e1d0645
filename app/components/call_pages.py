"""The pages that stand in the call's place while there is none: opening, barred, not possible on this device."""

from collections.abc import Callable

import flet as ft

from app.components.buttons import PrimaryButton, SecondaryButton
from app.state.call_words import EntryProblem

WIDTH = 440


def _centred(controls: list[ft.Control]) -> ft.Control:
    return ft.Container(
        expand=True,
        padding=24,
        alignment=ft.Alignment.CENTER,
        content=ft.Container(
            width=WIDTH,
            content=ft.Column(
                controls,
                spacing=12,
                tight=True,
                scroll=ft.ScrollMode.AUTO,
                horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            ),
        ),
    )


def _headline(text: str) -> ft.Control:
    return ft.Semantics(
        heading_level=1,
        content=ft.Text(text, theme_style=ft.TextThemeStyle.HEADLINE_SMALL, text_align=ft.TextAlign.CENTER),
    )


def _sentence(text: str) -> ft.Control:
    return ft.Text(
        text,
        theme_style=ft.TextThemeStyle.BODY_LARGE,
        color=ft.Colors.ON_SURFACE_VARIANT,
        text_align=ft.TextAlign.CENTER,
    )


@ft.component
def LoadingPage() -> ft.Control:
    return _centred([ft.ProgressRing(width=28, height=28, stroke_width=3), _sentence("Opening the session…")])


@ft.component
def BarredPage(
    problem: EntryProblem, on_retry: Callable[[], object] | None, on_back: Callable[[], object]
) -> ft.Control:
    """Why this session cannot be entered, and the one step that helps."""
    icon = ft.Icons.WIFI_OFF if on_retry else ft.Icons.EVENT_BUSY_OUTLINED
    way_on = [PrimaryButton("Try again", on_retry), SecondaryButton("Back to your sessions", on_back)]
    return _centred(
        [
            ft.Icon(icon, size=48, color=ft.Colors.ON_SURFACE_VARIANT),
            _headline(problem.title),
            _sentence(problem.text),
            ft.Container(height=4),
            *(way_on if on_retry else [PrimaryButton("Back to your sessions", on_back)]),
        ]
    )


@ft.component
def UnavailablePage(reason: str, on_back: Callable[[], object]) -> ft.Control:
    """This device has no call engine: says so before anyone waits for a picture."""
    return _centred(
        [
            ft.Icon(ft.Icons.DESKTOP_WINDOWS_OUTLINED, size=48, color=ft.Colors.ON_SURFACE_VARIANT),
            _headline("The call cannot run here"),
            _sentence(reason or "This device cannot carry the call."),
            _sentence("Open Rendezvous on a computer (Windows, macOS or Linux), sign in, and press Start there."),
            ft.Container(height=4),
            PrimaryButton("Back to your sessions", on_back),
        ]
    )
