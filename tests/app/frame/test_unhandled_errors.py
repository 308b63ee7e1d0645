"""An error that nobody foresaw leaves the app standing."""

import flet as ft
from flet.messaging.protocol import MessageAction

from app.components.frame.unhandled_errors import SENTENCE, survive_unhandled_errors
from tests.app.stage.harness import Harness


@ft.component
def Clumsy() -> ft.Control:
    shown, show = ft.use_state(True)

    def stumble() -> None:
        raise RuntimeError("a fault of ours")

    field = [ft.TextField(label="Note", on_blur=lambda: None)] if shown else []
    return ft.Column([*field, ft.Button("Stumble", on_click=stumble), ft.Button("Hide", on_click=lambda: show(False))])


def clumsy_app() -> Harness:
    def main(page: ft.Page) -> None:
        survive_unhandled_errors(page)
        page.render(Clumsy)

    return Harness(main)


def crashed(app: Harness) -> bool:
    return any(message.action == MessageAction.SESSION_CRASHED for message in app.connection.sent)


def told(app: Harness) -> list[object]:
    return [bar.content for bar in app.all(ft.SnackBar)]


async def test_a_handler_that_raises_is_told_in_a_sentence_and_the_session_goes_on() -> None:
    async with clumsy_app() as app:
        await app.click("Stumble")
        await app.until(lambda: told(app) == [SENTENCE])
        assert not crashed(app)
        assert len(app.faults) == 1
        app.faults.clear()
        await app.click("Hide")
        assert not app.all(ft.TextField)


async def test_an_event_of_a_field_that_has_just_left_the_page_says_nothing() -> None:
    async with clumsy_app() as app:
        app.page.session.error("TextField(8) Control must be added to the page first")
        await app.settle()
        assert told(app) == []
        assert not crashed(app)
