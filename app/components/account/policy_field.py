"""Choosing a cancellation policy: three by name or hours of one's own, and the sentence that users will read."""

from collections.abc import Callable

import flet as ft

from app.components.design.fields import Field
from app.components.design.theme import (
    BOLD,
    CARD,
    NOTE,
    QUIET_INK,
    RADIUS_MEDIUM,
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    Type,
)
from app.state.account.policy_form import OWN, PRESETS, PolicyDraft

RADIO_INSET = 40
OWN_NAME, OWN_SENTENCE = "Custom", "You choose how many hours before the start."
ALWAYS = "They always get a full refund if you cancel or don't show up."


@ft.component
def PolicyField(draft: PolicyDraft, on_change: Callable[[PolicyDraft], object]) -> ft.Control:
    """`on_change` gets the draft as it becomes."""
    options = [*((each.key, each.name, each.words) for each in PRESETS), (OWN, OWN_NAME, OWN_SENTENCE)]
    group = ft.RadioGroup(
        ft.Column([_option(draft, on_change, *each) for each in options], spacing=SPACE_12, tight=True),
        value=draft.choice,
        on_change=lambda event: on_change(draft.choosing(str(event.control.value))),
    )
    own = [_own_hours(draft, on_change)] if draft.choice == OWN else []
    return ft.Column(
        [group, *own, *([_notice(draft.words)] if draft.words else [])],
        spacing=SPACE_16,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _option(
    draft: PolicyDraft, on_change: Callable[[PolicyDraft], object], key: str, name: str, sentence: str
) -> ft.Control:
    return ft.Container(
        ft.Column(
            [
                ft.Radio(value=key, label=name, label_style=ft.TextStyle(weight=ft.FontWeight.W_600, font_family=BOLD)),
                ft.Container(
                    ft.Text(sentence, theme_style=Type.SMALL, color=QUIET_INK),
                    padding=ft.Padding.only(left=RADIO_INSET),
                ),
            ],
            spacing=0,
        ),
        bgcolor=CARD,
        border=ft.Border.all(2, ft.Colors.PRIMARY if draft.choice == key else ft.Colors.OUTLINE_VARIANT),
        border_radius=RADIUS_MEDIUM,
        padding=ft.Padding.only(left=SPACE_4, right=SPACE_12, top=SPACE_4, bottom=SPACE_12),
        on_click=lambda: on_change(draft.choosing(key)),
    )


def _own_hours(draft: PolicyDraft, on_change: Callable[[PolicyDraft], object]) -> ft.Control:
    fields = (
        Field(
            "Hours for a full refund",
            draft.full_hours,
            lambda text: on_change(draft.typing(full_hours=text)),
            error=draft.field_errors.get("full_hours", ""),
            keyboard=ft.KeyboardType.NUMBER,
        ),
        Field(
            "Hours for a half refund",
            draft.half_hours,
            lambda text: on_change(draft.typing(half_hours=text)),
            error=draft.field_errors.get("half_hours", ""),
            keyboard=ft.KeyboardType.NUMBER,
        ),
    )
    return ft.Row(
        [ft.Container(field, expand=True) for field in fields],
        spacing=SPACE_12,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _notice(words: str) -> ft.Control:
    """A screen reader hears the sentence again when it changes."""
    lines = ft.Column(
        [
            ft.Text(f"Users see: “{words}”", theme_style=Type.BODY, color=NOTE.ink),
            ft.Text(ALWAYS, theme_style=Type.SMALL, color=NOTE.ink),
        ],
        spacing=SPACE_4,
        tight=True,
        expand=True,
    )
    return ft.Semantics(
        live_region=True,
        content=ft.Container(
            ft.Row(
                [ft.Icon(ft.Icons.FORMAT_QUOTE, size=20, color=NOTE.ink), lines],
                spacing=SPACE_8,
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            bgcolor=NOTE.ground,
            border_radius=RADIUS_MEDIUM,
            padding=SPACE_12,
        ),
    )
