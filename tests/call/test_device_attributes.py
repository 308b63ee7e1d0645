"""The peer learns which devices fail here."""

from app.call.contract.call_state import CallSnapshot
from app.call.contract.devices import DeviceFault, DeviceKind, DeviceState
from app.call.room.device_attributes import faults_to_publish, parse_fault


def test_a_device_that_is_switched_off_is_not_missed() -> None:
    off = DeviceState(enabled=False, fault=DeviceFault.MISSING)
    broken = DeviceState(fault=DeviceFault.SILENT)
    noted = faults_to_publish(CallSnapshot(camera=off, microphone=broken))
    assert noted == {"camera_fault": "", "microphone_fault": "silent", "speaker_fault": ""}


def test_a_fault_that_this_version_does_not_know_counts_as_none() -> None:
    assert parse_fault({"camera_fault": "haunted"}, DeviceKind.CAMERA) is None
    assert parse_fault({}, DeviceKind.CAMERA) is None
    assert parse_fault({"camera_fault": "busy"}, DeviceKind.CAMERA) is DeviceFault.BUSY
