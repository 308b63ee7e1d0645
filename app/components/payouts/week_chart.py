"""Earnings as bars, a week each: above the line what is earned and booked, below it what returned to users."""

from collections.abc import Callable

import flet as ft

from app.components.design.theme import QUIET_INK, SPACE_4, SPACE_8, SPACE_12, SPACE_16, Type
from app.state.payouts.earnings_chart import Bar, Chart

PLOT_HEIGHT = 200
AXIS_WIDTH = 52
LABEL_HEIGHT = 20
BAR_MOST = 28
BAR_SHARE = 0.72
"""How much of its week's width a bar takes."""

PAID = ft.Colors.PRIMARY
UPCOMING, UPCOMING_EDGE = ft.Colors.PRIMARY_CONTAINER, ft.Colors.PRIMARY
REFUNDED = ft.Colors.TERTIARY
TODAY = ft.Colors.SURFACE_CONTAINER_HIGH
LINE, BASE_LINE = ft.Colors.OUTLINE_VARIANT, ft.Colors.OUTLINE


@ft.component
def WeekChart(chart: Chart, width: float, most_labels: int, text_scale: float = 1.0) -> ft.Control:
    """`width`: of the whole chart, in logical pixels. Every bar says its figures to a screen reader and on pointing."""
    axis = AXIS_WIDTH * text_scale
    each = (width - axis) / max(len(chart.bars), 1)
    thick = max(2.0, min(each * BAR_SHARE, BAR_MOST))
    label_height = LABEL_HEIGHT * text_scale
    px = PLOT_HEIGHT / chart.span_minor

    def at(minor: int) -> float:
        return (chart.top_minor - minor) * px

    plot = ft.Stack(
        [
            *(_line(at(tick.minor), tick.minor == 0) for tick in chart.ticks),
            ft.Row(
                [_week(bar, chart, px, thick) for bar in chart.bars],
                spacing=0,
                height=PLOT_HEIGHT,
                vertical_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
        ],
        height=PLOT_HEIGHT,
        expand=True,
    )
    dates = ft.Row(
        [
            ft.Container(
                ft.Text(label.words, theme_style=Type.SMALL, color=QUIET_INK, no_wrap=True), expand=label.weeks
            )
            for label in chart.labels(most_labels)
        ],
        spacing=0,
    )
    return ft.Column(
        [
            _legend(any(bar.refunded_minor for bar in chart.bars), any(bar.is_this_week for bar in chart.bars)),
            ft.Column(
                [
                    ft.Row(
                        [_axis(chart, at, axis, label_height), plot],
                        spacing=0,
                        vertical_alignment=ft.CrossAxisAlignment.START,
                    ),
                    ft.Container(
                        ft.Semantics(exclude_semantics=True, content=dates), padding=ft.Padding.only(left=axis)
                    ),
                ],
                spacing=SPACE_12,
                tight=True,
            ),
        ],
        spacing=SPACE_16,
        tight=True,
    )


def _axis(chart: Chart, at: Callable[[int], float], width: float, label_height: float) -> ft.Control:
    words: list[ft.Control] = [
        ft.Container(
            ft.Text(tick.words, theme_style=Type.SMALL, color=QUIET_INK, no_wrap=True, text_align=ft.TextAlign.RIGHT),
            top=at(tick.minor) - label_height / 2,
            right=SPACE_8,
            height=label_height,
            alignment=ft.Alignment.CENTER_RIGHT,
        )
        for tick in chart.ticks
    ]
    stack = ft.Stack(words, width=width, height=PLOT_HEIGHT, clip_behavior=ft.ClipBehavior.NONE)
    return ft.Semantics(exclude_semantics=True, content=stack)


def _line(top: float, base: bool) -> ft.Control:
    return ft.Container(top=top - 0.5, left=0, right=0, height=1, bgcolor=BASE_LINE if base else LINE)


def _week(bar: Bar, chart: Chart, px: float, thick: float) -> ft.Control:
    above = PLOT_HEIGHT * chart.top_minor / chart.span_minor
    paid, upcoming, refunded = (amount * px for amount in (bar.paid_minor, bar.upcoming_minor, bar.refunded_minor))
    pieces: list[ft.Control] = [ft.Container(height=max(above - paid - upcoming, 0))]
    if upcoming:
        edge = ft.Border.all(1.5, UPCOMING_EDGE)
        pieces.append(
            ft.Container(height=upcoming, width=thick, bgcolor=UPCOMING, border=edge, border_radius=_round(thick))
        )
    if paid:
        rounding = _round(0 if upcoming else thick)
        pieces.append(ft.Container(height=paid, width=thick, bgcolor=PAID, border_radius=rounding))
    if refunded:
        pieces.append(
            ft.Container(height=refunded, width=thick, bgcolor=REFUNDED, border_radius=_round(thick, below=True))
        )
    drawn = ft.Container(
        ft.Column(pieces, spacing=0, horizontal_alignment=ft.CrossAxisAlignment.CENTER),
        bgcolor=TODAY if bar.is_this_week else None,
        border_radius=SPACE_4,
        tooltip=bar.label or None,
        expand=True,
        alignment=ft.Alignment.TOP_CENTER,
    )
    if not bar.label:
        return drawn
    return ft.Semantics(label=bar.label, container=True, exclude_semantics=True, content=drawn, expand=True)


def _round(thick: float, below: bool = False) -> ft.BorderRadius:
    radius = min(thick / 4, SPACE_4)
    if below:
        return ft.BorderRadius.only(bottom_left=radius, bottom_right=radius)
    return ft.BorderRadius.only(top_left=radius, top_right=radius)


def _legend(refunded: bool, this_week: bool) -> ft.Control:
    entries = [_entry("Earned", PAID), _entry("Upcoming", UPCOMING, UPCOMING_EDGE)]
    if refunded:
        entries.append(_entry("Refunded", REFUNDED))
    if this_week:
        entries.append(_entry("This week", TODAY))
    return ft.Row(entries, spacing=SPACE_16, run_spacing=SPACE_4, wrap=True)


def _entry(words: str, colour: ft.Colors, edge: ft.Colors | None = None) -> ft.Control:
    swatch = ft.Container(
        width=12, height=12, border_radius=3, bgcolor=colour, border=ft.Border.all(1.5, edge) if edge else None
    )
    text = ft.Text(words, theme_style=Type.SMALL, color=QUIET_INK)
    return ft.Row([swatch, text], spacing=SPACE_8, tight=True)
