"""How the call is shown: side by side or one large, oneself in a corner, the connection's figures, full screen."""

from typing import Any

import flet as ft
import pytest
from flet.components.public_utils import unwrap_component

from app.call.contract.stats import QualitySample, Rating, VideoSize
from app.components.call.quality.line_graph import HEIGHT, stretches
from app.components.call.stage.layout import corner_after, nearest_corner
from app.components.design.theme import DARK
from app.state.core.kept.device import load_preferences, save_preferences
from app.state.core.kept.preferences import Preferences
from tests.app.stage.call_stage import ADA, Call, joined, together
from tests.app.stage.show_call import AT_ONCE, MOMENTS
from tests.fakes.device_store import FakeDeviceStore

SAMPLE = QualitySample(
    at_s=1.0,
    span_s=1.0,
    round_trip_ms=42.0,
    loss_in=0.015,
    loss_out=0.0,
    concealed=0.0,
    jitter_buffer_ms=38.0,
    kbit_in=1480.0,
    kbit_out=910.0,
    received=VideoSize(1280, 720, 30.0),
    sent=VideoSize(640, 360, 20.0),
    encoder="libvpx",
)


def own_tile(call: Call) -> bool:
    return any(label.startswith("Video of yourself") for label in call.app.labels())


@pytest.mark.parametrize(
    ("corner", "key", "after"),
    [
        ("bottom_right", "Arrow Left", "bottom_left"),
        ("bottom_left", "Arrow Up", "top_left"),
        ("top_left", "Arrow Right", "top_right"),
        ("top_right", "Arrow Down", "bottom_right"),
        ("top_right", "Arrow Up", "top_right"),
        ("top_right", "Enter", "top_right"),
    ],
)
def test_an_arrow_key_moves_the_own_picture_to_that_side(corner: str, key: str, after: str) -> None:
    assert corner_after(corner, key) == after


def test_a_dropped_picture_goes_to_the_nearest_corner() -> None:
    assert nearest_corner(100, 80, 1280, 720) == "top_left"
    assert nearest_corner(1100, 80, 1280, 720) == "top_right"
    assert nearest_corner(630, 400, 1280, 720) == "bottom_left"


async def test_the_stage_is_dark_in_our_colours_whatever_the_page_is() -> None:
    """A container that is dark by its own mode takes its `dark_theme`; without one Flet gives Material's blue."""
    async with together() as call:
        stage = call.app.find(ft.Container, theme_mode=ft.ThemeMode.DARK)
        assert isinstance(stage.dark_theme, ft.Theme)
        assert stage.dark_theme.color_scheme is not None
        assert stage.dark_theme.color_scheme.primary == DARK["primary"]


async def test_l_changes_the_layout_and_the_choice_is_kept() -> None:
    async with together() as call:
        assert call.world.services.preferences.call_layout == "large"
        await call.app.key("l")
        await call.app.until(lambda: "Show one large" in call.app.labels())
        assert call.world.services.preferences.call_layout == "side"
        assert own_tile(call)
        await call.app.click("Show one large")
        await call.app.until(lambda: "Show side by side" in call.app.labels())
        assert call.world.services.preferences.call_layout == "large"


async def test_a_double_click_changes_the_layout() -> None:
    async with together() as call:
        stage = next(each for each in call.app.all(ft.GestureDetector) if each.on_double_tap)
        await call.app.fire(stage, "double_tap", {})
        await call.app.until(lambda: call.world.services.preferences.call_layout == "side")


def placed(call: Call) -> dict[str, Any]:
    """Where the own picture's handle stands."""
    held = next(
        each
        for each in call.app.all(ft.Container)
        if isinstance(each.content, ft.GestureDetector) and each.content.on_pan_end
    )
    return {side: getattr(held, side) for side in ("left", "right", "top", "bottom")}


async def test_the_arrows_move_the_own_picture() -> None:
    async with together() as call:
        assert (placed(call)["right"], placed(call)["left"]) == (16.0, None)
        await call.app.key("Arrow Left")
        await call.app.until(lambda: placed(call)["left"] == 16.0)
        await call.app.key("Arrow Up")
        await call.app.until(lambda: placed(call)["bottom"] is None)
        assert call.world.services.preferences.call_inset == "top_left"


async def test_a_dragged_picture_follows_and_stays_in_the_corner_where_it_is_dropped() -> None:
    at = {"x": 200, "y": 100}
    async with together() as call:
        handle = next(each for each in call.app.all(ft.GestureDetector) if each.on_pan_end)
        before = placed(call)
        await call.app.fire(handle, "pan_start", {"l": {"x": 5, "y": 5}, "g": {"x": 1100, "y": 600}, "k": "mouse"})
        await call.app.fire(handle, "pan_update", {"l": {"x": 5, "y": 5}, "g": {"x": 200, "y": 100}})
        await call.app.until(lambda: placed(call)["left"] is not None)
        assert before["left"] is None
        handle = next(each for each in call.app.all(ft.GestureDetector) if each.on_pan_end)
        await call.app.fire(handle, "pan_end", {"l": at, "g": at, "v": {"x": 0, "y": 0}})
        await call.app.until(lambda: call.world.services.preferences.call_inset == "top_left")


