"""Settings: name, time zone, how the app looks, how calls sound, which mails come, e-mail, password, second factor,
signed-in devices, sign out.
"""

from collections.abc import Callable

import flet as ft

from app.api.models import Account
from app.call.contract.devices import AudioBackend
from app.components.account.devices_section import DevicesSection
from app.components.account.email_section import EmailSection
from app.components.account.mail_section import MailSection
from app.components.account.second_factor_section import SecondFactorSection
from app.components.account.your_data import YourData
from app.components.account.zone_field import ZoneField
from app.components.design.avatar import Avatar
from app.components.design.buttons import PrimaryButton, SecondaryButton
from app.components.design.card import Section
from app.components.design.feedback import confirm, toast
from app.components.design.fields import Choice, Field, SwitchRow
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, QUIET_INK, SPACE_12, SPACE_16, Type
from app.components.frame.page import Page
from app.state.account.account_settings import AccountSettings
from app.state.core.hooks import use_model, use_observed, use_ref
from app.state.core.kept.preferences import Preferences
from app.state.core.services import use_services
from app.state.core.wall_time import zone_words

SOUNDS = (
    (AudioBackend.PORTAUDIO.value, "Rendezvous audio"),
    (AudioBackend.PLATFORM.value, "System audio"),
)
SOUND_WORDS = (
    "Rendezvous audio is best where it works. Try system audio if calls are choppy or a device does not work. "
    "It has no level meter, no test sound and no notice when you speak while muted. Changes apply from the next call."
)
NOTICE_WORDS = (
    "When the other person waits for you, ten minutes before a session, and when someone books one. "
    "Also while the window is minimised."
)
BRIGHTNESS = (("system", "System default"), ("light", "Light"), ("dark", "Dark"))
TEXT_SIZES = (("normal", "Normal"), ("large", "Large"), ("larger", "Larger"), ("largest", "Largest"))


@ft.component
def Settings() -> ft.Control:
    """Routes `/settings` (both) and `/account` (the user's third tab)."""
    services = use_services()
    account = use_observed(services.account).account
    form = use_model(lambda: AccountSettings(services))
    preferences = use_observed(services.preferences)
    choose_zone = use_ref(lambda name: setattr(form, "time_zone", name))  # the same object over renders

    async def sign_out() -> None:
        if await confirm("Sign out?", "You can sign in again at any time.", yes="Sign out"):
            await services.sign_in.sign_out()
            ft.context.page.navigate("/sign-in")

    if account is None:
        return ft.Container()
    return Page(
        "Settings" if account.is_professional else "Account",
        [
            _who(account),
            *([NoteLine(form.message, ft.Icons.ERROR_OUTLINE, BAD)] if form.message else []),
            _about_you(form, account.is_professional, choose_zone.current),
            _appearance(preferences),
            *([_calls(preferences)] if services.new_engine is not None else []),
            *([_notices(preferences)] if services.can_notify else []),
            MailSection(),
            EmailSection(),
            _password(form),
            *([SecondFactorSection()] if account.is_professional else []),
            DevicesSection(),
            YourData(),
            ft.Row([SecondaryButton("Sign out", sign_out, icon=ft.Icons.LOGOUT)]),
        ],
    )


def _who(account: Account) -> ft.Control:
    return ft.Row(
        [
            Avatar(account.name, size=56),
            ft.Column(
                [
                    ft.Text(account.name, theme_style=Type.SECTION),
                    ft.Text(account.email, theme_style=Type.SMALL, color=QUIET_INK),
                ],
                spacing=0,
                expand=True,
            ),
        ],
        spacing=SPACE_16,
    )


def _about_you(form: AccountSettings, professional: bool, choose_zone: Callable[[str], object]) -> ft.Control:
    async def save() -> None:
        if await form.save():
            toast(form.saved)

    here = zone_words(form.services.zone)
    meaning = (
        "The hours that you publish are in this time zone."
        if professional
        else f"Used on devices that don't report a time zone. Here, times are in {here} time."
    )
    return Section(
        "You",
        [
            Field(
                "Name",
                form.name,
                lambda text: setattr(form, "name", text),
                error=form.field_errors.get("name", ""),
                on_submit=save,
            ),
            ZoneField(form.time_zone, form.field_errors.get("time_zone", ""), choose_zone),
            ft.Text(meaning, theme_style=Type.SMALL, color=QUIET_INK),
            ft.Row([PrimaryButton("Save", save if form.changed else None, busy=form.sending == "account")]),
        ],
    )


def _appearance(preferences: Preferences) -> ft.Control:
    return Section(
        "Appearance",
        [
            Choice("Theme", preferences.brightness, BRIGHTNESS, lambda key: setattr(preferences, "brightness", key)),
            Choice("Text size", preferences.text_size, TEXT_SIZES, lambda key: setattr(preferences, "text_size", key)),
        ],
    )


def _calls(preferences: Preferences) -> ft.Control:
    return Section(
        "Calls",
        [
            Choice("Sound", preferences.sound, SOUNDS, lambda key: setattr(preferences, "sound", key)),
            ft.Text(SOUND_WORDS, theme_style=Type.SMALL, color=QUIET_INK),
        ],
    )


def _notices(preferences: Preferences) -> ft.Control:
    def switched(on: bool) -> None:
        preferences.notices = "on" if on else "off"

    return Section(
        "Notifications",
        [
            SwitchRow("Show notifications", preferences.notices == "on", switched),
            ft.Text(NOTICE_WORDS, theme_style=Type.SMALL, color=QUIET_INK),
        ],
    )


def _password(form: AccountSettings) -> ft.Control:
    async def change() -> None:
        if await form.change_password():
            toast(form.saved)

    return Section(
        "Password",
        [
            ft.Column(
                [
                    Field(
                        "Current password",
                        form.current_password,
                        lambda text: setattr(form, "current_password", text),
                        error=form.field_errors.get("current_password", ""),
                        secret=True,
                    ),
                    Field(
                        "New password",
                        form.new_password,
                        lambda text: setattr(form, "new_password", text),
                        error=form.field_errors.get("new_password", ""),
                        on_submit=change,
                        secret=True,
                    ),
                ],
                spacing=SPACE_12,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
            ft.Row([SecondaryButton("Change password", change, busy=form.sending == "password")]),
        ],
    )
