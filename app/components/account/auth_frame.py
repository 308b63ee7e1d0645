"""The page around signing in and signing up: the product on one side, the form on the other."""

from collections.abc import Sequence

import flet as ft

from app.components.design.brand import Mark, Wordmark
from app.components.design.card import Card, Heading, Stacked
from app.components.design.theme import QUIET_INK, RADIUS_LARGE, SPACE_4, SPACE_16, SPACE_24, SPACE_32, Type
from app.components.frame.page_events import use_title, use_wide
from app.settings import PRODUCT_NAME

FORM_WIDTH = 440
PROMISE = "Book an hour with someone, and meet right here."
SENTENCE = "Book a session with a trainer, coach, tutor or therapist. When it's time, you both press Start."


@ft.component
def AuthFrame(title: str, lead: str, controls: Sequence[ft.Control]) -> ft.Control:
    """Wide: the product's promise on the accent colour, the form next to it. Narrow: one column."""
    use_title(title)
    wide = use_wide()
    head: list[ft.Control] = [
        ft.Container(Wordmark(), visible=not wide),
        ft.Column(
            [
                Heading(title, Type.HEADLINE, level=1),
                ft.Text(lead, theme_style=Type.BODY, color=QUIET_INK),
            ],
            spacing=SPACE_4,
        ),
    ]
    form = ft.Column(
        [*head, *controls], spacing=SPACE_16, horizontal_alignment=ft.CrossAxisAlignment.STRETCH, tight=True
    )
    column = ft.Column(
        [
            ft.Container(form, width=FORM_WIDTH, padding=ft.Padding.symmetric(horizontal=SPACE_24, vertical=SPACE_32)),
        ],
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        alignment=ft.MainAxisAlignment.CENTER if wide else ft.MainAxisAlignment.START,
    )
    # one shape for both widths: Flet rebuilds a field that moves in the tree, and what was typed would be gone
    return ft.SafeArea(
        expand=True,
        content=ft.Row(
            [
                ft.Container(_promise(), expand=5, padding=SPACE_16, visible=wide),
                ft.Container(column, expand=6),
            ],
            expand=True,
            spacing=0,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
    )


def _promise() -> ft.Control:
    ink = ft.Colors.ON_PRIMARY_CONTAINER
    return ft.Container(
        bgcolor=ft.Colors.PRIMARY_CONTAINER,
        border_radius=RADIUS_LARGE,
        padding=48,
        content=ft.Column(
            [
                ft.Row(
                    [Mark(40), ft.Text(PRODUCT_NAME, theme_style=Type.SECTION, color=ink)],
                    spacing=SPACE_16,
                ),
                ft.Column(
                    [
                        ft.Text(PROMISE, theme_style=Type.FIGURE, color=ink),
                        ft.Text(SENTENCE, theme_style=ft.TextThemeStyle.BODY_LARGE, color=ink),
                    ],
                    spacing=SPACE_16,
                ),
                ft.Row([ft.Container(Mark(200), opacity=0.5)], alignment=ft.MainAxisAlignment.END),
            ],
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        ),
    )


def Panel(controls: Sequence[ft.Control]) -> ft.Control:
    """A quiet card for what stands beside the form's main way."""
    return Card(Stacked(controls))