async def test_both_connections_are_said_in_a_word_each() -> None:
    async with together() as call:
        call.engine.become(call.engine.snapshot().state, own_quality=Rating.FAIR, peer_quality=Rating.GOOD)
        await call.app.until(lambda: "Your connection: fair. Show details" in call.app.labels())
        assert f"{ADA}'s connection: good. Show details" in call.app.labels()


async def test_a_weak_connection_and_a_reduced_picture_are_said_over_the_picture() -> None:
    async with together() as call:
        state = call.engine.snapshot().state
        call.engine.become(state, own_quality=Rating.POOR, peer_quality=Rating.POOR, video_degraded=True)
        await call.app.shows("Your connection is weak")
        await call.app.shows(f"{ADA}'s connection is weak")
        await call.app.shows("Your video was reduced to keep the sound clear")


async def test_q_shows_the_figures_and_escape_closes_them() -> None:
    async with together() as call:
        call.engine.samples = (SAMPLE,) * 5
        await call.app.key("q")
        await call.app.until(lambda: "Round trip: 42 ms" in call.app.labels())
        said = ("Packet loss (incoming): 1.5 %", "Received: 1.5 Mbit/s", "Video sent: 360p, 20 fps")
        for words in (*said, "Video encoder: libvpx"):
            assert words in call.app.labels()
        await call.app.key("Escape")
        await call.app.until(lambda: "Round trip: 42 ms" not in call.app.labels())


async def test_the_figures_fit_a_narrow_window() -> None:
    async with together(width=390) as call:
        call.engine.samples = (SAMPLE,)
        await call.app.key("q")
        await call.app.until(lambda: "Sent: 910 kbit/s" in call.app.labels())


def test_a_graph_is_broken_where_nothing_is_known_and_ends_at_the_right_edge() -> None:
    pieces = stretches([1.0, 2.0, None, 0.0, 4.0], 4.0, 100.0)
    assert [len(piece) for piece in pieces] == [2, 2]
    newest: Any = pieces[-1][-1]
    assert (newest.x, newest.y) == (100.0, 2)
    lowest: Any = pieces[-1][0]
    assert lowest.y == HEIGHT - 2


async def test_f_makes_the_window_full_screen_and_escape_ends_it() -> None:
    async with together() as call:
        await call.app.key("f")
        await call.app.until(lambda: call.app.page.window.full_screen)
        await call.app.until(lambda: "Leave full screen" in call.app.labels())
        await call.app.key("Escape")
        await call.app.until(lambda: not call.app.page.window.full_screen)


async def test_a_browser_is_told_of_its_own_key() -> None:
    async with together(web=True) as call:
        assert "Full screen" not in call.app.labels()
        await call.app.key("f")
        await call.app.shows("Press F11 for your browser's full screen")


async def test_a_hidden_tab_costs_no_picture_until_it_is_back() -> None:
    async with together() as call:
        page = call.app.page
        await call.app.fire(page, "app_lifecycle_state_change", {"state": "hide"})
        await call.app.until(lambda: not call.engine.watched)
        await call.app.fire(page, "app_lifecycle_state_change", {"state": "show"})
        await call.app.until(lambda: call.engine.watched)


async def test_the_layout_and_the_corner_are_kept_on_the_device() -> None:
    store, again = FakeDeviceStore(), Preferences()
    await save_preferences(store, Preferences(call_layout="side", call_inset="top_left"))
    await load_preferences(store, again)
    assert (again.call_layout, again.call_inset) == ("side", "top_left")


async def test_a_layout_that_is_not_known_is_left_aside() -> None:
    preferences = Preferences()
    await load_preferences(
        FakeDeviceStore(**{"rendezvous.call_layout": "mosaic", "rendezvous.call_inset": "middle"}), preferences
    )
    assert (preferences.call_layout, preferences.call_inset) == ("large", "bottom_right")


@pytest.mark.parametrize("moment", [each for each in MOMENTS if each not in AT_ONCE])
async def test_every_word_of_a_call_follows_the_chosen_text_size_and_no_line_that_wraps_has_what_expands(
    moment: str,
) -> None:
    """A size of its own would stay as it is; Flutter draws a grey box over a wrapping line in which a child expands."""
    async with joined(width=390) as call:
        MOMENTS[moment](call.world)
        await call.app.settle(20)
        sized = {str(text.value) for text in call.app.all(ft.Text) if text.size is not None}
        assert sized <= {"AL", "GH"}, "besides the initials, which fit into their circle"
        assert [
            row
            for row in call.app.all(ft.Row, wrap=True)
            if any(getattr(unwrap_component(each), "expand", None) for each in row.controls)
        ] == []
