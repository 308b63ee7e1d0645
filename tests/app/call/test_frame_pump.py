"""The way of a picture from the engine to the screen: one at a time, the newest, and none that nobody sees."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from app.call.contract.engine import Frame, PixelFormat
from app.components.call.video.frame_pump import FramePump, Picture, asked_size
from app.components.call.video.video_tile import fills


class Client:
    """A client that acknowledges when the test says so."""

    def __init__(self) -> None:
        self.asked_after: list[int] = []
        self.drawn: list[int] = []
        self.pictures: list[Picture] = []
        self.offered: asyncio.Queue[int | None] = asyncio.Queue()
        self.acknowledged: asyncio.Queue[bool] = asyncio.Queue()
        self.visible = asyncio.Event()
        self.visible.set()
        self.in_flight = self.most_in_flight = 0
        self.pump = FramePump(self.ask, self.draw, lambda: (64, 36), PixelFormat.JPEG, self.pictures.append, self.see)

    async def see(self) -> None:
        await self.visible.wait()

    async def ask(self, after: int, width: int, height: int, pixel_format: PixelFormat) -> Frame | None:
        self.asked_after.append(after)
        number = await self.offered.get()
        return None if number is None else Frame(width, height, pixel_format, b"", number)

    async def draw(self, frame: Frame) -> None:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if not await self.acknowledged.get():
                raise TimeoutError
            self.drawn.append(frame.number)
        finally:
            self.in_flight -= 1

    async def show(self, number: int) -> None:
        self.offered.put_nowait(number)
        self.acknowledged.put_nowait(True)
        await until(lambda: number in self.drawn)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  conditions of plain objects have no event
            await asyncio.sleep(0)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client()
    running = asyncio.create_task(client.pump.run())
    yield client
    running.cancel()


async def test_the_next_picture_is_asked_for_only_when_the_last_was_acknowledged(client: Client) -> None:
    client.offered.put_nowait(1)
    await until(lambda: client.in_flight == 1)
    for number in range(2, 50):
        client.offered.put_nowait(number)
    await asyncio.sleep(0)
    assert client.asked_after == [0]
    client.acknowledged.put_nowait(True)
    await until(lambda: client.asked_after == [0, 1])


async def test_never_more_than_one_picture_is_in_flight(client: Client) -> None:
    for number in range(1, 30):
        client.offered.put_nowait(number)
        client.acknowledged.put_nowait(True)
    await until(lambda: len(client.drawn) == 29)
    assert client.most_in_flight == 1


async def test_a_picture_counts_as_live_from_the_second_one_on(client: Client) -> None:
    await client.show(1)
    assert client.pictures == []
    await client.show(2)
    await until(lambda: client.pictures == [Picture.LIVE])


async def test_a_lost_acknowledgement_does_not_end_the_pictures(client: Client) -> None:
    client.offered.put_nowait(1)
    client.acknowledged.put_nowait(False)
    await client.show(2)
    assert client.pump.shown == 1


async def test_shown_pictures_are_counted(client: Client) -> None:
    await client.show(1)
    await client.show(2)
    assert client.pump.shown == 2


async def test_no_picture_is_said_when_the_source_has_none(client: Client) -> None:
    await client.show(1)
    await client.show(2)
    client.offered.put_nowait(None)
    await until(lambda: client.pictures == [Picture.LIVE, Picture.NONE])


async def test_a_source_that_falls_silent_is_said_to_have_stopped(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.components.call.video.frame_pump.STALLED_AFTER_S", 0.05)
    await client.show(1)
    await client.show(2)
    await client.show(3)  # the limit above counts from the next question on
    await until(lambda: client.pictures == [Picture.LIVE, Picture.STOPPED])


async def test_a_hidden_window_asks_for_nothing(client: Client) -> None:
    client.offered.put_nowait(1)
    await until(lambda: client.in_flight == 1)
    client.visible.clear()
    client.acknowledged.put_nowait(True)
    await until(lambda: client.drawn == [1])
    for _ in range(10):
        await asyncio.sleep(0)
    assert client.asked_after == [0]


def test_a_wide_tile_asks_for_its_own_size() -> None:
    assert asked_size(560, 315, 1, True, PixelFormat.JPEG) == (560, 315)


def test_an_upright_tile_asks_wide_enough_to_be_filled() -> None:
    assert asked_size(108, 144, 1, True, PixelFormat.JPEG) == (256, 144)


def test_nothing_larger_than_720p_is_asked_for_over_a_socket() -> None:
    assert asked_size(2560, 1440, 2, False, PixelFormat.JPEG) == (1280, 720)


@pytest.mark.parametrize(("size", "filled"), [((1280, 800), True), ((390, 844), True), ((1000, 900), False)])
def test_a_picture_is_cropped_only_where_little_is_lost_or_a_strip_would_remain(
    size: tuple[int, int], filled: bool
) -> None:
    assert fills(*size) is filled
