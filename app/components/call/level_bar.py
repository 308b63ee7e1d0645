"""How loud the own microphone is right now."""

from collections.abc import Callable

import flet as ft

from app.components.call.stage_look import ACCENT
from app.state.core.clock import use_every

EVERY_S = 0.1
STEPS = 12


@ft.component
def LevelBar(level: Callable[[], float], on: bool, track: ft.ColorValue) -> ft.Control:
    """Asks `level` (0..1) ten times a second and draws itself anew only when a step changes; a component of its own,
    so that nothing around it does. Screen readers are told its name, not its dance.
    """
    lit, set_lit = ft.use_state(0)

    def look() -> None:
        set_lit(min(STEPS, round(level() ** 0.5 * STEPS)) if on else 0)

    use_every(EVERY_S, look)
    return ft.Semantics(
        label="Microphone level",
        exclude_semantics=True,
        content=ft.Row(
            spacing=3,
            controls=[
                ft.Container(expand=True, height=6, border_radius=3, bgcolor=ACCENT if step < lit else track)
                for step in range(STEPS)
            ],
        ),
    )
