"""Holding the space bar while muted, and the word to one who speaks though muted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import flet as ft

from app.call.contract.call_state import CallState
from app.components.call.stage.keyboard.push_to_talk import REPEATS_STOPPED_S, HeldKey
from tests.app.stage.call_world import CALM, CallWorld
from tests.app.stage.harness import Harness, screen
from tests.fakes.api import NOW
from tests.fakes.call_engine import FakeCallEngine

HOLDING, MUTED = "You're unmuted while you hold Space", "You're muted. Press M, or hold Space to speak."


@asynccontextmanager
async def in_call() -> AsyncIterator[tuple[Harness, FakeCallEngine]]:
    world = CallWorld()
    async with screen(world.view, width=1280, replies=CALM) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.until(lambda: world.engine.credentials)
        world.engine.become(CallState.WAITING)
        world.engine.let_other_in("Ada Lovelace", since=NOW)
        await app.until(lambda: app.all(ft.KeyboardListener))
        yield app, world.engine


async def press(app: Harness, what: str, key: str = " ") -> None:
    listener = app.find(ft.KeyboardListener)
    await app.fire(listener, f"key_{what}", {"key": key})


async def test_a_muted_person_is_heard_while_the_space_bar_is_held() -> None:
    async with in_call() as (app, engine):
        await engine.set_microphone(False)
        await app.until(lambda: "Unmute microphone" in app.labels())
        await press(app, "down")
        await app.until(lambda: engine.snapshot().microphone.enabled)
        await app.shows(HOLDING)
        await press(app, "up")
        await app.until(lambda: not engine.snapshot().microphone.enabled)
        await app.until(lambda: HOLDING not in app.texts())


async def test_the_space_bar_does_nothing_to_one_who_is_not_muted() -> None:
    async with in_call() as (app, engine):
        asked = len(engine.calls)
        await press(app, "down")
        await press(app, "up")
        assert len(engine.calls) == asked


async def test_no_button_is_within_the_part_that_listens_for_the_space_bar() -> None:
    """Else space on a focused button would press it and speak."""
    async with in_call() as (app, _):
        listener = app.find(ft.KeyboardListener)
        inside = list(app.walk(listener))
        assert len(inside) > 3
        assert not [each for each in inside if isinstance(each, ft.IconButton | ft.TextButton | ft.FilledButton)]


async def test_one_who_speaks_though_muted_is_told() -> None:
    async with in_call() as (app, engine):
        engine.become(CallState.IN_CALL, speaking_muted=True)
        await app.shows(MUTED)
        engine.become(CallState.IN_CALL, speaking_muted=False)
        await app.until(lambda: MUTED not in app.texts())


def test_a_hold_ends_when_a_key_that_repeated_falls_silent() -> None:
    held_key = HeldKey()
    assert held_key.press(" ", muted=True)
    assert not held_key.press(" ", muted=True)
    held_key.repeat(" ", 10.0)
    assert not held_key.lost(10.0 + REPEATS_STOPPED_S / 2)
    assert held_key.lost(10.1 + REPEATS_STOPPED_S)
    assert not held_key.talks


def test_a_key_that_never_repeats_is_held_until_its_release() -> None:
    held_key = HeldKey()
    held_key.press(" ", muted=True)
    assert not held_key.lost(1e6)
    assert held_key.release(" ")
    assert not held_key.release(" ")


def test_other_keys_neither_begin_nor_end_it() -> None:
    held_key = HeldKey()
    assert not held_key.press("M", muted=True)
    held_key.press(" ", muted=True)
    assert not held_key.release("M")
    assert replace(held_key).talks
