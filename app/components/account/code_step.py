"""The second step of signing in: a code beside the password."""

from collections.abc import Callable

import flet as ft

from app.components.design.buttons import OnClick, PrimaryButton
from app.components.design.fields import Field

LEAD = "Type the code from your authenticator app. Without the app, one of your recovery codes does it."


def FactorField(code: str, on_change: Callable[[str], object], error: str, on_submit: OnClick) -> ft.Control:
    """Takes digits of an app and letters from paper."""
    return Field(
        "Code",
        code,
        on_change,
        error=error,
        on_submit=on_submit,
        keyboard=ft.KeyboardType.VISIBLE_PASSWORD,  # digits and letters, and nothing is corrected
        autofill=ft.AutofillHint.ONE_TIME_CODE,
        autofocus=True,
    )


def CodeStep(
    code: str, on_change: Callable[[str], object], error: str, on_submit: OnClick, busy: bool
) -> list[ft.Control]:
    """The field and the button, for a page whose lead is `LEAD`."""
    return [
        FactorField(code, on_change, error, on_submit),
        PrimaryButton("Sign in", on_submit, busy=busy, expand=True),
    ]
