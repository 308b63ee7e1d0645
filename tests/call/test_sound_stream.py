"""One open microphone or loudspeaker: what it counts as lost."""

import threading
import time
from types import SimpleNamespace

from app.call.pcm import MS
from app.call.ports import DeviceKind
from app.call.sound_stream import SoundStream

BLOCK = 5 * MS
NO_TIMES = SimpleNamespace(currentTime=0.0, inputBufferAdcTime=0.0, outputBufferDacTime=0.0)


def lost_after_waiting(kind: DeviceKind, wait_s: float) -> int:
    """Two callbacks so far apart, in a thread of their own as PortAudio's; the driver flags nothing."""
    stream = SoundStream(kind, "", BLOCK, 0.010, lambda samples, frames: None)

    def called() -> None:
        stream._called(bytearray(2 * BLOCK), BLOCK, NO_TIMES, 0)
        time.sleep(wait_s)
        stream._called(bytearray(2 * BLOCK), BLOCK, NO_TIMES, 0)

    thread = threading.Thread(target=called)
    thread.start()
    thread.join()
    return stream.strained


def test_a_loudspeaker_that_must_have_run_dry_has_lost_sound_though_its_driver_does_not_say_so() -> None:
    assert lost_after_waiting(DeviceKind.SPEAKER, 0.030) == 1


def test_a_microphone_has_more_room_than_that() -> None:
    assert lost_after_waiting(DeviceKind.MICROPHONE, 0.030) == 0
