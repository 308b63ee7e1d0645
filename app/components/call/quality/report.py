"""How a call ran, in words: on the page after it, and with the session for as long as it is kept."""

import flet as ft

from app.api.models import QualityReport, Role, SessionQuality, other_role
from app.call.contract.stats import Rating
from app.components.call.quality.rating import rating_icon
from app.components.design.theme import BOLD, Type
from app.state.call.words.quality_words import RATING_WORDS, figure_words, symptom_words, verdict_words


def quality_report(own: QualityReport | None, kept: SessionQuality | None, role: Role, other: str) -> list[ft.Control]:
    """`own` is this side's report as it was sent, before what is `kept` is known; `role` is one's own, `other` a name.
    Nothing where nothing was measured.
    """
    mine = (kept.of(role) if kept else None) or own
    theirs = kept.of(other_role(role)) if kept else None
    if mine is None and theirs is None:
        return []
    rows: list[ft.Control] = [_title("How the call ran")]
    if mine is not None:
        rows += [_verdict("For you", mine), *(_line(words) for words in symptom_words(mine))]
    if theirs is not None:
        rows.append(_verdict(f"For {other}", theirs))
    if mine is not None and (figures := figure_words(mine)):
        rows.append(_line(" · ".join(f"{name} {value}" for name, value in figures), Type.SMALL))
    return [
        ft.Container(
            ft.Column(rows, spacing=6, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            border_radius=12,
            padding=16,
            key="quality",
        )
    ]


def _title(words: str) -> ft.Control:
    return ft.Semantics(heading_level=2, content=ft.Text(words, theme_style=ft.TextThemeStyle.TITLE_SMALL))


def _verdict(whom: str, report: QualityReport) -> ft.Control:
    rating = Rating(report.own_rating) if report.own_rating in RATING_WORDS else Rating.FAIR
    return ft.Semantics(
        label=f"{whom}: {RATING_WORDS[rating].lower()}. {verdict_words(report)}",
        exclude_semantics=True,
        content=ft.Row(
            vertical_alignment=ft.CrossAxisAlignment.START,
            spacing=8,
            controls=[
                rating_icon(rating, 18, ft.Colors.ON_SURFACE_VARIANT),
                ft.Column(
                    [
                        ft.Text(
                            f"{whom}: {RATING_WORDS[rating].lower()}", weight=ft.FontWeight.W_600, font_family=BOLD
                        ),
                        ft.Text(verdict_words(report), color=ft.Colors.ON_SURFACE_VARIANT),
                    ],
                    spacing=2,
                    tight=True,
                    expand=True,
                ),
            ],
        ),
    )


def _line(words: str, role: ft.TextThemeStyle = Type.BODY) -> ft.Control:
    return ft.Text(words, theme_style=role, color=ft.Colors.ON_SURFACE_VARIANT)
