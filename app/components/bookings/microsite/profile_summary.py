"""Who a professional is: photo, line, facts and about, beside the calendar or above it."""

import flet as ft

from app.api.models import Professional
from app.components.design.avatar import Avatar
from app.components.design.card import Card
from app.components.design.theme import (
    QUIET_INK,
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    Type,
)
from app.state.core.wall_time import zone_words

LONG_ABOUT = 120  # letters from which the text is folded on narrow pages
FOLDED_LINES = 2
LARGE_PHOTO, SMALL_PHOTO = 112, 72


@ft.component
def ProfileSummary(person: Professional, photo_url: str | None, beside: bool) -> ft.Control:
    """`beside`: as a column of its own; otherwise the photo stands beside the words and a long text is folded."""
    opened, open_about = ft.use_state(False)
    facts = _facts(person)
    line = [ft.Text(person.headline, theme_style=Type.TITLE)] if person.headline else []
    folded = not beside and not opened and len(person.about) > LONG_ABOUT
    about: list[ft.Control] = []
    if person.about:
        about.append(
            ft.Text(
                person.about,
                theme_style=Type.BODY,
                selectable=True,
                max_lines=FOLDED_LINES if folded else None,
                overflow=ft.TextOverflow.ELLIPSIS if folded else ft.TextOverflow.CLIP,
            )
        )
    if folded:
        flush = ft.ButtonStyle(padding=ft.Padding.symmetric(vertical=SPACE_12))
        more = ft.TextButton("Read more", on_click=lambda: open_about(True), style=flush)
        about.append(ft.Row([more]))
    words: list[ft.Control] = [*line, *facts]
    head: ft.Control
    if beside:
        head = ft.Column([Avatar(person.name, photo_url, LARGE_PHOTO), *words], spacing=SPACE_12, tight=True)
    else:
        head = ft.Row(
            [
                Avatar(person.name, photo_url, SMALL_PHOTO),
                ft.Column(words, spacing=SPACE_8, tight=True, expand=True),
            ],
            spacing=SPACE_16,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
    return Card(ft.Column([head, *about], spacing=SPACE_16, tight=True), SPACE_24 if beside else SPACE_16)


def _facts(person: Professional) -> list[ft.Control]:
    price = f"from {person.from_price_words}" if person.from_price_words else ""
    known = (
        (ft.Icons.LABEL_OUTLINE, person.category_label or ""),
        (ft.Icons.PAYMENTS_OUTLINED, price),
        (ft.Icons.PUBLIC, f"{zone_words(person.time_zone)} time"),
        (ft.Icons.VERIFIED_USER_OUTLINED, f"Full refund if {person.name} cancels or doesn't show up"),
    )
    return [
        ft.Row(
            [
                ft.Container(ft.Icon(icon, size=18, color=QUIET_INK), padding=ft.Padding.only(top=SPACE_4 / 2)),
                ft.Text(words, theme_style=Type.SMALL, color=QUIET_INK, expand=True),
            ],
            spacing=SPACE_8,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
        for icon, words in known
        if words
    ]
