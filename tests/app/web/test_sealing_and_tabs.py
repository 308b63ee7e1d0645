"""A sign-in that a browser's tab keeps: sealed by the browser's cookie, held by the tab, read with both alone."""

from typing import Any

import pytest

from app.web.sealing import is_key, new_key, seal, unseal
from app.web.tabs import KeptByDevice, KeptByTab, Tab, Tabs

API = "http://backend.test"


def test_what_is_sealed_is_opened_by_its_key_alone() -> None:
    key = new_key()
    sealed = seal(key, "a token")
    assert "a token" not in sealed
    assert unseal(key, sealed) == "a token"
    assert unseal(new_key(), sealed) == ""
    assert seal(key, "a token") != sealed


@pytest.mark.parametrize("text", ["", "no", "ü" * 40, "A" * 400, "====", "A" * 17])
def test_what_nobody_sealed_is_nothing(text: str) -> None:
    assert unseal(new_key(), text) == ""
    assert unseal(text, seal(new_key(), "a token")) == ""
    assert not is_key(text)


async def test_a_tab_keeps_a_sign_in_over_a_restart_of_the_process() -> None:
    key, told = new_key(), list[Any]()
    tab = Tabs().greet("tab-1", key, {})
    tab.send = told.append
    await KeptByTab(tab).save(API, "a token")
    after = Tabs().greet("tab-1", key, told[-1]["keep"])  # another process: what the tab was given is all there is
    assert await KeptByTab(after).load(API) == "a token"
    await KeptByTab(after).clear(API)
    assert await KeptByTab(after).load(API) is None


async def test_a_kept_sign_in_says_nothing_to_another_browser_another_tab_or_another_backend() -> None:
    key = new_key()
    tab = Tab("tab-1", key)
    await KeptByTab(tab).save(API, "a token")
    tabs = Tabs()
    assert await KeptByTab(tabs.greet("tab-1", new_key(), tab.kept)).load(API) is None
    assert await KeptByTab(tabs.greet("tab-2", key, {})).load(API) is None
    assert await KeptByTab(tabs.greet("tab-3", key, tab.kept)).load("http://elsewhere.test") is None


async def test_a_known_tab_is_told_what_it_missed_and_no_other_key_gets_it() -> None:
    key, tabs = new_key(), Tabs()
    tab = tabs.greet("tab-1", key, {})
    await KeptByTab(tab).save(API, "a token")  # while the tab was away
    assert tabs.greet("tab-1", key, {}) is tab
    assert tabs.greet("tab-1", "", {}).kept == {}


async def test_without_a_cookie_nothing_is_written_down() -> None:
    told: list[Any] = []
    tab = Tab("tab-1", "")
    tab.send = told.append
    await KeptByTab(tab).save(API, "a token")
    assert told == [{"keep": {"sign-in": ""}}]
    assert await KeptByTab(tab).load(API) is None


async def test_what_a_tab_said_of_its_device_is_not_asked_again_and_only_what_changes_is_written() -> None:
    written: list[tuple[str, str]] = []

    async def write(key: str, value: str) -> None:
        written.append((key, value))

    tab = Tab("tab-1", new_key())
    tab.device = {"rendezvous.brightness": "dark"}
    store = KeptByDevice(tab, write)
    assert await store.get("rendezvous.brightness") == "dark"
    assert await store.get("rendezvous.text_size") is None
    await store.set("rendezvous.brightness", "dark")
    await store.set("rendezvous.text_size", "large")
    assert written == [("rendezvous.text_size", "large")]
    assert await store.get("rendezvous.text_size") == "large"
