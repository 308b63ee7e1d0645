"""The choice of a time zone, of which there are some 400."""

from collections.abc import Callable

import flet as ft

from app.components.design.fields import Choice
from app.state.account.account_settings import zone_choices


@ft.component
def _ZoneChoice(zone: str, error: str, on_choose: Callable[[str], object]) -> ft.Control:
    return Choice("Time zone", zone, zone_choices(zone), on_choose, error=error, searchable=True)


def ZoneField(zone: str, error: str, on_choose: Callable[[str], object]) -> ft.Control:
    """Memoised, so that typing elsewhere does not build and compare all zones with every letter: a form that is drawn
    again has to give the same `on_choose` (`use_ref`).
    """
    memoised: Callable[..., ft.Control] = ft.memo(_ZoneChoice)  # type: ignore[no-untyped-call]  # Flet declares no types
    return memoised(zone, error, on_choose)
