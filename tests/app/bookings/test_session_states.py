"""Every state of a session is said in words, over the fake backend: what no journey reaches at any hour of the day."""

import re

import pytest

from tests.app.stage.details_stage import sessions_of
from tests.app.stage.harness import Harness
from tests.app.stage.session_looks import LOOKS, Look
from tests.app.stage.show_sessions import SESSION, world


def said(app: Harness, words: str) -> bool:
    return any(words in each for each in (*app.texts(), *app.labels()))


async def press(app: Harness, pattern: str) -> None:
    """The first button whose words or whose label the pattern finds, as the journeys do."""

    def fitting() -> str:
        return next((each for each in (*app.texts(), *app.labels()) if re.search(pattern, each)), "")

    await app.until(fitting)
    await app.click(fitting())


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_every_state_of_a_session_is_said_in_words(look: Look) -> None:
    text_size = "largest" if look.large else "normal"
    async with sessions_of(world(look.state), look.role, SESSION, text_size, width=1280) as app:
        for pattern in look.presses:
            await press(app, pattern)
        await app.until(lambda: said(app, look.sees))
