"""The settings' section about where one is signed in."""

import flet as ft

from app.api.models import SignedInDevice
from app.components.design.buttons import SecondaryButton
from app.components.design.card import Section
from app.components.design.feedback import confirm, toast
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, GOOD, QUIET_INK, RADIUS_SMALL, SPACE_4, SPACE_8, SPACE_12, SPACE_16, Type
from app.components.frame.polling import use_polling
from app.state.account.signed_in_devices import SignedInDevices
from app.state.core.hooks import use_model
from app.state.core.services import use_services

SENTENCE = "A sign-in ends by itself after 30 days without use, and after 90 days in any case."


@ft.component
def DevicesSection() -> ft.Control:
    """Loads where one is signed in; every other device can be signed out, one by one or all at once."""
    services = use_services()
    devices = use_model(lambda: SignedInDevices(services))
    use_polling(devices.poll, [])

    async def end_others() -> None:
        words = "Every other device has to sign in again. This one stays signed in."
        if await confirm("Sign out everywhere else?", words, yes="Sign out") and await devices.end_others():
            toast("Signed out everywhere else.")

    controls: list[ft.Control] = []
    if devices.message:
        controls.append(NoteLine(devices.message, ft.Icons.ERROR_OUTLINE, BAD))
        if devices.devices is None:
            controls.append(ft.Row([SecondaryButton("Try again", devices.load, icon=ft.Icons.REFRESH)]))
    if devices.devices is not None:
        rows: list[ft.Control] = [DeviceRow(devices, each) for each in devices.devices]
        controls.append(ft.Column(rows, spacing=SPACE_16, tight=True))
        act = end_others if devices.others else None
        button = SecondaryButton(
            "Sign out everywhere else", act, "You are signed in here alone.", busy=devices.sending == "others"
        )
        controls.append(ft.Row([button], wrap=True))
    controls.append(ft.Text(SENTENCE, theme_style=Type.SMALL, color=QUIET_INK))
    return Section("Signed-in devices", controls)


@ft.component
def DeviceRow(devices: SignedInDevices, device: SignedInDevice) -> ft.Control:
    """One sign-in. This one is marked, and ended by signing out."""
    name, when = devices.words(device)

    async def end() -> None:
        words = f"{name} is signed out at once."
        if await confirm("End this sign-in?", words, yes="End it", danger=True) and await devices.end(device):
            toast(f"{name} is signed out.")

    head = ft.Row([ft.Text(name, theme_style=Type.TITLE), *([_this_one()] if device.is_this else [])], wrap=True)
    told = ft.Column(
        [head, ft.Text(when, theme_style=Type.SMALL, color=QUIET_INK)],
        spacing=SPACE_4,
        expand=True,
        tight=True,
    )
    button = [] if device.is_this else [SecondaryButton("End", end, busy=devices.sending == device.id)]
    icon = ft.Icon(ft.Icons.DEVICES, size=24, color=QUIET_INK)
    return ft.Row([icon, told, *button], spacing=SPACE_12, vertical_alignment=ft.CrossAxisAlignment.START)


def _this_one() -> ft.Control:
    """As status chips are: ground, icon and word."""
    words: list[ft.Control] = [
        ft.Icon(ft.Icons.CHECK, size=16, color=GOOD.ink),
        ft.Text("This device", theme_style=Type.LABEL, color=GOOD.ink, no_wrap=True),
    ]
    return ft.Container(
        ft.Row(words, spacing=SPACE_4, tight=True),
        bgcolor=GOOD.ground,
        border_radius=RADIUS_SMALL,
        padding=ft.Padding.symmetric(horizontal=SPACE_8, vertical=SPACE_4),
    )
