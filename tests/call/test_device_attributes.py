"""The peer learns which devices fail here."""

import asyncio
from typing import Any, cast

import pytest

from app.call.contract.call_state import CallSnapshot
from app.call.contract.devices import DeviceFault, DeviceKind, DeviceState
from app.call.room import device_attributes
from app.call.room.device_attributes import (
    DeviceAttributes,
    attributes_to_publish,
    parse_answer,
    parse_can_encrypt,
    parse_fault,
)
from tests.waiting import until


def test_a_device_that_is_switched_off_is_not_missed() -> None:
    off = DeviceState(enabled=False, fault=DeviceFault.MISSING)
    broken = DeviceState(fault=DeviceFault.SILENT)
    noted = attributes_to_publish(CallSnapshot(camera=off, microphone=broken))
    assert noted == {"camera_fault": "", "microphone_fault": "silent", "speaker_fault": "", "unencrypted": ""}


@pytest.mark.parametrize(("answer", "word"), [(None, ""), (True, "yes"), (False, "no")])
def test_the_answer_about_encryption_is_read_as_it_was_given(answer: bool | None, word: str) -> None:
    noted = attributes_to_publish(CallSnapshot(unencrypted_answer=answer))
    assert noted["unencrypted"] == word
    assert parse_answer(noted) is answer


def test_who_says_nothing_can_encrypt_and_has_not_agreed_to_anything() -> None:
    assert parse_can_encrypt({})
    assert not parse_can_encrypt({"cannot_encrypt": "yes"})
    assert parse_answer({}) is None
    assert parse_answer({"unencrypted": "of course"}) is None


def test_a_fault_that_this_version_does_not_know_counts_as_none() -> None:
    assert parse_fault({"camera_fault": "haunted"}, DeviceKind.CAMERA) is None
    assert parse_fault({}, DeviceKind.CAMERA) is None
    assert parse_fault({"camera_fault": "busy"}, DeviceKind.CAMERA) is DeviceFault.BUSY


class FailingRoom:
    """A room whose server does not answer the first times; `told` is what it has been told."""

    def __init__(self, failures: int) -> None:
        self.local_participant = self
        self.connected = True
        self.told: dict[str, str] = {}
        self.tries = 0
        self._failures = failures

    def isconnected(self) -> bool:
        return self.connected

    async def set_attributes(self, attributes: dict[str, str]) -> None:
        self.tries += 1
        if self.tries <= self._failures:
            raise RuntimeError("no answer")
        self.told |= attributes


async def test_what_did_not_arrive_is_sent_again_until_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent only with the next change, an answer about encryption could be lost for good."""
    monkeypatch.setattr(device_attributes, "TRY_AGAIN_AFTER_S", (0.01,))
    room = FailingRoom(3)
    attributes = DeviceAttributes(lambda work, name: asyncio.ensure_future(work))
    attributes.publish(cast(Any, room), {"unencrypted": "yes"})
    await until(lambda: room.told == {"unencrypted": "yes"}, "the server has it")
    assert room.tries == 4


async def test_a_participant_that_is_new_at_the_server_is_told_all_though_sending_fails_just_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device_attributes, "TRY_AGAIN_AFTER_S", (0.05,))
    room = FailingRoom(1)
    attributes = DeviceAttributes(lambda work, name: asyncio.ensure_future(work))
    attributes.publish(cast(Any, room), {"camera_fault": "busy"})
    await until(lambda: room.tries == 1, "it fails")
    attributes.republish(cast(Any, room))
    await until(lambda: room.told == {"camera_fault": "busy"}, "the server has it")


async def test_nothing_more_is_tried_over_a_connection_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_attributes, "TRY_AGAIN_AFTER_S", (0.01,))
    room = FailingRoom(1000)
    going: list[asyncio.Task[Any]] = []
    attributes = DeviceAttributes(lambda work, name: going.append(asyncio.ensure_future(work)))
    attributes.publish(cast(Any, room), {"camera_fault": "busy"})
    await until(lambda: room.tries > 2, "it is tried")
    room.connected = False
    await asyncio.wait_for(going[0], 5)
