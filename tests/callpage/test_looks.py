"""Every state of the page, looked at: axe-core finds nothing serious, nothing is cut off.

With RENDEZVOUS_PICTURES a picture of each is left, at four sizes, light and dark.
"""

import os
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Page, ViewportSize

from tests.callpage.conftest import NUMBERS, Enter
from tests.callpage.people import WIDE, Guest, Member
from tests.callpage.test_screen import SHARED, tab_to_share
from tests.stage.livekit_server import LivekitServer
from tools import callpage

SIZES = tuple(ViewportSize(width=w, height=h) for w, h in ((360, 740), (390, 844), (820, 1180), (1280, 800)))
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PICTURES = Path(folder) / "callpage" if (folder := os.environ.get("RENDEZVOUS_PICTURES")) else None
SMALLEST_TARGET = 44
CUT_OFF = """
(smallest) => {
  const wide = document.documentElement.scrollWidth > innerWidth + 1;
  const small = [...document.querySelectorAll("button, a[href], select")]
    .filter((each) => each.checkVisibility())
    .map((each) => {
      const box = each.getBoundingClientRect();
      const after = getComputedStyle(each, "::after");
      const more = after.content === "none" ? 0 : -2 * parseFloat(after.top || "0");
      return [each.getAttribute("aria-label") || each.textContent, box.width, box.height + more, box];
    })
    .filter(([, width, height, box]) =>
      width < smallest || height < smallest || box.left < -1 || box.right > innerWidth + 1)
    .map(([name, width, height]) => `${name}: ${width}x${height}`);
  return { wide, small };
}
"""
COVERED = """
() => {
  const inset = document.querySelector(".stage:not(.side) .tile.inset")?.getBoundingClientRect();
  if (!inset) return [];
  return [...document.querySelectorAll(".bar button")].filter((button) => {
    const { left, right, top, bottom } = button.getBoundingClientRect();
    return left < inset.right && right > inset.left && top < inset.bottom && bottom > inset.top;
  }).map((button) => button.getAttribute("aria-label"));
}
"""
"""Buttons that the own picture lies over; at normal size of text."""
LARGE_TEXT = "html { font-size: 200%; }"


async def axe(page: Page) -> list[str]:
    """What axe-core calls serious or worse (https://github.com/dequelabs/axe-core)."""
    await page.evaluate((callpage.MODULES / "axe-core" / "axe.min.js").read_text())
    found: list[dict[str, Any]] = await page.evaluate("async () => (await axe.run()).violations")
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    return [f"{each['id']}: {[node['html'] for node in each['nodes']][:3]}" for each in serious]


async def looked_at(guest: Guest, name: str) -> None:
    """At each size, light and dark."""
    page = guest.page
    for size in SIZES:
        await page.set_viewport_size(size)
        await page.mouse.move(size["width"] / 2, 10)
        for theme in THEMES:
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            if PICTURES is not None:
                PICTURES.mkdir(parents=True, exist_ok=True)
                await page.wait_for_timeout(300)
                await page.screenshot(path=PICTURES / f"{name}-{size['width']}-{theme}.png")
        cut = await page.evaluate(CUT_OFF, SMALLEST_TARGET)
        assert cut == {"wide": False, "small": []}, (name, size)
        assert await page.evaluate(COVERED) == [], (name, size)
    await page.set_viewport_size(SIZES[0])
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert await axe(page) == [], (name, theme)


async def test_before_the_call(enter: Enter, nora: Member, sam: Member) -> None:
    guest = await enter(sam)
    await guest.open()
    await guest.sees_tile("preview")
    await guest.sees("Nora Lindqvist is not here yet")
    await looked_at(guest, "before")


async def test_before_the_call_without_devices(enter: Enter, sam: Member) -> None:
    guest = await enter(sam, allowed=False)
    await guest.open()
    await guest.sees("Rendezvous is not allowed to use your camera.")
    await looked_at(guest, "refused")


async def chat_and_encryption(guest: Guest) -> None:
    """What opens over a call that both are in."""
    await guest.page.keyboard.press("c")
    await guest.page.get_by_label("Write a message").fill("Shall we begin?")
    await guest.page.keyboard.press("Enter")
    await guest.sees("Delivered")
    await looked_at(guest, "chat")
    await guest.page.keyboard.press("Escape")
    await guest.page.locator(".sign").click()
    await looked_at(guest, "encryption")
    await guest.page.keyboard.press("Escape")


async def at_the_side(at_nora: Guest, at_sam: Guest) -> None:
    """The notes, and the timer of the professional."""
    await at_sam.page.keyboard.press("n")
    await at_sam.page.get_by_label("Your private notes").fill("Likes Bach.\nAsk about the left hand.")
    await at_sam.sees("Saved")
    await looked_at(at_sam, "notes")
    await at_sam.page.keyboard.press("Escape")
    await at_nora.page.keyboard.press("t")
    await looked_at(at_nora, "timer")
    await at_nora.page.set_viewport_size(WIDE)
    await at_nora.page.get_by_role("button", name="15 min", exact=True).click()
    await at_sam.page.get_by_role("timer", name="Timer: 14").wait_for()
    await looked_at(at_nora, "timer-running")
    await at_nora.page.keyboard.press("Escape")
    await looked_at(at_sam, "timer-seen")
    await looked_at(at_nora, "timer-of-the-professional")


