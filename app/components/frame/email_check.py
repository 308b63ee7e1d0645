"""The card that asks for the code from the mail, where Book or Add was pressed."""

import flet as ft

from app.components.design.buttons import PrimaryButton, QuietButton
from app.components.design.card import Card, Heading, Stacked
from app.components.design.fields import Field
from app.components.design.theme import FIELD, QUIET_INK, SPACE_8, SPACE_16, Type
from app.state.core.email_check import EmailCheck
from app.state.core.hooks import use_observed


@ft.component
def EmailCheckCard(check: EmailCheck) -> ft.Control:
    """The code is asked for as soon as this is shown. `check.then` is what the button goes on with."""
    use_observed(check)
    ft.use_effect(check.begin, [])
    ways = ft.Row(
        [
            QuietButton("Send a new code", check.send_code, busy=check.sending == "code"),
            QuietButton("Not now", check.not_now),
        ],
        spacing=SPACE_8,
        wrap=True,
    )
    controls: list[ft.Control] = [
        Heading("Confirm your e-mail"),
        ft.Text(check.note or f"A code goes to {check.email}.", theme_style=Type.SMALL, color=QUIET_INK),
        Field(
            "Code",
            check.code,
            check.type,
            error=check.error,
            on_submit=check.confirm,
            keyboard=ft.KeyboardType.NUMBER,
            autofill=ft.AutofillHint.ONE_TIME_CODE,
            autofocus=True,
        ),
        PrimaryButton(f"Confirm and {check.then}", check.confirm, busy=check.sending == "confirm", expand=True),
        ways,
    ]
    return Card(Stacked(controls), SPACE_16, ground=FIELD)
