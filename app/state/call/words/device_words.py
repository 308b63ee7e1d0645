"""What is wrong with an own device, what it means for the call and what helps, on each system. Pure."""

import sys
from dataclasses import dataclass

from app.call.contract.call_state import CallSnapshot
from app.call.contract.devices import BlurFault, BlurState, DeviceFault, DeviceKind, DeviceState


@dataclass(frozen=True)
class FaultWords:
    """`what` is wrong with a device, and the `remedy` that is in the person's hands."""

    what: str
    remedy: str


_DEVICE = {DeviceKind.CAMERA: "camera", DeviceKind.MICROPHONE: "microphone", DeviceKind.SPEAKER: "speaker"}
_EFFECT = {
    DeviceKind.CAMERA: "{other} will not see you.",
    DeviceKind.MICROPHONE: "{other} will not hear you.",
    DeviceKind.SPEAKER: "You will not hear {other}.",
}
_SILENT = {
    DeviceKind.CAMERA: "Your camera isn't sending a picture.",
    DeviceKind.MICROPHONE: "Your microphone isn't sending any sound.",
    DeviceKind.SPEAKER: "Your speaker isn't playing any sound.",
}
_ALLOW = {
    ("win32", DeviceKind.CAMERA): "Open Settings > Privacy & security > Camera and switch on camera access and "
    "“Let desktop apps access your camera”. Then try again.",
    ("win32", DeviceKind.MICROPHONE): "Open Settings > Privacy & security > Microphone and switch on microphone access "
    "and “Let desktop apps access your microphone”. Then try again.",
    ("darwin", DeviceKind.CAMERA): "Open System Settings > Privacy & Security > Camera and switch on Rendezvous "
    "(or Terminal, if you started it there). macOS then asks to reopen it.",
    ("darwin", DeviceKind.MICROPHONE): "Open System Settings > Privacy & Security > Microphone and switch on "
    "Rendezvous (or Terminal, if you started it there). macOS then asks to reopen it.",
    ("linux", DeviceKind.CAMERA): "Add your user to the group “video” (sudo usermod -aG video $USER), sign out and in "
    "again. In a sandbox (Flatpak, Snap), allow the camera there.",
    ("browser", DeviceKind.CAMERA): "Allow the camera for this page, by the sign beside the address or in the "
    "browser's settings. Then try again.",
    ("browser", DeviceKind.MICROPHONE): "Allow the microphone for this page, by the sign beside the address or in the "
    "browser's settings. Then try again.",
    (
        "linux",
        DeviceKind.MICROPHONE,
    ): "Allow the microphone in your desktop's privacy settings, or add your user to the "
    "group “audio” and sign in again.",
}
"""What to press where the system refuses a device; by sys.platform, and for the call page."""
_ALLOW_ELSEWHERE = "Allow it in your system's privacy settings, then try again."


def fault_words(kind: DeviceKind, fault: DeviceFault, other_name: str, system: str = sys.platform) -> FaultWords:
    """What is wrong with one of the own devices, what it means for the call, and what helps on this `system`."""
    name = _DEVICE[kind]
    what, remedy = {
        DeviceFault.MISSING: (f"No {name} found.", f"Plug one in or choose another {name}."),
        DeviceFault.BUSY: (f"Your {name} is in use by another program.", "Close that program, then try again."),
        DeviceFault.REFUSED: (
            f"Rendezvous is not allowed to use your {name}.",
            _ALLOW.get((system, kind), _ALLOW_ELSEWHERE),
        ),
        DeviceFault.SILENT: (_SILENT[kind], "Check its switch and its cable, then try again."),
        DeviceFault.STUCK: _stuck_words(kind),
        DeviceFault.NO_DRIVER: (f"This computer cannot use its {name}.", _driver_words(kind, system)),
    }[fault]
    return FaultWords(f"{what} {_EFFECT[kind].format(other=other_name)}", remedy)


def _stuck_words(kind: DeviceKind) -> tuple[str, str]:
    if kind is DeviceKind.CAMERA:
        return (
            "Your camera does not close and may still be recording.",
            "Unplug it. If it is built in, cover it and restart the computer.",
        )
    return f"Your {_DEVICE[kind]} does not answer.", "Unplug it, choose another one, or restart the computer."


def _driver_words(kind: DeviceKind, system: str) -> str:
    if kind is DeviceKind.CAMERA:
        return "Its driver is missing."
    if system == "linux":
        return (
            "A system library is missing: install libportaudio2 (Debian, Ubuntu) or portaudio (Fedora), "
            "then start again."
        )
    return "A part of Rendezvous is missing. Reinstall it."


SYSTEM_SOUND = "System audio is in use, which has no level meter."


def stand_in_words(state: DeviceState) -> str:
    """What works in the place of a device that is away; empty while all is as chosen."""
    if state.chosen is None:
        return ""
    if state.fallback:
        return f"{state.chosen.label} is not connected. The system default is used until it is back."
    if state.instead_of is not None:
        return f"{state.instead_of.label} is not connected. {state.chosen.label} is used instead."
    return ""


def faults_of(snapshot: CallSnapshot) -> list[tuple[DeviceKind, DeviceFault]]:
    """The own devices that are wanted and do not work, the most important one first; and one that may record though it
    is not wanted.
    """
    devices: list[tuple[DeviceKind, DeviceState]] = [
        (DeviceKind.MICROPHONE, snapshot.microphone),
        (DeviceKind.CAMERA, snapshot.camera),
        (DeviceKind.SPEAKER, snapshot.speaker),
    ]
    return [
        (kind, state.fault)
        for kind, state in devices
        if state.fault is not None and (state.enabled or state.fault is DeviceFault.STUCK)
    ]


NO_BLUR = "Blur does not work: camera off"
"""The same in a few words, over the call."""


def blur_words(blur: BlurState) -> str:
    """Why the background cannot be blurred, and what it means for the camera; empty while nothing is wrong."""
    if blur.fault is None:
        return ""
    if blur.fault is BlurFault.NOT_INSTALLED:
        why = "The background cannot be blurred on this computer."
    else:
        why = "The background blur does not work."
    return f"{why} Your camera is off: switch it on to be seen without blur." if blur.blocked else why


def starting_words(snapshot: CallSnapshot) -> str:
    """Why the own picture is not there yet."""
    return "Blurring your background…" if snapshot.background_blur.starting else "Starting your camera…"


def own_picture_shown(snapshot: CallSnapshot) -> bool:
    """Whether there are pictures to show of this person."""
    return snapshot.camera.is_sending and not snapshot.background_blur.starting
