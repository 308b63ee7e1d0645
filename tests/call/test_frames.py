"""Frames on their way to a tile: newest only, scaled, upright, in the form asked for."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from livekit import rtc

from app.call.contract.engine import PixelFormat
from app.call.video.convert import I420Frame, render, scaled, to_i420
from app.call.video.latest_frame import LatestFrame
from tests.stage.video_file import number_in, numbered_frame


def image(number: int = 1234, width: int = 640, height: int = 360, rotation_deg: int = 0) -> I420Frame:
    wide, high, i420 = to_i420(numbered_frame(number, width, height), 1280, 720)
    return I420Frame(wide, high, i420, rotation_deg, number=1)


@pytest.mark.parametrize("form", list(PixelFormat))
@pytest.mark.parametrize("box", [(640, 360), (320, 180), (333, 999), (1920, 1080)])
def test_a_video_fits_its_box_and_keeps_its_content(form: PixelFormat, box: tuple[int, int]) -> None:
    frame = render(image(), *box, form)
    assert frame.width <= box[0]
    assert frame.height <= box[1]
    assert abs(frame.width / frame.height - 16 / 9) < 0.05
    assert number_in(frame) == 1234


def test_a_video_is_never_blown_up() -> None:
    frame = render(image(width=320, height=180), 1920, 1080, PixelFormat.RGBA)
    assert (frame.width, frame.height) == (320, 180)


@pytest.mark.parametrize(
    ("rotation_deg", "turn"), [(90, cv2.ROTATE_90_CLOCKWISE), (270, cv2.ROTATE_90_COUNTERCLOCKWISE)]
)
def test_a_phone_held_upright_is_shown_upright(rotation_deg: int, turn: int) -> None:
    frame = render(image(rotation_deg=rotation_deg), 360, 640, PixelFormat.RGBA)
    assert (frame.width, frame.height) == (360, 640)
    pixels = np.frombuffer(frame.data, np.uint8).reshape(frame.height, frame.width, 4)
    expected = cv2.rotate(numbered_frame(1234, 640, 360), turn)
    assert np.mean(np.abs(pixels[:, :, 1].astype(int) - expected[:, :, 1])) < 3


def test_odd_sizes_from_a_browser_are_shown() -> None:
    odd = I420Frame(641, 361, np.full(641 * 361 + 2 * 321 * 181, 128, np.uint8), 0, number=1)
    frame = render(odd, 641, 361, PixelFormat.RGBA)
    assert len(frame.data) == frame.width * frame.height * 4


def test_a_camera_larger_than_720p_is_scaled_down() -> None:
    width, height, i420 = to_i420(np.zeros((1080, 1920, 3), np.uint8), 1280, 720)
    assert (width, height, i420.size) == (1280, 720, 1280 * 720 * 3 // 2)


async def test_who_is_late_gets_the_newest_and_never_an_old_one() -> None:
    newest = LatestFrame()
    newest.open()
    for value in range(3):
        newest.put(2, 2, np.full(6, value, np.uint8))
    got = await newest.next_after(1)
    assert got is not None
    assert (got.number, got.i420[0]) == (3, 2)


async def test_who_is_early_waits_for_the_next() -> None:
    newest = LatestFrame()
    newest.open()
    waiting = asyncio.ensure_future(newest.next_after(0))
    await asyncio.sleep(0)
    assert not waiting.done()
    await asyncio.to_thread(newest.put, 2, 2, np.zeros(6, np.uint8))
    got = await asyncio.wait_for(waiting, 5)
    assert got is not None


async def test_numbers_go_on_when_the_camera_was_off() -> None:
    newest = LatestFrame()
    newest.open()
    newest.put(2, 2, np.zeros(6, np.uint8))
    newest.close()
    assert await newest.next_after(0) is None
    newest.open()
    newest.put(2, 2, np.zeros(6, np.uint8))
    got = await newest.next_after(1)
    assert got is not None
    assert got.number == 2


async def test_one_who_gives_up_waiting_leaves_nothing_behind() -> None:
    newest = LatestFrame()
    newest.open()
    waiting = asyncio.ensure_future(newest.next_after(0))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert newest._waiters == []


def test_the_sdk_is_handed_the_pixels_themselves_and_not_a_copy_of_them() -> None:
    _, _, whole = to_i420(np.zeros((720, 1280, 3), np.uint8), 1280, 720)
    smaller = scaled(I420Frame(1280, 720, whole, 0, 1), 640, 360)[2]
    for width, height, pixels in ((1280, 720, whole), (640, 360, smaller)):
        frame = rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, pixels.data)
        assert np.shares_memory(np.frombuffer(frame.data, np.uint8), pixels)


@pytest.mark.parametrize(("width", "height"), [(240, 136), (320, 180), (108, 60), (500, 280)])
def test_a_small_tile_gets_the_average_of_what_it_covers(width: int, height: int) -> None:
    """A fine checkerboard is grey from afar; picking single points would make it black and white."""
    board = np.indices((720, 1280)).sum(0) % 2 * 255
    i420 = np.concatenate([board.reshape(-1), np.full(1280 * 720 // 2, 128)]).astype(np.uint8)
    small = scaled(I420Frame(1280, 720, i420, 0, 1), width, height)
    luma = small[2][: small[0] * small[1]]
    assert luma.min() > 110
    assert luma.max() < 145


@pytest.mark.parametrize("form", list(PixelFormat))
def test_a_frame_stays_as_it_is_while_later_ones_are_made_in_every_size(form: PixelFormat) -> None:
    first = render(image(1234), 640, 360, form)
    for number, box in ((77, (640, 360)), (78, (320, 180)), (79, (1280, 720))):
        render(image(number), *box, form)
    assert number_in(first) == 1234


def test_two_tiles_that_are_made_at_once_do_not_mix() -> None:
    def numbers(number: int) -> set[int]:
        return {number_in(render(image(number), 640, 360, PixelFormat.RGBA)) for _ in range(40)}

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(numbers, (111, 222))) == [{111}, {222}]
