"""The question, the notice and the ends of a recording: without a mouse, and as they look."""

import asyncio

from playwright.async_api import ViewportSize, expect

from tests.callpage.conftest import NUMBERS, Enter
from tests.callpage.people import Guest, Member
from tests.callpage.recording_people import ASKS, KEPT, THEY_RECORD, allows, asks, records, stops
from tests.callpage.test_by_keyboard import said
from tests.callpage.test_looks import SIZES, looked_at

UNCOVERED = """
() => [...document.querySelectorAll(".pill.recording button")].filter((each) => each.checkVisibility()).map((each) => {
  const { left, top, width, height } = each.getBoundingClientRect();
  return [0.1, 0.5, 0.9].every((share) => document.elementFromPoint(left + width * share, top + height / 2) === each);
})
"""


async def both(enter: Enter, nora: Member, sam: Member) -> tuple[Guest, Guest]:
    at_nora, at_sam = await enter(nora, init=KEPT), await enter(sam, init=KEPT)
    for guest in (at_nora, at_sam):
        await guest.join()
    await at_sam.sees_number(NUMBERS["professional"])
    return at_nora, at_sam


async def tab_to(guest: Guest, name: str) -> None:
    for _ in range(30):
        await guest.page.keyboard.press("Tab")
        if await guest.page.evaluate("document.activeElement?.textContent") == name:
            return
    raise AssertionError(f"Tab does not lead to {name}")


async def press_until_it_counts(guest: Guest) -> None:
    """Enter, on what has the focus: what is pressed as soon as the question comes up does not allow it."""
    allow = guest.page.get_by_role("button", name="Allow", exact=True)
    for _ in range(50):
        await expect(allow).to_be_focused()
        await guest.page.keyboard.press("Enter")
        if not await allow.count():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("Enter does not allow it")


async def test_a_question_is_read_out_and_no_key_pressed_by_chance_answers_it(
    enter: Enter, nora: Member, sam: Member
) -> None:
    at_nora, at_sam = await both(enter, nora, sam)
    keyboard = at_sam.page.keyboard
    await at_sam.page.get_by_role("button", name="Mute microphone").focus()
    focused = "document.activeElement?.className"
    before = await at_sam.page.evaluate(focused)
    await asks(at_nora, at_sam)
    await expect(at_sam.page.locator("#said")).to_contain_text(f"Nora Lindqvist {ASKS}")
    assert await at_sam.page.evaluate(focused) == before
    for key in ("Enter", "Space", "y", "Escape"):
        await keyboard.press(key)
    await at_sam.sees(ASKS)
    await at_nora.sees("Asking Sam Okafor")
    await tab_to(at_sam, "Allow")
    await press_until_it_counts(at_sam)
    await at_sam.sees(THEY_RECORD)
    await expect(at_sam.page.get_by_role("button", name="Stop recording")).to_be_focused()
    await said(at_sam, "Nora Lindqvist is recording.")
    await records(at_nora, 1)
    await keyboard.press("Enter")
    await said(at_nora, "Sam Okafor stopped the recording.")


async def test_a_press_at_the_moment_in_which_the_question_comes_up_does_not_allow_it(
    enter: Enter, nora: Member, sam: Member
) -> None:
    at_nora, at_sam = await both(enter, nora, sam)
    await at_sam.page.evaluate(
        """() => new MutationObserver(() => {
          const allow = [...document.querySelectorAll(".fault button")].find((each) => each.textContent === "Allow");
          if (allow && !globalThis.pressed) (globalThis.pressed = true), allow.click();
        }).observe(document.body, { childList: true, subtree: true })"""
    )
    await asks(at_nora, at_sam)
    assert await at_sam.page.evaluate("globalThis.pressed")
    await at_sam.sees(ASKS)
    await at_sam.press("Don't allow")
    await at_nora.sees("did not allow recording")


async def test_what_is_seen_of_a_recording_on_both_sides(enter: Enter, nora: Member, sam: Member) -> None:
    at_nora, at_sam = await both(enter, nora, sam)
    await asks(at_nora, at_sam)
    await looked_at(at_nora, "recording-asking")
    await looked_at(at_sam, "recording-asked")
    await at_nora.page.set_viewport_size({"width": 1280, "height": 800})
    await allows(at_sam)
    await records(at_nora)
    await looked_at(at_sam, "recording-theirs")
    await looked_at(at_nora, "recording-own")
    await at_nora.press("Camera and sound")
    await expect(at_nora.page.locator(".record-row")).to_have_text("Stop recording")
    await looked_at(at_nora, "recording-devices")
    await at_nora.page.keyboard.press("Escape")
    await stops(at_nora)
    await at_nora.sees("Recording stopped.")
    await looked_at(at_nora, "recording-ended")
    await at_nora.press("End call")
    await at_nora.ended("You left the call")
    await at_nora.page.get_by_role("link", name="Save, Rendezvous").wait_for()
    await looked_at(at_nora, "recording-after")


async def test_nothing_covers_the_way_to_stop_it(enter: Enter, nora: Member, sam: Member) -> None:
    at_nora, at_sam = await both(enter, nora, sam)
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora)
    await asks(at_sam, at_nora)
    for guest in (at_nora, at_sam):
        await guest.page.keyboard.press("c")
    for size in (*SIZES, ViewportSize(width=740, height=360)):
        for guest in (at_nora, at_sam):
            await guest.page.set_viewport_size(size)
            for _ in range(2):
                assert await guest.page.evaluate(UNCOVERED) == [True], (guest.who.name, size)
                await guest.page.keyboard.press("Escape" if await guest.page.get_by_role("dialog").count() else "c")


async def test_the_notice_stays_when_the_controls_have_faded(enter: Enter, nora: Member, sam: Member) -> None:
    at_nora, at_sam = await both(enter, nora, sam)
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora)
    for guest in (at_nora, at_sam):
        await guest.page.evaluate("document.activeElement?.blur()")
        await expect(guest.page.locator(".stage.faded")).to_be_visible(timeout=15_000)
        pill = guest.page.locator(".pill.recording").filter(visible=True)
        await expect(pill).to_have_css("opacity", "1")
        assert await pill.evaluate("(each) => each.closest('.corner, .bar, .who, .you') === null")
        await pill.get_by_role("button").focus()