async def test_in_the_call(enter: Enter, nora: Member, sam: Member, livekit: LivekitServer) -> None:
    at_nora, at_sam = await enter(nora), await enter(sam)
    await at_sam.join()
    await at_sam.sees("Waiting for Nora Lindqvist")
    await looked_at(at_sam, "waiting")
    await at_nora.join()
    await at_sam.sees_number(NUMBERS["professional"])
    who, you = [await at_sam.page.locator(f".top-line .{name}").bounding_box() for name in ("who", "you")]
    assert who is not None
    assert you is not None
    assert (who["y"], who["x"]) < (you["y"], you["x"])  # the other's name comes first
    await looked_at(at_sam, "call")
    for key, name in (("l", "side"), ("q", "figures"), ("?", "keys")):
        await at_sam.page.keyboard.press(key)
        await looked_at(at_sam, name)
        await at_sam.page.keyboard.press("l" if key == "l" else "Escape")
    await chat_and_encryption(at_sam)
    await at_the_side(at_nora, at_sam)
    await at_sam.press("Camera and sound")
    await looked_at(at_sam, "devices")
    await at_sam.page.keyboard.press("Escape")
    await at_nora.press("Turn camera off")
    await at_nora.press("Mute microphone")
    await at_sam.sees("Nora Lindqvist is muted")
    await at_sam.press("Turn camera off")
    await looked_at(at_sam, "off")
    livekit.freeze()
    try:
        await at_sam.sees("Your connection was interrupted")
        await looked_at(at_sam, "reconnecting")
    finally:
        livekit.thaw()
    await at_sam.sees_no("Reconnecting", 40_000)
    await at_nora.page.close()
    await at_sam.sees("lost the connection")
    await looked_at(at_sam, "lost")
    await at_sam.press("End call")
    await at_sam.ended("You left the call")
    await looked_at(at_sam, "after")


async def test_links_that_lead_nowhere(enter: Enter, sam: Member) -> None:
    guest = await enter(sam)
    await guest.open(f"{sam.backend_url}/call/{sam.session_id}")
    await guest.ended("Your call is in the app")
    await looked_at(guest, "from-app")
    await guest.open(f"{sam.backend_url}/call/{sam.session_id}#access_token=nonsense&encryption_key=k")
    await guest.page.reload()
    await guest.ended("This link does not open this call")
    await looked_at(guest, "foreign")


@pytest.mark.parametrize("size", [SIZES[0], SIZES[3]])
async def test_with_twice_as_large_text_everything_stays_reachable(
    enter: Enter, nora: Member, sam: Member, size: ViewportSize
) -> None:
    at_nora, guest = (
        await enter(nora),
        await enter(
            sam,
            size=size,
            init=f"""
      addEventListener("DOMContentLoaded", () => {{
        const sheet = new CSSStyleSheet();
        sheet.replaceSync("{LARGE_TEXT}");
        document.adoptedStyleSheets = [sheet];
      }});
    """,
        ),
    )
    await guest.open()
    await guest.sees_tile("preview")
    assert await guest.page.evaluate(CUT_OFF, SMALLEST_TARGET) == {"wide": False, "small": []}
    await picture(guest, f"large-text-before-{size['width']}")
    await guest.press("Join")
    await at_nora.join()
    await guest.sees_number(NUMBERS["professional"])
    assert await guest.page.evaluate(CUT_OFF, SMALLEST_TARGET) == {"wide": False, "small": []}
    await picture(guest, f"large-text-call-{size['width']}")


async def picture(guest: Guest, name: str) -> None:
    if PICTURES is not None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        await guest.page.screenshot(path=PICTURES / f"{name}.png")


async def test_a_phone_on_its_side_hides_nothing(enter: Enter, nora: Member, sam: Member) -> None:
    at_nora, guest = await enter(nora), await enter(sam, size=ViewportSize(width=740, height=360))
    await guest.join()
    await at_nora.join()
    await guest.sees_number(NUMBERS["professional"])
    assert await guest.page.evaluate(CUT_OFF, SMALLEST_TARGET) == {"wide": False, "small": []}
    outside = await guest.page.evaluate(
        "[...document.querySelectorAll('.bar button')].filter((e) => e.checkVisibility())"
        ".filter((e) => { const b = e.getBoundingClientRect(); return b.top < 0 || b.bottom > innerHeight; }).length"
    )
    assert outside == 0
    await picture(guest, "landscape-call")


async def test_a_shared_screen_on_both_sides(enter: Enter, nora: Member, sam: Member) -> None:
    sharing, seeing = await enter(nora), await enter(sam)
    for guest in (sharing, seeing):
        await guest.join()
    await tab_to_share(sharing)
    await sharing.press("Share your screen")
    await seeing.sees_number(SHARED, tile="screen")
    await looked_at(seeing, "screen-seen")
    await looked_at(sharing, "screen-shared")
