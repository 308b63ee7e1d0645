"""The settings' section about the account's e-mail."""

import flet as ft

from app.components.account.code_step import FactorField
from app.components.design.buttons import PrimaryButton, QuietButton, SecondaryButton
from app.components.design.card import Section, Stacked
from app.components.design.feedback import toast
from app.components.design.fields import Field
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, QUIET_INK, SPACE_8, SPACE_12, Type
from app.state.account.email_changing import EmailChanging
from app.state.core.hooks import use_model, use_observed
from app.state.core.services import use_services

SENTENCE = "You sign in with it, and mails go there."
WAITS = "Type the code from the mail to {email}. It is good for 30 minutes. Until then nothing changes."


@ft.component
def EmailSection() -> ft.Control:
    """The address, and changing it: the new one and the password first, then the code that went there."""
    services = use_services()
    account = use_observed(services.account).account
    change = use_model(lambda: EmailChanging(services))
    ft.use_effect(change.load, [])
    message = [NoteLine(change.message, ft.Icons.ERROR_OUTLINE, BAD)] if change.message else []
    if change.waits_for:
        steps = _code(change)
    elif change.opened:
        steps = _new_address(change)
    else:
        steps = [ft.Row([SecondaryButton("Change e-mail", change.open)])]
    told = ft.Column(
        [
            ft.Text(account.email if account else ""),
            ft.Text(SENTENCE, theme_style=Type.SMALL, color=QUIET_INK),
        ],
        spacing=0,
        tight=True,
    )
    return Section("E-mail address", [told, *message, *steps])


def _new_address(change: EmailChanging) -> list[ft.Control]:
    fields: list[ft.Control] = [
        Field(
            "New e-mail",
            change.email,
            lambda text: setattr(change, "email", text),
            error=change.field_errors.get("email", ""),
            keyboard=ft.KeyboardType.EMAIL,
            autofocus=True,
        ),
        Field(
            "Password",
            change.password,
            lambda text: setattr(change, "password", text),
            error=change.field_errors.get("password", ""),
            on_submit=change.begin,
            secret=True,
        ),
    ]
    if change.asks_factor:
        error = change.field_errors.get("code", "")
        fields.append(FactorField(change.factor, lambda text: setattr(change, "factor", text), error, change.begin))
    return [
        Stacked(fields, SPACE_12),
        ft.Row(
            [
                PrimaryButton("Send a code", change.begin, busy=change.sending == "begin"),
                SecondaryButton("Cancel", change.close),
            ],
            spacing=SPACE_8,
            wrap=True,
        ),
    ]


def _code(change: EmailChanging) -> list[ft.Control]:
    async def confirm() -> None:
        if await change.confirm():
            toast("Your e-mail is changed.")

    return [
        ft.Text(WAITS.format(email=change.waits_for)),
        Field(
            "Code from the mail",
            change.code,
            lambda text: setattr(change, "code", text),
            error=change.field_errors.get("code", ""),
            on_submit=confirm,
            keyboard=ft.KeyboardType.NUMBER,
            autofill=ft.AutofillHint.ONE_TIME_CODE,
        ),
        ft.Row([PrimaryButton("Change e-mail", confirm, busy=change.sending == "confirm")]),
        ft.Row(
            [
                QuietButton("Send again, or use another e-mail", change.use_another),
                QuietButton("Keep the old one", change.drop),
            ],
            spacing=0,
            wrap=True,
        ),
    ]
