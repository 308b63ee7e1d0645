"""A person's photo with the ways to change it."""

import flet as ft

from app.components.design.avatar import Avatar
from app.components.design.buttons import OnClick, QuietButton, SecondaryButton
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, QUIET_INK, SPACE_4, SPACE_8, SPACE_12, SPACE_16, Type
from app.components.frame.page_events import use_cramped

PHOTO = 96


@ft.component
def PhotoField(
    name: str, photo_url: str | None, on_choose: OnClick, on_remove: OnClick, busy: bool = False, error: str = ""
) -> ft.Control:
    """`photo_url` is absolute, None shows the initials; `error` is a sentence below."""
    buttons: list[ft.Control] = [
        SecondaryButton(
            "Change photo" if photo_url else "Choose a photo",
            on_choose,
            busy=busy,
            icon=ft.Icons.ADD_A_PHOTO_OUTLINED,
        )
    ]
    if photo_url:
        buttons.append(QuietButton("Remove", None if busy else on_remove))
    words = ft.Column(
        [
            ft.Row(buttons, wrap=True, spacing=SPACE_8, run_spacing=SPACE_4),
            ft.Text(
                "JPEG, PNG or WebP, up to 5 MB. It is saved right away.",
                theme_style=Type.SMALL,
                color=QUIET_INK,
            ),
        ],
        spacing=SPACE_8,
        tight=True,
        expand=True,
    )
    photo = Avatar(name, photo_url, PHOTO)
    row: ft.Control = ft.Row([photo, words], spacing=SPACE_16)
    if use_cramped():
        words.expand = False
        row = ft.Column([photo, words], spacing=SPACE_12, tight=True)
    notes = [NoteLine(error, ft.Icons.ERROR_OUTLINE, BAD)] if error else []
    return ft.Column([row, *notes], spacing=SPACE_12, tight=True)
