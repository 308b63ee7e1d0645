"""Add asks for the code from the mail before the first hour, and then adds what was typed."""

from tests.app.stage.settings_stage import fill, professionals_api, settings
from tests.fakes.mails import CODE


async def test_the_right_code_adds_the_hour_that_was_typed() -> None:
    api = professionals_api()
    api.unverified = True
    async with settings(api) as app:
        await app.shows("No times on this day yet")
        await fill(app, "14", "15:30", "45")
        await app.click("Add")
        await app.shows("We sent a code to a@example.com.")
        assert app.field("Start").value == "14:00"
        await app.type(CODE, "Code")
        await app.click("Confirm and add the time")
        await app.shows("14:00–15:30")
    assert not [text for text in app.texts() if "Confirm your e-mail" in text]


async def test_not_now_keeps_what_was_typed() -> None:
    api = professionals_api()
    api.unverified = True
    async with settings(api) as app:
        await fill(app, "14", "15:30", "45")
        await app.click("Add")
        await app.shows("Confirm your e-mail")
        await app.click("Not now")
        await app.until(lambda: "Confirm your e-mail" not in app.texts())
        assert app.field("Start").value == "14:00"
