"""The call's figures and their last two minutes, over the running call, for those who look."""

from collections.abc import Callable

import flet as ft

from app.call.contract.stats import QualitySample, Rating
from app.components.call.call_theme import ACCENT, PANEL, QUIET, TEXT, WARNING, stage_text
from app.components.call.quality.line_graph import LineGraph
from app.components.call.quality.rating import rating_icon
from app.components.design.theme import Type
from app.components.frame.clock import use_every
from app.components.frame.page_events import use_width
from app.state.call.call_context import use_call
from app.state.call.words.quality_words import RATING_WORDS, REDUCED_WORDS, sample_words

WIDTH = 340
CHECK_EVERY_S = 1.0
SHOWN_SAMPLES = 120
HIGHEST, TALLEST = 0.7, 520.0
"""A share of the window's height, and the height of all of it; what is longer is scrolled."""


@ft.component
def QualityPanel(wide: bool, on_close: Callable[[], object]) -> ft.Control:
    """At the side where there is room, else over the bottom. Redraws itself alone, once a second; Escape closes it."""
    call = use_call()
    page_width = use_width()
    width = WIDTH if wide else page_width - 16
    cross = ft.Icon(ft.Icons.CLOSE, semantics_label="Close the connection details", color=TEXT, size=20)
    head = ft.Row(
        [
            ft.Container(stage_text("Connection", role=Type.TITLE), expand=True),
            ft.IconButton(icon=cross, autofocus=True, on_click=lambda e: on_close()),
        ]
    )
    own, other = call.snapshot.own_quality, call.snapshot.peer_quality
    reduced = [stage_text(f"{REDUCED_WORDS}.", role=Type.SMALL, color=WARNING)] if call.snapshot.video_degraded else []
    rows: list[ft.Control] = [
        head,
        _side("You", own),
        _side(call.other_name, other),
        *reduced,
        Figures(call.engine.quality_samples if call.engine else tuple, width - 32),
    ]
    height = (ft.context.page.height or 720.0) * HIGHEST
    return ft.Container(
        right=16 if wide else 8,
        top=16 if wide else None,
        bottom=None if wide else 92,
        width=width,
        bgcolor=PANEL,
        border_radius=16,
        padding=16,
        content=ft.Column(
            [ft.Column(rows, spacing=12, tight=True, scroll=ft.ScrollMode.AUTO, height=min(height, TALLEST))],
            tight=True,
        ),
    )


def _side(name: str, rating: Rating | None) -> ft.Control:
    shown = [rating_icon(rating), stage_text(RATING_WORDS[rating])] if rating else [stage_text("–", color=QUIET)]
    words = RATING_WORDS[rating].lower() if rating else "not known"
    return ft.Semantics(
        label=f"{name}: {words}",
        exclude_semantics=True,
        content=ft.Row([ft.Container(stage_text(name), expand=True), *shown], spacing=6),
    )


@ft.component
def Figures(read: Callable[[], tuple[QualitySample, ...]], width: float) -> ft.Control:
    """Graphs of what changes and a list of the rest."""
    samples, set_samples = ft.use_state(read())
    use_every(CHECK_EVERY_S, lambda: set_samples(read()))
    if not samples:
        return stage_text("Measuring…", color=QUIET)
    words = dict(sample_words(samples[-1]))
    shown = samples[-SHOWN_SAMPLES:]
    trips = [each.round_trip_ms for each in shown]
    lost = [None if each.loss_in is None else each.loss_in * 100 for each in shown]
    kbit_in = [each.kbit_in for each in shown]
    graphs: list[ft.Control] = [
        LineGraph("Round trip", words.pop("Round trip"), trips, _top(trips, 100.0), width, ACCENT),
        LineGraph("Packet loss (incoming)", words.pop("Packet loss (incoming)"), lost, _top(lost, 5.0), width, WARNING),
        LineGraph("Received", _rate_words(kbit_in[-1]), kbit_in, _top(kbit_in, 500.0), width, ACCENT),
    ]
    words["Sent"] = _rate_words(samples[-1].kbit_out)
    return ft.Column([*graphs, *(_line(name, value) for name, value in words.items())], spacing=10, tight=True)


def _top(values: list[float | None] | list[float], least: float) -> float:
    return max([least, *(value for value in values if value is not None)])


def _rate_words(kbit: float) -> str:
    return f"{kbit / 1000:.1f} Mbit/s" if kbit >= 1000 else f"{kbit:.0f} kbit/s"


def _line(name: str, value: str) -> ft.Control:
    return ft.Semantics(
        label=f"{name}: {value}",
        exclude_semantics=True,
        content=ft.Row(
            [
                ft.Container(stage_text(name, role=Type.SMALL, color=QUIET), expand=True),
                stage_text(value, role=Type.SMALL),
            ],
            spacing=8,
        ),
    )
