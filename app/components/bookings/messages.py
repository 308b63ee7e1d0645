"""What was written in a session's call, with the session."""

import flet as ft

from app.api.models import Message, Role
from app.components.design.buttons import OnClick, QuietButton
from app.components.design.card import Heading
from app.components.design.links import LinkedText
from app.components.design.theme import QUIET_INK, SPACE_4, SPACE_12, Type
from app.state.bookings.session_messages import DELETE, TITLE, head_words, show_words, shown_of
from app.state.core.services import use_services


@ft.component
def SessionMessages(messages: tuple[Message, ...], role: Role, name: str, on_delete: OnClick) -> ft.Control:
    """The last ones at first. `name` is the other's; `on_delete` deletes all, for both."""
    services = use_services()
    all_shown, show_all = ft.use_state(False)
    shown = messages if all_shown else shown_of(messages)
    more = [] if len(shown) == len(messages) else [QuietButton(show_words(len(messages)), lambda: show_all(True))]
    rows: list[ft.Control] = [
        ft.Column(
            [
                ft.Text(head_words(each, role, name, services.zone), theme_style=Type.SMALL, color=QUIET_INK),
                LinkedText(each.text, ft.Colors.ON_SURFACE, ft.Colors.PRIMARY),
            ],
            spacing=0,
            tight=True,
            key=each.id,
        )
        for each in shown
    ]
    delete = QuietButton(DELETE, on_delete, icon=ft.Icons.DELETE_OUTLINE)
    return ft.Column(
        [Heading(TITLE), *more, *rows, ft.Row([delete], alignment=ft.MainAxisAlignment.END)],
        spacing=SPACE_12 if len(rows) > 1 else SPACE_4,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
