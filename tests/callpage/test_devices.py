"""Camera and microphone that are not allowed, not there, in use or taken away: each in its own words, and the call goes
on without them. Chromium's stand-in devices cannot be unplugged, so its answers stand in for drivers that fail.
"""

import pytest
from playwright.async_api import expect

from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import Member

FAILING = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
globalThis.failing = {};
globalThis.given = [];
navigator.mediaDevices.getUserMedia = async (wanted) => {
  for (const kind of ["video", "audio"]) {
    if (wanted[kind] && failing[kind]) throw new DOMException("stand-in", failing[kind]);
  }
  const stream = await open(wanted);
  given.push(...stream.getTracks());
  return stream;
};
globalThis.takeAway = (kind) => {
  failing[kind] = "NotFoundError";
  for (const track of given.filter((each) => each.kind === kind && each.readyState === "live")) {
    track.stop();
    track.dispatchEvent(new Event("ended"));
  }
};
"""


def fails(**kinds: str) -> str:
    return FAILING + "".join(f"failing.{kind} = '{error}';\n" for kind, error in kinds.items())


async def test_who_refuses_both_is_told_how_to_allow_them_and_can_join_without(
    enter: Enter, nora: Member, sam: Member
) -> None:
    at_nora, at_sam = await enter(nora), await enter(sam, allowed=False)
    await at_nora.join()
    await at_sam.open()
    await at_sam.sees("Rendezvous is not allowed to use your camera. Nora Lindqvist will not see you.")
    await at_sam.sees("Rendezvous is not allowed to use your microphone. Nora Lindqvist will not hear you.")
    await at_sam.sees("Allow the camera for this page")
    await at_sam.press("Join")
    await at_sam.sees_number(NUMBERS["professional"])
    await at_sam.hears(HZ["professional"])
    await at_nora.sees("Sam Okafor's camera does not work")
    await at_nora.sees("Sam Okafor's microphone does not work")


@pytest.mark.parametrize(
    ("kinds", "words", "told"),
    [
        ({"video": "NotFoundError"}, "No camera found.", "has no camera"),
        ({"audio": "NotFoundError"}, "No microphone found.", "has no microphone"),
        ({"video": "NotReadableError"}, "Your camera is in use by another program.", "camera does not work"),
        ({"audio": "NotReadableError"}, "Your microphone is in use by another program.", "microphone does not work"),
    ],
)
async def test_what_is_missing_or_busy_is_named_here_and_there(
    enter: Enter, nora: Member, sam: Member, kinds: dict[str, str], words: str, told: str
) -> None:
    at_nora, at_sam = await enter(nora), await enter(sam, init=fails(**kinds))
    await at_nora.join()
    await at_sam.open()
    await at_sam.sees(words)
    await at_sam.press("Join")
    await at_sam.sees_number(NUMBERS["professional"])
    await at_nora.sees(told)


async def test_a_device_that_failed_works_after_another_try(enter: Enter, nora: Member, sam: Member) -> None:
    at_nora, at_sam = await enter(nora), await enter(sam, init=fails(video="NotReadableError"))
    await at_nora.join()
    await at_sam.open()
    await at_sam.sees("Your camera is in use by another program.")
    await at_sam.press("Join")
    await at_nora.sees("camera does not work")
    await at_sam.page.evaluate("failing = {}")
    await at_sam.press("Try again")
    await at_nora.sees_number(NUMBERS["user"])
    await at_sam.sees_no("in use by another program")


@pytest.mark.parametrize(
    ("kind", "own", "told"), [("video", "camera", "camera"), ("audio", "microphone", "microphone")]
)
async def test_a_device_that_is_taken_away_is_said_and_comes_back(
    enter: Enter, nora: Member, sam: Member, kind: str, own: str, told: str
) -> None:
    at_nora, at_sam = await enter(nora), await enter(sam, init=fails())
    await at_nora.join()
    await at_sam.join()
    await at_nora.sees_number(NUMBERS["user"])
    await at_sam.page.evaluate("(kind) => takeAway(kind)", kind)
    await at_sam.sees(f"No {own} found.")
    await at_nora.sees(f"Sam Okafor has no {told}")
    await at_sam.page.evaluate("failing = {}; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    await at_sam.sees_no(f"No {own} found.")
    await at_nora.sees_no(f"has no {told}")
    await at_nora.sees_number(NUMBERS["user"])
    await at_nora.hears(HZ["user"])


async def test_the_camera_is_closed_while_it_is_off(enter: Enter, sam: Member) -> None:
    guest = await enter(sam, init=fails())
    await guest.join()
    await guest.press("Turn camera off")
    live = "given.filter((each) => each.kind === 'video' && each.readyState === 'live').length"
    await expect(guest.page.get_by_role("button", name="Turn camera on")).to_be_visible()
    assert await guest.page.evaluate(live) == 0


async def test_what_was_chosen_before_joining_holds_in_the_call(enter: Enter, nora: Member, sam: Member) -> None:
    at_nora, at_sam = await enter(nora), await enter(sam)
    await at_nora.join()
    await at_sam.open()
    await at_sam.sees_tile("preview")
    await at_sam.press("Turn camera off")
    await at_sam.sees("Your camera is off")
    await at_sam.press("Mute microphone")
    await at_sam.press("Join")
    await at_nora.sees("Sam Okafor is muted")
    await at_nora.sees("Camera is off")
    await at_sam.press("Unmute microphone")
    await at_sam.press("Turn camera on")
    await at_nora.sees_number(NUMBERS["user"])
    await at_nora.hears(HZ["user"])
