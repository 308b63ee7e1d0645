"""A forgotten password: the e-mail, then the code from the mail with a new password."""

import flet as ft

from app.components.account.auth_frame import AuthFrame
from app.components.account.code_step import LEAD, CodeStep
from app.components.design.buttons import PrimaryButton, QuietButton
from app.components.design.fields import Field, may_take_focus_first
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD
from app.state.account.forgotten_form import ForgottenForm
from app.state.core.history import sign_in_for
from app.state.core.hooks import use_model
from app.state.core.services import use_services

ASK = "Type the e-mail of your account. We send you a code for a new password."
TYPE_CODE = (
    "If {email} has an account, a code is on its way. It is good for 30 minutes. "
    "With the new password you are signed out on every other device."
)


@ft.component
def ForgottenPassword() -> ft.Control:
    """Route `/forgotten`, for whoever is not signed in. Right, it signs in."""
    services = use_services()
    page = ft.context.page
    form = use_model(lambda: ForgottenForm(services))
    message = [NoteLine(form.message, ft.Icons.ERROR_OUTLINE, BAD)] if form.message else []
    leave = lambda: page.navigate(sign_in_for(page.route or ""))  # noqa: E731  a handler of one call
    back = ft.Row([QuietButton("Back to signing in", leave)], alignment=ft.MainAxisAlignment.CENTER)
    if form.asks_factor:
        error = form.field_errors.get("code", "")
        typed = lambda text: setattr(form, "factor", text)  # noqa: E731  a handler of one call
        step = CodeStep(form.factor, typed, error, form.submit_factor, form.sending)
        return AuthFrame("Your new password is set", LEAD, [*message, *step, back])
    if form.sent:
        lead = TYPE_CODE.format(email=form.email.strip())
        return AuthFrame("Choose a new password", lead, [*message, *_second(form), back])
    return AuthFrame("Forgot your password?", ASK, [*message, *_first(form), back])


def _first(form: ForgottenForm) -> list[ft.Control]:
    return [
        Field(
            "E-mail",
            form.email,
            lambda text: setattr(form, "email", text),
            error=form.field_errors.get("email", ""),
            on_submit=form.send_code,
            keyboard=ft.KeyboardType.EMAIL,
            autofill=ft.AutofillHint.EMAIL,
            autofocus=may_take_focus_first(),
        ),
        PrimaryButton("Send a code", form.send_code, busy=form.sending, expand=True),
    ]


def _second(form: ForgottenForm) -> list[ft.Control]:
    return [
        Field(
            "Code",
            form.code,
            lambda text: setattr(form, "code", text),
            error=form.field_errors.get("code", ""),
            keyboard=ft.KeyboardType.NUMBER,
            autofill=ft.AutofillHint.ONE_TIME_CODE,
            autofocus=True,
        ),
        Field(
            "New password",
            form.new_password,
            lambda text: setattr(form, "new_password", text),
            error=form.field_errors.get("new_password", ""),
            on_submit=form.submit,
            secret=True,
            autofill=ft.AutofillHint.NEW_PASSWORD,
        ),
        PrimaryButton("Set the new password", form.submit, busy=form.sending, expand=True),
        ft.Row(
            [QuietButton("Send a new code", form.send_code), QuietButton("Use another e-mail", form.other_email)],
            spacing=0,
            wrap=True,
            alignment=ft.MainAxisAlignment.CENTER,
        ),
    ]
