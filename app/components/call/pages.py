"""The pages that stand in the call's place while there is none: opening, barred, not possible on this device."""

from collections.abc import Callable

import flet as ft

from app.components.design.buttons import PrimaryButton, SecondaryButton
from app.state.call.words.call_words import JoinProblem

WIDTH = 440


def centred_page(controls: list[ft.Control]) -> ft.Control:
    """A short page: above the middle, in a readable width, and scrolled where the letters are large."""
    height = ft.context.page.height or 0.0
    column = ft.Column(
        controls, spacing=16, tight=True, width=WIDTH, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )
    held = ft.Container(
        column,
        alignment=ft.Alignment.TOP_CENTER,
        padding=ft.Padding.only(left=24, right=24, top=max(24.0, height * 0.16), bottom=24),
    )
    return ft.Column([held], expand=True, scroll=ft.ScrollMode.AUTO)


def headline(text: str) -> ft.Control:
    return ft.Semantics(
        header=True,
        heading_level=1,
        content=ft.Text(text, theme_style=ft.TextThemeStyle.HEADLINE_SMALL, text_align=ft.TextAlign.CENTER),
    )


def sentence(text: str) -> ft.Control:
    return ft.Text(
        text,
        theme_style=ft.TextThemeStyle.BODY_LARGE,
        color=ft.Colors.ON_SURFACE_VARIANT,
        text_align=ft.TextAlign.CENTER,
    )


def _icon(icon: ft.IconData) -> ft.Control:
    return ft.Icon(icon, size=48, color=ft.Colors.ON_SURFACE_VARIANT)


@ft.component
def LoadingPage() -> ft.Control:
    return centred_page(
        [
            ft.Row([ft.ProgressRing(width=28, height=28, stroke_width=3)], alignment=ft.MainAxisAlignment.CENTER),
            sentence("Opening the session…"),
        ]
    )


@ft.component
def BarredPage(
    problem: JoinProblem, on_retry: Callable[[], object] | None, on_back: Callable[[], object]
) -> ft.Control:
    """Why this session cannot be entered, and the one step that helps."""
    icon = ft.Icons.WIFI_OFF if on_retry else ft.Icons.EVENT_BUSY_OUTLINED
    next_step = [PrimaryButton("Try again", on_retry), SecondaryButton("Back to your sessions", on_back)]
    return centred_page(
        [
            _icon(icon),
            headline(problem.title),
            sentence(problem.text),
            *(next_step if on_retry else [PrimaryButton("Back to your sessions", on_back)]),
        ]
    )


@ft.component
def UnavailablePage(reason: str, on_back: Callable[[], object]) -> ft.Control:
    """This device has no call engine: says so before anyone waits for a picture."""
    return centred_page(
        [
            _icon(ft.Icons.DESKTOP_WINDOWS_OUTLINED),
            headline("The call cannot run here"),
            sentence(reason or "This device cannot carry the call."),
            sentence("Open Rendezvous on a computer (Windows, macOS or Linux), sign in, and press Start there."),
            PrimaryButton("Back to your sessions", on_back),
        ]
    )
