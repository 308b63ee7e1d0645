"""A field under fast typing: a model that lags never takes a letter back, one that writes is obeyed."""

import asyncio

import flet as ft

from app.components.design.fields import Field, TypedText
from tests.app.stage.harness import screen


def test_a_lagging_echo_leaves_the_newer_text_in_the_field() -> None:
    memory = TypedText()
    memory.shown("", None)
    memory.typed("V")
    memory.typed("Ve")
    assert memory.shown("V", "Ve") == "Ve"
    assert memory.shown("Ve", "Ve") == "Ve"


def test_a_render_before_any_echo_leaves_what_was_typed() -> None:
    memory = TypedText()
    memory.shown("", None)
    memory.typed("V")
    assert memory.shown("", "V") == "V"


def test_what_the_model_writes_replaces_what_was_typed() -> None:
    memory = TypedText()
    memory.shown("", None)
    memory.typed("9")
    memory.shown("9", "9")
    assert memory.shown("09:00", "9") == "09:00"


def test_emptying_is_obeyed_although_the_field_was_empty_once_before() -> None:
    memory = TypedText()
    memory.shown("", None)
    for text in ("a", "", "b"):
        memory.typed(text)
        memory.shown(text, text)
    assert memory.shown("", "b") == ""


@ft.component
def Slow() -> ft.Control:
    text, set_text = ft.use_state("")
    page = ft.context.page

    async def hear(heard: str) -> None:
        await asyncio.sleep(0.05)
        set_text(heard)

    fields = [Field("Search", text, lambda typed: page.run_task(hear, typed))]
    return ft.Column([*fields, ft.Text(f"heard {text}"), ft.Button("Clear", on_click=lambda: set_text(""))])


async def test_a_field_keeps_every_letter_while_its_model_is_slow() -> None:
    async with screen(Slow) as app:
        for text in ("V", "Ve", "Ver", "Vera"):
            app.session.apply_patch(app.field("Search")._i, {"value": text})
            await app.session.dispatch_event(app.field("Search")._i, "change", text)
            await app.settle(2)
            assert app.field("Search").value == text
        await app.shows("heard Vera")
        assert app.field("Search").value == "Vera"


async def test_clearing_by_a_button_empties_the_field() -> None:
    async with screen(Slow) as app:
        await app.type("Vera", label="Search")
        await app.shows("heard Vera")
        await app.click("Clear")
        assert app.field("Search").value == ""
