"""Asking and telling: a question that can be awaited, a message that goes by itself."""

import asyncio
import inspect
from collections.abc import Callable

import flet as ft

from app.components.design.theme import NARROW, SPACE_12, SPACE_24, Type

TOAST_S = 5


async def confirm(title: str, text: str, yes: str = "OK", no: str = "Cancel", danger: bool = False) -> bool:
    """Asks and waits. Escape, a tap outside and `no` mean False; with `danger` Enter does not say yes.

    A bottom sheet on narrow pages, a dialog otherwise.
    """
    page = ft.context.page
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def reply(value: bool) -> None:
        if not answer.done():
            answer.set_result(value)

    def close(value: bool) -> Callable[[], None]:
        def handler() -> None:
            reply(value)
            dialog.open = False  # page.pop_dialog() would close the topmost one, a message included
            dialog.update()

        return handler

    style = ft.ButtonStyle(bgcolor=ft.Colors.ERROR, color=ft.Colors.ON_ERROR) if danger else None
    yes_button = ft.FilledButton(yes, on_click=close(True), autofocus=not danger, style=style)
    no_button = ft.TextButton(no, on_click=close(False), autofocus=danger)
    dialog: ft.DialogControl
    if (page.width or 0) < NARROW:
        dialog = _sheet(title, text, [yes_button, no_button], lambda: reply(False))
    else:
        dialog = ft.AlertDialog(
            title=title,
            content=ft.Container(ft.Text(text), width=400),
            actions=[no_button, yes_button],
            on_dismiss=lambda: reply(False),
        )
    page.show_dialog(dialog)
    return await answer


def toast(text: str, undo: Callable[[], object] | None = None) -> None:
    """A message for five seconds, with "Undo" when `undo` (a function or coroutine function) is given."""

    async def on_undo() -> None:
        result = undo() if undo else None
        if inspect.isawaitable(result):
            await result

    ft.context.page.show_dialog(
        ft.SnackBar(
            text,
            behavior=ft.SnackBarBehavior.FLOATING,
            duration=ft.Duration(seconds=TOAST_S),
            persist=False,  # with an action Flet keeps it until tapped
            action=ft.SnackBarAction("Undo", on_click=on_undo) if undo else None,
        )
    )


def _sheet(title: str, text: str, buttons: list[ft.Control], on_dismiss: Callable[[], None]) -> ft.BottomSheet:
    return ft.BottomSheet(
        show_drag_handle=True,
        draggable=True,
        on_dismiss=on_dismiss,
        content=ft.Container(
            padding=ft.Padding.only(left=SPACE_24, right=SPACE_24, bottom=SPACE_24),
            content=ft.Column(
                [ft.Text(title, theme_style=Type.SECTION), ft.Text(text), *buttons],
                tight=True,
                spacing=SPACE_12,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
        ),
    )
