"""The whole call without a mouse, and what a screen reader is told meanwhile."""

from playwright.async_api import expect

from tests.callpage.conftest import NUMBERS, Enter
from tests.callpage.people import Guest, Member


async def said(guest: Guest, words: str) -> None:
    """In the live region."""
    await expect(guest.page.locator("#said")).to_have_text(words)


async def test_join_has_the_focus_and_the_keys_are_the_apps(enter: Enter, nora: Member, sam: Member) -> None:
    at_nora, guest = await enter(nora), await enter(sam)
    await at_nora.join()
    await guest.open()
    await guest.sees_tile("preview")
    keyboard = guest.page.keyboard
    await expect(guest.page.get_by_role("button", name="Join")).to_be_focused()
    await keyboard.press("m")
    await expect(guest.page.get_by_role("button", name="Unmute microphone")).to_be_visible()
    await keyboard.press("m")
    await keyboard.press("Enter")
    await guest.sees_number(NUMBERS["professional"])
    await said(guest, "You are in the call with Nora Lindqvist.")
    await keyboard.press("m")
    await said(guest, "Microphone muted")
    await at_nora.sees("Sam Okafor is muted")
    await keyboard.down(" ")
    await guest.sees("You're unmuted while you hold Space")
    await keyboard.up(" ")
    await guest.sees_no("You're unmuted while you hold Space")
    await keyboard.press("v")
    await said(guest, "Camera off")
    await keyboard.press("?")
    await expect(guest.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    await keyboard.press("Escape")
    await expect(guest.page.get_by_role("dialog")).to_have_count(0)
    await keyboard.press("q")
    await guest.sees("Round trip")
    await keyboard.press("Escape")
    await keyboard.press("c")
    field = guest.page.get_by_label("Write a message")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("")  # what opens it is not written into it
    await keyboard.press("Escape")
    await at_nora.press("Turn camera off")
    await said(guest, "Nora Lindqvist turned the camera off.")
    await at_nora.press("End call")
    await said(guest, "Nora Lindqvist left the call.")


async def test_every_button_is_reached_by_tab_and_pressed_by_enter(enter: Enter, sam: Member) -> None:
    guest = await enter(sam)
    await guest.join()
    await guest.sees("Waiting for Nora Lindqvist")
    reached: list[str] = []
    for _ in range(20):
        await guest.page.keyboard.press("Tab")
        name = await guest.page.evaluate("document.activeElement?.getAttribute('aria-label') ?? ''")
        reached.append(name)
        if name == "End call":
            break
    assert {"Mute microphone", "Turn camera off", "Camera and sound", "End call"} <= set(reached)
    await guest.page.keyboard.press("Enter")
    await guest.ended("You left the call")
    await expect(guest.page.get_by_role("heading", name="You left the call")).to_be_focused()
