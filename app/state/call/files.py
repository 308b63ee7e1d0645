"""Files in a call: sending one, ending one, and what has arrived, which is here until the person leaves the call."""

from dataclasses import dataclass

from app.call.contract.call_state import CallSnapshot
from app.call.contract.engine import CallEngine
from app.call.contract.files import LARGEST_FILE, FileProblem, FileState, FileTransfer, clean_file_name
from app.state.call.chat import CallChat
from app.state.call.words.file_words import note_words, refusal_words


@dataclass(eq=False)
class CallFiles(CallChat):
    """The chat, and the files in it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._received: dict[str, bytes] = {}

    @property
    def received_files(self) -> tuple[FileTransfer, ...]:
        """Those of the other's that can be saved."""
        return tuple(each for each in self.snapshot.files if each.id in self._received)

    def may_send(self, size: int) -> bool:
        """Before a file is read; if not, `file_problem` says why."""
        self._note_refusal(FileProblem.TOO_LARGE if size > LARGEST_FILE else None)
        return size <= LARGEST_FILE

    async def send_file(self, name: str, content: bytes) -> None:
        """`file_problem` says why not."""
        refused: FileProblem | None = FileProblem.NOT_IN_CALL
        if self.engine is not None:
            note = note_words(clean_file_name(name), len(content))
            refused = await self.engine.send_file(name, content, note)
        self._note_refusal(refused)

    async def send_file_again(self, file_id: str) -> None:
        if self.engine is not None:
            self._note_refusal(await self.engine.send_file_again(file_id))

    async def cancel_file(self, file_id: str) -> None:
        """Ends it; one of theirs that has ended is removed."""
        if self.engine is not None:
            await self.engine.cancel_file(file_id)

    def received_file(self, file_id: str) -> bytes | None:
        """The content of one of `received_files`."""
        return self._received.get(file_id)

    async def _keep_files(self, engine: CallEngine, snapshot: CallSnapshot) -> None:
        """The engine's end must not take away what has arrived."""
        theirs = {each.id for each in snapshot.files if not each.mine and each.state is FileState.DELIVERED}
        self._received = {file_id: content for file_id, content in self._received.items() if file_id in theirs}
        for file_id in theirs - self._received.keys():
            content = await engine.received_file(file_id)
            if content is not None:
                self._received[file_id] = content

    def _note_refusal(self, refused: FileProblem | None) -> None:
        self.file_problem = refusal_words(refused, self.other_name) if refused else ""
