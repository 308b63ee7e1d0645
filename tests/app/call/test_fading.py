"""The controls of a call fade while nobody needs them."""

import pytest

from tests.app.stage.call_stage import Call, together
from tests.app.stage.call_world import CALM


async def _fades(call: Call, faded: bool) -> None:
    def opacity() -> float:
        return float(min(getattr(each, "opacity", 1) or 0 for each in call.app.walk() if hasattr(each, "opacity")))

    await call.app.until(lambda: (opacity() < 0.5) is faded)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.components.call.stage.fading.FADE_AFTER_S", 0.1)
    monkeypatch.setattr("app.components.call.stage.fading.POLL_INTERVAL_S", 0.02)


async def test_controls_fade_in_a_calm_call_and_return_with_a_key(impatient: None) -> None:
    async with together() as call:
        await _fades(call, True)
        await call.app.key("Shift")
        await _fades(call, False)


async def test_faded_controls_can_still_be_pressed(impatient: None) -> None:
    async with together() as call:
        await _fades(call, True)
        await call.app.click("End call")
        await call.app.shows("You left the call")


async def test_controls_with_the_focus_in_them_do_not_fade(impatient: None) -> None:
    async with together() as call:
        await call.app.fire(call.app.button("End call"), "focus")
        await call.app.settle(200)
        await _fades(call, False)


async def test_a_bar_that_is_replaced_while_focused_does_not_keep_the_controls_for_ever(impatient: None) -> None:
    """The client reports no blur of a button that is gone."""
    async with together() as call:
        former = call.app.button("End call")
        await call.app.fire(former, "focus")
        await call.app.resize(390)
        assert call.app.button("End call") is not former
        await _fades(call, True)


async def test_controls_stay_where_a_screen_reader_is_on(impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CALM["get_accessibility_features"], "accessible_navigation", True)
    async with together() as call:
        await call.app.settle(200)
        await _fades(call, False)
