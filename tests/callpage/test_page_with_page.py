"""Two people, each at a call page: what each sees and hears of the other."""

import pytest_asyncio
from playwright.async_api import expect

from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import Guest, Member
from tests.waiting import until

Pair = tuple[Guest, Guest]


@pytest_asyncio.fixture(loop_scope="session")
async def pair(enter: Enter, nora: Member, sam: Member) -> Pair:
    """Both in the call: each has seen the other."""
    guests = await enter(nora), await enter(sam)
    for guest in guests:
        await guest.join()
    await guests[0].sees_number(NUMBERS["user"])
    await guests[1].sees_number(NUMBERS["professional"])
    return guests


async def test_each_sees_the_others_frames_and_hears_the_others_tone(pair: Pair) -> None:
    at_nora, at_sam = pair
    await at_nora.hears(HZ["user"])
    await at_sam.hears(HZ["professional"])
    await expect(at_nora.page.get_by_role("timer")).to_be_visible()
    await expect(at_nora.page).to_have_title("Session with Sam Okafor - Rendezvous")


async def test_what_either_switches_off_is_off_for_the_other_and_said(pair: Pair) -> None:
    at_nora, at_sam = pair
    await at_nora.press("Turn camera off")
    await at_sam.sees("Camera is off")
    await at_nora.press("Mute microphone")
    await at_sam.sees("Nora Lindqvist is muted")
    await at_sam.hears_nothing()
    await at_nora.press("Turn camera on")
    await at_nora.press("Unmute microphone")
    await at_sam.sees_number(NUMBERS["professional"])
    await at_sam.sees_no("is muted")
    await at_sam.hears(HZ["professional"])


async def test_a_goodbye_is_understood_at_once_and_the_other_can_come_back(pair: Pair, sam: Member) -> None:
    at_nora, at_sam = pair
    await at_sam.sees("Good")
    await at_sam.press("End call")
    await at_sam.ended("You left the call")
    await at_sam.sees("You were together for")
    await at_nora.sees("Sam Okafor has left", 5_000)
    await until(lambda: sam.quality()["user"], "how the call ran is kept")
    await at_sam.press("Rejoin")
    await at_nora.sees_number(NUMBERS["user"])
    await at_sam.sees_number(NUMBERS["professional"])


async def test_a_reload_comes_back_into_the_call(pair: Pair) -> None:
    at_nora, at_sam = pair
    await at_sam.page.reload()
    await at_sam.sees_number(NUMBERS["professional"])
    await at_nora.sees_number(NUMBERS["user"])
    await at_sam.hears(HZ["professional"])


async def test_who_joins_on_another_device_is_told_so_on_the_first(pair: Pair, enter: Enter, sam: Member) -> None:
    at_nora, at_sam = pair
    at_phone = await enter(sam)
    await at_phone.join()
    await at_sam.ended("You joined somewhere else")
    await at_phone.sees_number(NUMBERS["professional"])
    await at_sam.page.reload()
    await at_sam.sees_tile("preview")
    await at_sam.press("Join")
    await at_phone.ended("You joined somewhere else")
    await at_nora.sees_number(NUMBERS["user"])
