"""Which devices PortAudio has on its list, by names that stay the same from one reading of it to the next.

Called under `portaudio`'s lock, with the module while PortAudio runs.
"""

import sys
from types import ModuleType

from app.call.audio.driver.errors import AudioUnavailable
from app.call.contract.devices import DeviceFault, DeviceKind

DEFAULT_ID = "default"
ALSA_ALIASES = (
    "sysdefault", "front", "rear", "center_lfe", "side", "surround", "iec958", "spdif", "hdmi", "dmix", "dsnoop",
    "modem", "phoneline", "lavrate", "samplerate", "speexrate", "upmix", "vdownmix", "jack", "oss", "default", "null",
)  # fmt: skip
"""What ALSA lists beside the devices themselves; "default" is our own first entry."""


def usable(sounddevice: ModuleType, kind: DeviceKind) -> list[tuple[str, str, int]]:
    """(id, label, PortAudio's index) of each device of this kind, of one host API only: the others list it again."""
    channels = "max_input_channels" if kind is DeviceKind.MICROPHONE else "max_output_channels"
    apis = sounddevice.query_hostapis()
    preferred = next((at for at, api in enumerate(apis) if api["name"] == "Windows WASAPI"), None)
    found = []
    seen: dict[str, int] = {}
    for index, each in enumerate(sounddevice.query_devices()):
        name = str(each["name"])
        alias = sys.platform == "linux" and name.lower().startswith(ALSA_ALIASES)
        if each[channels] > 0 and not alias and preferred in (None, each["hostapi"]):
            count = seen[name] = seen.get(name, 0) + 1
            label = name if count == 1 else f"{name} ({count})"  # two of one model
            found.append((f"{apis[each['hostapi']]['name']}: {label}", label, index))
    return found


def default_index(sounddevice: ModuleType, kind: DeviceKind) -> int | None:
    """The system's default device, by the host API that lists the devices; None when there is none."""
    side = "default_input_device" if kind is DeviceKind.MICROPHONE else "default_output_device"
    apis = sounddevice.query_hostapis()
    wasapi = [api for api in apis if api["name"] == "Windows WASAPI"]
    return next((int(api[side]) for api in (*wasapi, *apis) if api[side] >= 0), None)


def api_name(sounddevice: ModuleType, index: int) -> str:
    return str(sounddevice.query_hostapis(sounddevice.query_devices(index)["hostapi"])["name"])


def index_of(sounddevice: ModuleType, kind: DeviceKind, device_id: str) -> int:
    if device_id == DEFAULT_ID:
        index = default_index(sounddevice, kind)
    else:
        index = next((at for name, _, at in usable(sounddevice, kind) if name == device_id), None)
    if index is None:
        raise AudioUnavailable(DeviceFault.MISSING, f"No {kind} was found.")
    return index
