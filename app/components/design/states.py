"""What a list or page shows instead of its content: loading, nothing there, went wrong."""

import flet as ft

from app.components.design.buttons import OnClick, PrimaryButton, SecondaryButton
from app.components.design.theme import CARD, QUIET_INK, RADIUS_MEDIUM, SPACE_8, SPACE_12, SPACE_16, SPACE_24, Type


def EmptyState(icon: ft.IconData, text: str, action_label: str = "", on_action: OnClick | None = None) -> ft.Control:
    """A sentence for an empty list and the one action that fills it."""
    controls: list[ft.Control] = [_icon(icon), _sentence(text)]
    if action_label:
        controls.append(PrimaryButton(action_label, on_action))
    return _middle(controls)


def ErrorState(text: str, on_retry: OnClick | None, offline: bool = False) -> ft.Control:
    """What happened, in a sentence, and a way to try again."""
    icon = ft.Icons.CLOUD_OFF_OUTLINED if offline else ft.Icons.ERROR_OUTLINE
    controls: list[ft.Control] = [_icon(icon), _sentence(text)]
    if on_retry:
        controls.append(SecondaryButton("Try again", on_retry, icon=ft.Icons.REFRESH))
    return _middle(controls)


def LoadingRows(rows: int = 4, label: str = "Loading") -> ft.Control:
    """Grey rows in the shape of what comes."""
    return ft.Semantics(
        label=label,
        container=True,
        live_region=True,
        content=ft.Column([_loading_row() for _ in range(rows)], spacing=SPACE_12),
    )


def _loading_row() -> ft.Control:
    return ft.Container(
        bgcolor=CARD,
        border_radius=RADIUS_MEDIUM,
        padding=SPACE_16,
        content=ft.Row(
            spacing=SPACE_16,
            controls=[
                ft.Container(width=44, height=44, border_radius=22, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH),
                ft.Column([_bar(180), _bar(120)], spacing=SPACE_8, expand=True),
            ],
        ),
    )


def _bar(width: float) -> ft.Control:
    return ft.Container(width=width, height=12, border_radius=6, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH)


def _icon(icon: ft.IconData) -> ft.Control:
    return ft.Container(
        width=64,
        height=64,
        border_radius=32,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        alignment=ft.Alignment.CENTER,
        content=ft.Icon(icon, size=28, color=QUIET_INK),
    )


def _sentence(text: str) -> ft.Control:
    return ft.Container(
        ft.Text(text, theme_style=Type.BODY, text_align=ft.TextAlign.CENTER, color=QUIET_INK),
        width=360,
    )


def _middle(controls: list[ft.Control]) -> ft.Control:
    return ft.Container(
        padding=SPACE_24,
        alignment=ft.Alignment.CENTER,
        content=ft.Column(controls, tight=True, spacing=SPACE_16, horizontal_alignment=ft.CrossAxisAlignment.CENTER),
    )
