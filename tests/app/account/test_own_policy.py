"""The cancellation policy: chosen on the profile, read on the public page."""

import asyncio

import flet as ft
import pytest

from app.errors import Offline
from app.screens.edit_profile import EditProfile
from app.state.account.profile_editing import ProfileEditing
from app.state.core.services import Services
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of, shown
from tests.app.stage.settings_stage import professionals_api
from tests.fakes.api import FakeApi

STRICT = "Free cancellation until 2 days before the start, half the price back until 24 h before, nothing after."


@pytest.fixture
def api() -> FakeApi:
    return professionals_api()


@pytest.fixture
def services(api: FakeApi) -> Services:
    return services_of(api, "professional")


async def choose(app: Harness, key: str) -> None:
    await app.shows("When a user cancels")
    group = app.find(ft.RadioGroup)
    app.session.apply_patch(group._i, {"value": key})
    await app.fire(group, "change", key)


async def test_the_saved_policy_is_marked_and_said_as_users_read_it(services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await app.shows("When a user cancels")
        assert app.find(ft.RadioGroup).value == "standard"
        await app.shows("Users see: “Free cancellation until 12 h before the start")


async def test_another_policy_is_saved_with_the_profile(api: FakeApi, services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await choose(app, "strict")
        await app.shows(f"Users see: “{STRICT}”")
        await app.click("Save")
        await app.shows("Nothing has changed.")
    assert "set_cancellation_policy 2880 1440" in api.calls
    assert api.count("update_profile") == 0


async def test_own_hours_are_typed_and_sent_as_minutes(api: FakeApi, services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await choose(app, "own")
        await app.type("6", "Hours for a full refund")
        await app.type("0.5", "Hours for a half refund")
        await app.click("Save")
        await app.until(lambda: "set_cancellation_policy 360 30" in api.calls)


async def test_hours_that_cannot_be_stand_at_their_field_and_are_not_saved(services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await choose(app, "own")
        await app.type("24", "Hours for a half refund")
        assert app.field("Hours for a half refund").error
        assert not app.is_enabled("Save")
        await app.shows("Correct the hours in your cancellation policy.")


async def test_words_and_policy_are_saved_together(api: FakeApi, services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await choose(app, "flexible")
        await app.type("Strong at any age", "Headline")
        await app.click("Save")
        await app.shows("Nothing has changed.")
    assert api.people["pro-1"]["headline"] == "Strong at any age"
    assert api.people["pro-1"]["cancellation_policy"]["full_until_minutes"] == 120


async def test_offline_keeps_the_choice_and_can_be_tried_again(api: FakeApi, services: Services) -> None:
    api.fail["set_cancellation_policy"] = Offline()
    async with shown(services, EditProfile) as app:
        await choose(app, "strict")
        await app.click("Save")
        await app.shows("Rendezvous cannot be reached")
        assert app.find(ft.RadioGroup).value == "strict"
        del api.fail["set_cancellation_policy"]
        await app.click("Save")
        await app.shows("Nothing has changed.")


async def test_discarding_brings_back_the_saved_policy(services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await choose(app, "strict")
        await app.click("Discard changes")
        assert app.find(ft.RadioGroup).value == "standard"


async def test_a_poll_of_the_backend_keeps_a_choice_that_is_not_saved(services: Services) -> None:
    editing = ProfileEditing(services)
    await editing.load()
    assert editing.policy is not None
    editing.edit_policy(editing.policy.choosing("strict"))
    await editing.load()
    assert editing.policy.choice == "strict"


async def test_a_policy_chosen_while_saving_is_kept(api: FakeApi, services: Services) -> None:
    editing = ProfileEditing(services)
    await editing.load()
    assert editing.policy is not None
    editing.edit_policy(editing.policy.choosing("strict"))
    gate = api.hold("set_cancellation_policy")
    saving = asyncio.create_task(editing.save())
    await api.until_called("set_cancellation_policy")
    editing.edit_policy(editing.policy.choosing("flexible"))
    gate.set()
    assert await saving
    assert (editing.policy.choice, editing.is_changed) == ("flexible", True)
