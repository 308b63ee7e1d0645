"""A small graph of the last two minutes: one line, its newest value in words beside it."""

from collections.abc import Sequence

import flet as ft
import flet.canvas as cv

from app.components.call.call_theme import QUIET, RAISED, TEXT, stage_text
from app.components.design.theme import Type

HEIGHT = 44.0


@ft.component
def LineGraph(
    title: str, words: str, values: Sequence[float | None], most: float, width: float, color: str
) -> ft.Control:
    """`values` from the oldest to the newest, `None` a gap; `most` is the top. A screen reader reads `words`."""
    return ft.Semantics(
        label=f"{title}: {words}",
        exclude_semantics=True,
        content=ft.Column(
            spacing=4,
            tight=True,
            controls=[
                ft.Row(
                    [
                        ft.Container(stage_text(title, role=Type.SMALL, color=QUIET), expand=True),
                        stage_text(words, role=Type.SMALL, color=TEXT, weight=ft.FontWeight.W_600),
                    ]
                ),
                cv.Canvas(_shapes(values, most, width, color), width=width, height=HEIGHT),
            ],
        ),
    )


def _shapes(values: Sequence[float | None], most: float, width: float, color: str) -> list[cv.Shape]:
    ground = cv.Line(0, HEIGHT - 0.5, width, HEIGHT - 0.5, paint=ft.Paint(color=RAISED, stroke_width=1))
    line = ft.Paint(
        color=color,
        stroke_width=2,
        style=ft.PaintingStyle.STROKE,
        stroke_join=ft.StrokeJoin.ROUND,
        stroke_cap=ft.StrokeCap.ROUND,
    )
    return [ground, *(cv.Path(stretch, paint=line) for stretch in stretches(values, most, width))]


def stretches(values: Sequence[float | None], most: float, width: float) -> list[list[cv.Path.PathElement]]:
    """The line in pieces, broken where a value is missing; the newest value is at the right edge."""
    step = width / max(len(values) - 1, 1)
    pieces: list[list[cv.Path.PathElement]] = []
    going_on = False
    for index, value in enumerate(values):
        if value is None:
            going_on = False
            continue
        x, y = index * step, HEIGHT - 2 - min(max(value / most, 0.0), 1.0) * (HEIGHT - 4)
        if going_on:
            pieces[-1].append(cv.Path.LineTo(x, y))
        else:
            pieces.append([cv.Path.MoveTo(x, y)])
        going_on = True
    return [piece for piece in pieces if len(piece) > 1]
