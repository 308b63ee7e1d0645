"""The part of the settings about what is kept of a person."""

import flet as ft

from app.components.design.buttons import PrimaryButton, SecondaryButton
from app.components.design.card import Section
from app.components.design.feedback import toast
from app.components.design.fields import Field
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, QUIET_INK, SPACE_8, Type
from app.errors import AppError
from app.state.account.own_data import FILE_NAME, OwnData
from app.state.core.hooks import use_model
from app.state.core.picked_files import save_file
from app.state.core.services import use_services

WHAT_IT_IS = (
    "Everything that Rendezvous keeps of you, as one file: profile, sessions, payments, who was in a call when."
)


@ft.component
def YourData() -> ft.Control:
    """Saving a copy, and deleting the account: both say first what they do."""
    services = use_services()
    data = use_model(lambda: OwnData(services))

    async def save() -> None:
        content = await data.export()
        if content is None:
            return
        try:
            if await save_file("Save your data", FILE_NAME, content):
                toast("Saved.")
        except AppError as error:
            toast(error.detail)

    return Section(
        "Your data",
        [
            ft.Text(WHAT_IT_IS, theme_style=Type.SMALL, color=QUIET_INK),
            *([NoteLine(data.message, ft.Icons.ERROR_OUTLINE, BAD)] if data.message else []),
            ft.Row(
                [
                    SecondaryButton("Save a copy", save, busy=data.sending == "export"),
                    *(
                        [SecondaryButton("Delete account", data.ask, busy=data.sending == "asking")]
                        if data.deletion is None
                        else []
                    ),
                ],
                wrap=True,
            ),
            *([_question(data)] if data.deletion is not None else []),
        ],
    )


def _question(data: OwnData) -> ft.Control:
    async def delete() -> None:
        if await data.delete():
            ft.context.page.navigate("/sign-in")
            toast("Your account is deleted.")

    return ft.Column(
        [
            ft.Text("Delete your account?", theme_style=Type.TITLE),
            *(ft.Text(words) for words in data.words),
            Field(
                "Your password",
                data.password,
                lambda text: setattr(data, "password", text),
                error=data.password_error,
                on_submit=delete,
                secret=True,
            ),
            ft.Row(
                [
                    PrimaryButton("Delete my account", delete, busy=data.sending == "delete", danger=True),
                    SecondaryButton("Keep it", data.keep),
                ],
                wrap=True,
            ),
        ],
        spacing=SPACE_8,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
