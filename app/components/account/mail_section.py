"""The settings' section about mails: a switch for each kind."""

import flet as ft

from app.components.design.buttons import SecondaryButton
from app.components.design.card import Section
from app.components.design.fields import SwitchRow
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, QUIET_INK, SPACE_4, Type
from app.components.frame.polling import use_polling
from app.state.account.mail_switches import MailSwitches
from app.state.core.hooks import use_model
from app.state.core.services import use_services

SENTENCE = (
    "Codes that you ask for, and what has to do with the safety of your account, are always sent. "
    "Every other mail has a link that switches its kind off, too."
)


@ft.component
def MailSection() -> ft.Control:
    """Loads what is on; without an answer there is nothing to switch, but a way to try again."""
    services = use_services()
    mails = use_model(lambda: MailSwitches(services))
    use_polling(mails.poll, [])
    controls: list[ft.Control] = []
    if mails.message:
        controls.append(NoteLine(mails.message, ft.Icons.ERROR_OUTLINE, BAD))
        if mails.switches is None:
            controls.append(ft.Row([SecondaryButton("Try again", mails.load, icon=ft.Icons.REFRESH)]))
    if mails.switches is not None:
        switches: list[ft.Control] = [MailSwitchRow(mails, *each) for each in mails.shown]
        controls.append(ft.Column(switches, spacing=SPACE_4, tight=True))
    controls.append(ft.Text(SENTENCE, theme_style=Type.SMALL, color=QUIET_INK))
    return Section("E-mails", controls)


@ft.component
def MailSwitchRow(mails: MailSwitches, kind: str, words: str, on: bool) -> ft.Control:
    """One kind."""

    return SwitchRow(words, on, lambda wanted: mails.switch(kind, wanted))
