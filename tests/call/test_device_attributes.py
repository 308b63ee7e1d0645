"""The peer learns which devices fail here."""

import pytest

from app.call.contract.call_state import CallSnapshot
from app.call.contract.devices import DeviceFault, DeviceKind, DeviceState
from app.call.room.device_attributes import attributes_to_publish, parse_answer, parse_can_encrypt, parse_fault


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
