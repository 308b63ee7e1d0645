"""Whether the system lets this app use the camera and the microphone, and how it is asked.

macOS: AVCaptureDevice, developer.apple.com, "Requesting authorization to capture and save media". Windows: the switches
of Settings > Privacy & security, as CapabilityAccessManager keeps them; learn.microsoft.com, "Handle the Windows camera
privacy setting". Linux has neither: the device itself says whether it may be opened.
"""

import asyncio
import functools
import importlib
import logging
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Any, ClassVar, Protocol

log = logging.getLogger(__name__)

POLL_INTERVAL_S = 0.2


class Capability(StrEnum):
    CAMERA = "camera"
    MICROPHONE = "microphone"


class Access(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"
    SWITCHED_OFF = "switched_off"  # explains why opening fails; an older Windows opens for desktop apps all the same
    UNDECIDED = "undecided"  # the person has not been asked, or has not answered yet
    UNKNOWN = "unknown"  # only opening the device can tell

    @property
    def explains_failure(self) -> bool:
        return self in (Access.REFUSED, Access.SWITCHED_OFF)


class DevicePermission(Protocol):
    """One system's way. `access` may be called from any thread and does not block."""

    def access(self, capability: Capability) -> Access: ...

    def request(self, capability: Capability) -> None:
        """Has the system ask the person, once; returns at once. On the main thread, where macOS wants it."""
        ...


class NothingToAsk:
    """Linux, and wherever the system cannot be asked."""

    def access(self, capability: Capability) -> Access:
        return Access.UNKNOWN

    def request(self, capability: Capability) -> None:
        """Nobody would answer."""


class MacPermission:
    """`framework` is PyObjC's module AVFoundation."""

    _ACCESS = (Access.UNDECIDED, Access.REFUSED, Access.REFUSED, Access.GRANTED)
    """By AVAuthorizationStatus: not determined, restricted, denied, authorized."""

    def __init__(self, framework: Any) -> None:
        self._framework = framework

    def _media_type(self, capability: Capability) -> Any:
        camera = capability is Capability.CAMERA
        return self._framework.AVMediaTypeVideo if camera else self._framework.AVMediaTypeAudio

    def access(self, capability: Capability) -> Access:
        status = self._framework.AVCaptureDevice.authorizationStatusForMediaType_(self._media_type(capability))
        return self._ACCESS[status] if 0 <= status < len(self._ACCESS) else Access.UNKNOWN

    def request(self, capability: Capability) -> None:
        if self.access(capability) is Access.UNDECIDED:
            self._framework.AVCaptureDevice.requestAccessForMediaType_completionHandler_(
                self._media_type(capability),
                lambda granted: log.info("%s: %s", capability, "allowed" if granted else "refused"),
            )


CONSENT = r"SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore"


class WindowsPermission:
    """`registry` is the module winreg. An app that is no store package has no switch of its own: the device's, the
    account's and the one for all desktop apps count. Windows does not ask, so there is never anything undecided.
    """

    _NAMES: ClassVar = {Capability.CAMERA: "webcam", Capability.MICROPHONE: "microphone"}

    def __init__(self, registry: Any) -> None:
        self._registry = registry

    def access(self, capability: Capability) -> Access:
        name = f"{CONSENT}\\{self._NAMES[capability]}"
        machine, account = self._registry.HKEY_LOCAL_MACHINE, self._registry.HKEY_CURRENT_USER
        switches = ((machine, name), (account, name), (account, f"{name}\\NonPackaged"))
        denied = any(self._switch(root, path) == "Deny" for root, path in switches)
        return Access.SWITCHED_OFF if denied else Access.UNKNOWN

    def _switch(self, root: Any, path: str) -> str:
        try:
            with self._registry.OpenKey(root, path) as key:
                return str(self._registry.QueryValueEx(key, "Value")[0])
        except OSError:  # an older Windows, or never switched
            return ""

    def request(self, capability: Capability) -> None:
        """Windows does not ask for desktop apps: the person switches it on in Settings."""


def system_permission(
    system: str = sys.platform, load: Callable[[str], Any] = importlib.import_module
) -> DevicePermission:
    """This system's way; `load` imports the module that it needs."""
    try:
        if system == "darwin":
            return MacPermission(load("AVFoundation"))
        if system == "win32":
            return WindowsPermission(load("winreg"))
    except ImportError:
        log.warning("the system cannot be asked whether camera and microphone are allowed", exc_info=True)
    return NothingToAsk()


@functools.cache
def of_this_system() -> DevicePermission:
    """The first call imports the system's framework, which takes a while."""
    return system_permission()


async def request_devices() -> None:
    """Has the system ask for camera and microphone. On the interface's loop, which runs in the process's first thread:
    macOS asks for no other. Opening a device then waits for the answer (`decided`).
    """
    permission = await asyncio.to_thread(of_this_system)
    for capability in Capability:
        permission.request(capability)


async def decided(permission: DevicePermission, capability: Capability, given_up: Callable[[], bool]) -> Access:
    """What the person answers, however long they take; UNDECIDED when `given_up` before."""
    while (access := permission.access(capability)) is Access.UNDECIDED and not given_up():  # noqa: ASYNC110  the answer comes to another thread, or in Settings
        await asyncio.sleep(POLL_INTERVAL_S)
    return access
