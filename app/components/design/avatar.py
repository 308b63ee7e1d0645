"""A person's picture, or their initials on a colour drawn from the name."""

import zlib

import flet as ft

from app.components.design.theme import BOLD

INK = "#FFFFFF"
GROUNDS = ("#0B6E5F", "#45606B", "#8A5100", "#7A3E6B", "#3F5AA6", "#5B6B1E", "#9A3D2F", "#4C5B8A")


def initials(name: str) -> str:
    """ "Ada Lovelace King" -> "AK", "Ada" -> "A", "" -> "?"."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def ground(name: str) -> str:
    """The same colour for the same name, on every machine."""
    return GROUNDS[zlib.crc32(name.encode()) % len(GROUNDS)]


def Avatar(name: str, photo_url: str | None = None, size: float = 44) -> ft.Control:
    """A circle of `size` logical pixels. `photo_url` is absolute; while it loads or fails, the initials stand there.
    Says nothing to a screen reader, because the name stands beside it.
    """
    letters = ft.Container(
        width=size,
        height=size,
        bgcolor=ground(name),
        alignment=ft.Alignment.CENTER,
        content=ft.Text(
            initials(name), size=size * 0.38, weight=ft.FontWeight.W_600, font_family=BOLD, color=INK, no_wrap=True
        ),
    )
    face: ft.Control = letters
    if photo_url:
        picture = ft.Image(
            src=photo_url,
            width=size,
            height=size,
            fit=ft.BoxFit.COVER,
            exclude_from_semantics=True,
            error_content=ft.Container(width=size, height=size),
            gapless_playback=True,
        )
        face = ft.Stack([letters, picture], width=size, height=size)
    circle = ft.Container(
        face, width=size, height=size, border_radius=size / 2, clip_behavior=ft.ClipBehavior.ANTI_ALIAS
    )
    return ft.Semantics(exclude_semantics=True, content=circle)
