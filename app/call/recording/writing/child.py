"""The process that writes a recording: python -m app.call.recording.writing.child MEMORY; or with `recover` instead,
and the file as JSON on standard input.

Messages come on standard input, reports go to standard output. When the program that started it is gone, it makes the
file whole by itself.
"""

import contextlib
import json
import signal
import sys
from pathlib import Path

from app.call.recording.frame_slots import SIZE, FrameSlots
from app.call.recording.messages import Kind, Message, Report, Said, read_message
from app.call.recording.shared_memory import open_memory
from app.call.recording.writing.remux import recover
from app.call.recording.writing.writer import RecordingWriter
from app.call.runtime.thread_priority import lower_priority
from app.call.video.convert import use_one_thread

RECOVER = "recover"


def tell(report: Report) -> None:
    with contextlib.suppress(OSError):  # nobody is left to read it
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()


def write(memory: str) -> None:
    writer = RecordingWriter(FrameSlots(open_memory(memory, SIZE)), tell)
    tell({"said": Said.READY})
    last_s = 0.0
    while not writer.ended:
        message = read_message(sys.stdin.buffer.read)
        if message is None:  # the program is gone
            message = Message(Kind.FINISH, instant_s=last_s)
        elif message.kind is Kind.TICK:
            last_s = message.instant_s
        writer.handle(message)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the program, which then ends this
    lower_priority()
    use_one_thread()
    if sys.argv[1] == RECOVER:
        tell({"said": Said.FINISHED, "file": str(recover(Path(json.load(sys.stdin))))})
    else:
        write(sys.argv[1])


if __name__ == "__main__":
    main()
