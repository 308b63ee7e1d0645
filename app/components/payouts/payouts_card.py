"""Getting paid: what stands in the way with its one button, or that all is well, the fee, and the provider's page."""

import flet as ft

from app.components.design.buttons import PrimaryButton, SecondaryButton
from app.components.design.card import Card, Heading, Stacked
from app.components.design.fields import Choice
from app.components.design.links import ExternalLink, open_external
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
from app.state.payouts.payout_setup import PayoutSetup
from app.state.payouts.payout_words import PAID_OUT, WHERE, PayoutWords, fee_words

ICON_SIZE = 44


@ft.component
def PayoutsCard(payouts: PayoutSetup, wide: bool) -> ft.Control:
    """Nothing while nothing is known."""
    use_observed(payouts)
    if payouts.known is None:
        return ft.Container(visible=False)
    error = [NoteLine(payouts.page_error, ft.Icons.ERROR_OUTLINE, BAD)] if payouts.page_error else []
    controls: list[ft.Control]
    head = _head(payouts.words, f"{fee_words(payouts.known)} {PAID_OUT}", payouts.is_ready)
    way = _way(payouts)
    if wide and payouts.is_ready:  # all is well: as little room as it takes
        controls = [ft.Row([ft.Container(head, expand=True), *way], spacing=SPACE_16), *error]
    else:
        inset = ft.Padding.only(left=ICON_SIZE + SPACE_16 if wide else 0)
        below = [*_where(payouts), *(ft.Row([each]) for each in way)]
        controls = [head, *error, *(ft.Container(each, padding=inset) for each in below)]
    return Card(Stacked(controls), SPACE_24 if wide else SPACE_16)


def _head(words: PayoutWords, fee: str, ready: bool) -> ft.Control:
    lines: list[ft.Control] = [
        Heading(words.headline),
        *([ft.Text(words.sentence, theme_style=Type.BODY)] if words.sentence else []),
        ft.Text(fee, theme_style=Type.SMALL, color=QUIET_INK),
    ]
    return ft.Row(
        [_icon(ready), ft.Column(lines, spacing=SPACE_4, tight=True, expand=True)],
        spacing=SPACE_16,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _icon(ready: bool) -> ft.Control:
    tone: Tone = GOOD if ready else WAITING
    icon = ft.Icons.CHECK if ready else ft.Icons.ACCOUNT_BALANCE_OUTLINED
    return ft.Container(
        ft.Icon(icon, color=tone.ink, size=24),
        width=ICON_SIZE,
        height=ICON_SIZE,
        border_radius=ICON_SIZE / 2,
        bgcolor=tone.ground,
        alignment=ft.Alignment.CENTER,
    )


def _where(payouts: PayoutSetup) -> list[ft.Control]:
    """In which country: asked for once, as the provider opens the account there."""
    known = payouts.known
    if known is None or not known.countries or not payouts.may_choose:
        return []

    return [Choice(WHERE, payouts.country or None, country_choices(known.countries), payouts.choose, searchable=True)]


def _way(payouts: PayoutSetup) -> list[ft.Control]:
    """The one button; none where nothing can be opened."""
    if payouts.is_ready:
        dashboard = payouts.known.dashboard_url if payouts.known else None
        if dashboard:
            return [ExternalLink("Open your payouts", dashboard, on_open=payouts.used_dashboard)]
        page = ft.context.page

        async def see() -> None:
            url = await payouts.see_payouts()
            if url and not page.web:  # a browser refuses what does not open within the press: there a second one does
                await open_external(url)
                payouts.used_dashboard()

        return [SecondaryButton("See your payouts", see, busy=payouts.asking)]
    if payouts.page_url:
        return [ExternalLink(payouts.words.action, payouts.page_url, on_open=payouts.reopen, filled=True)]

    async def set_up() -> None:
        url = await payouts.set_up()
        if url:
            await open_external(url)
            await payouts.refresh_link()  # the link just opened is used up

    return [PrimaryButton(payouts.words.action, set_up, busy=payouts.asking)]
