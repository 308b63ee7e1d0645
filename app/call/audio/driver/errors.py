"""What PortAudio says went wrong, as a fault of the app. Pure."""

from app.call.contract.devices import DeviceFault, DeviceKind

NO_ANSWER = "The system's sound does not answer."


class AudioUnavailable(Exception):
    """Why there is no audio; the text is for people."""

    def __init__(self, fault: DeviceFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


NOT_INITIALIZED, INVALID_DEVICE = -10000, -9996
"""PaErrorCode (portaudio.h)."""
E_ACCESSDENIED, EACCES = -2147024891, -13
"""What a host API says of a device that the system forbids: WASAPI's 0x80070005 (winerror.h), ALSA's errno. The text
beside it is in the system's language.
"""


def unavailable(kind: DeviceKind, error: Exception) -> AudioUnavailable:
    """PortAudio's error as a fault. Its text is not asked for: making it calls PortAudio once more. `error.args` are
    a text, the PaErrorCode, and (host API, its own code, its text), as far as there are any.
    """
    text, code, host = (list(error.args) + ["", None, None][len(error.args) :])[:3]
    _, host_code, host_text = host or (None, None, "")
    if host_code in (E_ACCESSDENIED, EACCES) or "denied" in str(host_text).lower():
        return AudioUnavailable(DeviceFault.REFUSED, f"This app may not use the {kind}.")
    if code == INVALID_DEVICE or (code is None and "querying" in str(text)):
        return AudioUnavailable(DeviceFault.MISSING, f"The {kind} is not connected.")
    if code == NOT_INITIALIZED:
        return AudioUnavailable(DeviceFault.BUSY, NO_ANSWER)
    return AudioUnavailable(DeviceFault.BUSY, f"The {kind} could not be opened; another program may be using it.")
