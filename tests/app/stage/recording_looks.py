"""Moments of a recording, to look at: `tests.app.stage.show_call` shows them."""

from collections.abc import Callable
from pathlib import Path

from app.call.contract.call_state import CallState
from app.call.contract.recording import OwnRecording, PeerRecording, RecordingEnd, RecordingState
from tests.app.stage.call_world import CallWorld

FILE = str(Path("Videos") / "Rendezvous" / "Ada Lovelace 2026-11-24 10.00.mp4")
GB = 1024**3
ASKED = "00000003-0000-4000-8000-000000000000"
Moment = Callable[[CallWorld], None]


def own(state: RecordingState, end: RecordingEnd | None = None, file: str = FILE) -> OwnRecording:
    return OwnRecording(
        state, "1", file, 754.0, GB // 20, 41 * GB if end is not RecordingEnd.DISK_FULL else GB // 4, end
    )


def looks(in_call: Moment) -> dict[str, Moment]:
    """By name; `in_call` makes the call that they are moments of."""

    def shows(recording: OwnRecording | None = None, peer: PeerRecording | None = None) -> Moment:
        def act(world: CallWorld) -> None:
            in_call(world)
            world.engine.become(CallState.IN_CALL, recording=recording or OwnRecording(), peer_recording=peer)

        return act

    both = PeerRecording(ASKED, agreed=True, writing=True)
    found = {
        "to_record": shows(),
        "asking_to_record": shows(own(RecordingState.ASKING)),
        "recording": shows(own(RecordingState.RECORDING)),
        "recording_paused": shows(own(RecordingState.PAUSED)),
        "recording_both": shows(own(RecordingState.RECORDING), both),
        "asked_to_record": shows(peer=PeerRecording(ASKED)),
        "recorded": shows(peer=both),
    }
    for end in RecordingEnd:
        file = "" if end in (RecordingEnd.REFUSED, RecordingEnd.NOT_WRITABLE, RecordingEnd.SYSTEM_AUDIO) else FILE
        found[f"recording_{end}"] = shows(own(RecordingState.ENDED, end, file))
    return found
