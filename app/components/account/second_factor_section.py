"""The settings' section about a professional's second factor."""

from collections.abc import Sequence

import flet as ft

from app.components.account.code_step import FactorField
from app.components.design.buttons import OnClick, PrimaryButton, SecondaryButton
from app.components.design.card import Card, Section, Stacked
from app.components.design.copying import CopyButton
from app.components.design.feedback import toast
from app.components.design.fields import Field
from app.components.design.note_line import NoteLine
from app.components.design.qr_code import QrCode
from app.components.design.theme import BAD, FIELD, QUIET_INK, SPACE_8, SPACE_12, SPACE_16, Type
from app.state.account.second_factor import FactorStep, SecondFactorForm
from app.state.core.hooks import use_model
from app.state.core.services import use_services

WHAT_IT_IS = "A code from an authenticator app on your phone, asked for after your password whenever you sign in."
SCAN = "Scan this code with your authenticator app, or type the key into it. Then type the 6 digits that it shows."
CODES = (
    "The second factor is on. If you lose your phone, each of these recovery codes lets you in once. "
    "Print or write them down: they are shown only now."
)
TURN_OFF = "Signing in will ask for your password alone."


@ft.component
def SecondFactorSection() -> ft.Control:
    """Loads whether it is on, and leads through setting it up and turning it off."""
    services = use_services()
    form = use_model(lambda: SecondFactorForm(services))
    ft.use_effect(form.load, [])
    controls: list[ft.Control] = []
    if form.step is not FactorStep.CODES:
        controls.append(ft.Text(WHAT_IT_IS, theme_style=Type.SMALL, color=QUIET_INK))
    if form.message:
        controls.append(NoteLine(form.message, ft.Icons.ERROR_OUTLINE, BAD))
    return Section("Second factor", [*controls, *_steps(form)])


def _steps(form: SecondFactorForm) -> list[ft.Control]:
    if form.step is FactorStep.PASSWORD:
        return _ask_password(form)
    if form.step is FactorStep.SCAN:
        return _scan(form)
    if form.step is FactorStep.CODES:
        return _codes(form)
    if form.step is FactorStep.OFF:
        return _off(form)
    if form.state is None:
        return [ft.Row([SecondaryButton("Try again", form.load, icon=ft.Icons.REFRESH)])] if form.message else []
    if form.is_on:
        return [ft.Text(form.words), ft.Row([SecondaryButton("Turn off", form.begin)])]
    return [ft.Row([SecondaryButton("Set up", form.begin)])]


def _ask_password(form: SecondFactorForm) -> list[ft.Control]:
    go_on = PrimaryButton("Continue", form.ask_key, busy=form.sending == "key")
    return [_password(form, form.ask_key), _buttons([go_on, SecondaryButton("Cancel", form.leave)])]


def _scan(form: SecondFactorForm) -> list[ft.Control]:
    secret, address = (form.set_up.secret, form.set_up.address) if form.set_up else ("", "")
    phone = ft.context.page.platform is not None and ft.context.page.platform.is_mobile()

    async def open_app() -> None:
        await ft.UrlLauncher().launch_url(address)

    return [
        ft.Text(SCAN),
        QrCode(address, "QR code for your authenticator app"),
        ft.Text(form.key_words, theme_style=Type.TITLE, text_align=ft.TextAlign.CENTER),
        _buttons(
            [
                CopyButton("Copy the key", secret, "The key is copied."),
                *([SecondaryButton("Open the authenticator app", open_app)] if phone else []),
            ]
        ),
        Field(
            "Code",
            form.code,
            lambda text: setattr(form, "code", text),
            error=form.field_errors.get("code", ""),
            on_submit=form.turn_on,
            keyboard=ft.KeyboardType.NUMBER,
            autofill=ft.AutofillHint.ONE_TIME_CODE,
        ),
        _buttons(
            [
                PrimaryButton("Turn on", form.turn_on, busy=form.sending == "on"),
                SecondaryButton("Cancel", form.leave),
            ]
        ),
    ]


def _codes(form: SecondFactorForm) -> list[ft.Control]:
    codes: list[ft.Control] = [ft.Text(code, theme_style=Type.BODY) for code in form.recovery_codes]
    return [
        ft.Semantics(live_region=True, content=ft.Text(CODES)),
        Card(ft.Column(codes, spacing=SPACE_8, tight=True), SPACE_16, ground=FIELD),
        _buttons(
            [
                PrimaryButton("I have kept them", form.kept),
                CopyButton("Copy the codes", "\n".join(form.recovery_codes), "The codes are copied."),
            ]
        ),
    ]


def _off(form: SecondFactorForm) -> list[ft.Control]:
    async def turn_off() -> None:
        if await form.turn_off():
            toast("The second factor is off.")

    error = form.field_errors.get("code", "")
    return [
        ft.Text(TURN_OFF),
        Stacked(
            [
                _password(form, turn_off),
                FactorField(form.code, lambda text: setattr(form, "code", text), error, turn_off),
            ],
            SPACE_12,
        ),
        _buttons(
            [
                PrimaryButton("Turn it off", turn_off, busy=form.sending == "off", danger=True),
                SecondaryButton("Keep it", form.leave),
            ]
        ),
    ]


def _password(form: SecondFactorForm, on_submit: OnClick) -> ft.Control:
    return Field(
        "Password",
        form.password,
        lambda text: setattr(form, "password", text),
        error=form.field_errors.get("password", ""),
        on_submit=on_submit,
        secret=True,
    )


def _buttons(buttons: Sequence[ft.Control]) -> ft.Control:
    return ft.Row([*buttons], spacing=SPACE_8, run_spacing=SPACE_8, wrap=True)
