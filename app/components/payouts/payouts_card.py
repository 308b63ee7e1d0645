"""Getting paid: what stands in the way with its one button, or that all is well, the fee, and the provider's page."""

import flet as ft

from app.components.design.buttons import PrimaryButton, SecondaryButton
from app.components.design.card import Card, Heading, Stacked
from app.components.design.fields import Choice
from app.components.design.links import OutsideButton, open_outside
from app.components.design.note_line import NoteLine
from app.components.design.theme import (
    BAD,
    GOOD,
    QUIET_INK,
    SPACE_4,
    SPACE_16,
    SPACE_24,
    WAITING,
    Tone,
    Type,
)
from app.state.core.hooks import use_observed
from app.state.payouts.countries import country_choices
from app.state.payouts.getting_paid import GettingPaid
from app.state.payouts.payout_words import PAID_OUT, WHERE, PayoutWords, fee_words

SIGN = 44


@ft.component
def PayoutsCard(paid: GettingPaid, wide: bool) -> ft.Control:
    """Nothing while nothing is known."""
    use_observed(paid)
    if paid.known is None:
        return ft.Container(visible=False)
    error = [NoteLine(paid.page_error, ft.Icons.ERROR_OUTLINE, BAD)] if paid.page_error else []
    controls: list[ft.Control]
    head = _head(paid.words, f"{fee_words(paid.known)} {PAID_OUT}", paid.is_ready)
    way = _way(paid)
    if wide and paid.is_ready:  # all is well: as little room as it takes
        controls = [ft.Row([ft.Container(head, expand=True), *way], spacing=SPACE_16), *error]
    else:
        inset = ft.Padding.only(left=SIGN + SPACE_16 if wide else 0)
        below = [*_where(paid), *(ft.Row([each]) for each in way)]
        controls = [head, *error, *(ft.Container(each, padding=inset) for each in below)]
    return Card(Stacked(controls), SPACE_24 if wide else SPACE_16)


def _head(words: PayoutWords, fee: str, ready: bool) -> ft.Control:
    lines: list[ft.Control] = [
        Heading(words.headline),
        *([ft.Text(words.sentence, theme_style=Type.BODY)] if words.sentence else []),
        ft.Text(fee, theme_style=Type.SMALL, color=QUIET_INK),
    ]
    return ft.Row(
        [_sign(ready), ft.Column(lines, spacing=SPACE_4, tight=True, expand=True)],
        spacing=SPACE_16,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _sign(ready: bool) -> ft.Control:
    tone: Tone = GOOD if ready else WAITING
    icon = ft.Icons.CHECK if ready else ft.Icons.ACCOUNT_BALANCE_OUTLINED
    return ft.Container(
        ft.Icon(icon, color=tone.ink, size=24),
        width=SIGN,
        height=SIGN,
        border_radius=SIGN / 2,
        bgcolor=tone.ground,
        alignment=ft.Alignment.CENTER,
    )


def _where(paid: GettingPaid) -> list[ft.Control]:
    """In which country: asked for once, as the provider opens the account there."""
    known = paid.known
    if known is None or not known.countries or not paid.may_choose:
        return []

    return [Choice(WHERE, paid.country or None, country_choices(known.countries), paid.choose, searchable=True)]


def _way(paid: GettingPaid) -> list[ft.Control]:
    """The one button; none where nothing can be opened."""
    if paid.is_ready:
        dashboard = paid.known.dashboard_url if paid.known else None
        if dashboard:
            return [OutsideButton("Open your payouts", dashboard, on_open=paid.used_dashboard)]
        page = ft.context.page

        async def see() -> None:
            url = await paid.see_payouts()
            if url and not page.web:  # a browser refuses what does not open within the press: there a second one does
                await open_outside(url)
                paid.used_dashboard()

        return [SecondaryButton("See your payouts", see, busy=paid.asking)]
    if paid.page_url:
        return [OutsideButton(paid.words.action, paid.page_url, on_open=paid.open_again, filled=True)]

    async def set_up() -> None:
        url = await paid.set_up()
        if url:
            await open_outside(url)
            await paid.renew()  # the link just opened is used up

    return [PrimaryButton(paid.words.action, set_up, busy=paid.asking)]
