"""A professional as one row of the search: who, what they say of themselves, when they are free, from which price."""

from dataclasses import dataclass

import flet as ft

from app.components.design.avatar import Avatar
from app.components.design.theme import (
    CARD,
    QUIET_INK,
    RADIUS_LARGE,
    SPACE_4,
    SPACE_8,
    SPACE_16,
    Type,
    rounded,
)

AVATAR, SMALL_AVATAR = 64, 52


@dataclass(frozen=True)
class CardFacts:
    """What a card shows, in words for people; `photo_url` is absolute, `from_price` empty when nothing is offered."""

    id: str
    name: str
    headline: str
    category: str
    photo_url: str | None
    next_free: str
    is_free: bool
    from_price: str
    wide: bool = True

    @property
    def label(self) -> str:
        """All of it for a screen reader, in the order in which it is read."""
        price = f"from {self.from_price}" if self.from_price else ""
        return ", ".join(each for each in (self.name, self.headline, self.category, self.next_free, price) if each)


def ProfessionalCardRow(facts: CardFacts) -> ft.Control:
    """One button; it opens the public page."""

    def open_page() -> None:
        ft.context.page.navigate(f"/professional/{facts.id}")

    row = ft.Row(
        [
            Avatar(facts.name, facts.photo_url, AVATAR if facts.wide else SMALL_AVATAR),
            _words(facts),
            *(_price(facts) if facts.wide else []),
        ],
        spacing=SPACE_16,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    button = ft.TextButton(
        content=ft.Semantics(label=facts.label, exclude_semantics=True, content=row),
        on_click=open_page,
        style=ft.ButtonStyle(
            bgcolor=CARD,
            color=ft.Colors.ON_SURFACE,
            shape=rounded(RADIUS_LARGE),
            padding=ft.Padding.symmetric(horizontal=SPACE_16, vertical=SPACE_16),
            alignment=ft.Alignment.CENTER_LEFT,
        ),
    )
    return ft.MergeSemantics(button, key=facts.id)


def _words(facts: CardFacts) -> ft.Control:
    lines: list[ft.Control] = [ft.Text(facts.name, theme_style=Type.TITLE)]
    if facts.headline:
        lines.append(ft.Text(facts.headline, theme_style=Type.BODY, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS))
    price = f"from {facts.from_price}" if facts.from_price and not facts.wide else ""
    small = " · ".join(each for each in (facts.category, price) if each)
    if small:
        lines.append(ft.Text(small, theme_style=Type.SMALL, color=QUIET_INK))
    ink = ft.Colors.PRIMARY if facts.is_free else QUIET_INK
    icon = ft.Icons.EVENT_AVAILABLE_OUTLINED if facts.is_free else ft.Icons.EVENT_BUSY_OUTLINED
    lines.append(
        ft.Container(
            ft.Row(
                [
                    ft.Icon(icon, size=16, color=ink),
                    ft.Text(facts.next_free, theme_style=Type.LABEL, color=ink, expand=True),
                ],
                spacing=SPACE_8,
            ),
            padding=ft.Padding.only(top=SPACE_4),
        )
    )
    return ft.Column(lines, spacing=SPACE_4, tight=True, expand=True)


def _price(facts: CardFacts) -> list[ft.Control]:
    if not facts.from_price:
        return []
    return [
        ft.Column(
            [
                ft.Text("from", theme_style=Type.SMALL, color=QUIET_INK),
                ft.Text(facts.from_price, theme_style=Type.TITLE),
            ],
            spacing=0,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.END,
        )
    ]
