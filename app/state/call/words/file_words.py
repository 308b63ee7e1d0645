"""What is said of files that are sent in a call. The call page says the same (`tools/callpage_words.py`). Pure."""

from app.call.contract.files import FILES_AT_ONCE, LARGEST_FILE, FileProblem, FileState, FileTransfer
from app.state.core.sizes import size_words

LARGEST = size_words(LARGEST_FILE)
ATTACH, SAVE, REMOVE, CANCEL, AGAIN = "Send a file", "Save", "Remove", "Cancel", "Send again"
SAVING_TITLE = "Save the file"
LIMITS = f"Up to {LARGEST}. It goes to the other's device and is not kept."
DELIVERED = "Delivered"
READY = "Save it before the call ends: files are not kept."
AFTER = "Save what you received before you close this page."
CANCELLED = "You cancelled it"
UNREADABLE = "This file could not be read. Nothing was sent."


def progress_words(mine: bool, percent: int) -> str:
    """How far it is."""
    return f"{'Sending' if mine else 'Receiving'}, {percent} %"


def percent_of(file: FileTransfer) -> int:
    """What has arrived; 100 only once all has."""
    return int(100 * file.share)


def state_words(file: FileTransfer, name: str) -> str:
    """Below the file's name; `name` is the other's."""
    if file.state is FileState.UNDERWAY:
        return progress_words(file.mine, percent_of(file))
    if file.state is FileState.DELIVERED:
        return DELIVERED if file.mine else READY
    return problem_words(file.problem or FileProblem.BROKEN, file.mine, name)


_PROBLEMS = {
    FileProblem.CANCELLED: CANCELLED,
    FileProblem.PEER_CANCELLED: "{name} cancelled it",
    FileProblem.STALLED: "Failed: the connection was lost for too long",
    FileProblem.PEER_LEFT: "Failed: {name} left the call",
    FileProblem.NOT_IN_CALL: "Failed: {name} left the call",
    FileProblem.LOST: "Failed: {name}'s device has it no more",
    FileProblem.FULL: "Failed: {name} has to remove other files first",
    FileProblem.TOO_MANY: "Failed: too many files at once",
    FileProblem.TOO_LARGE: f"Failed: it is larger than {LARGEST}",
    FileProblem.BROKEN: "Failed: what came is not what was announced",
}
_FULL_HERE = "Not received: remove other files, then ask {name} to send it again"


def problem_words(problem: FileProblem, mine: bool, name: str) -> str:
    """Why it was cancelled or failed."""
    words = _FULL_HERE if problem is FileProblem.FULL and not mine else _PROBLEMS[problem]
    return words.replace("{name}", name)


def refusal_words(problem: FileProblem, name: str) -> str:
    """Why nothing was sent."""
    if problem is FileProblem.TOO_LARGE:
        return f"This file is larger than {LARGEST}. Nothing was sent."
    if problem is FileProblem.TOO_MANY:
        return f"{FILES_AT_ONCE} files are on their way. Wait for one of them, then send the next."
    return f"{name} is not in the call. You can send files once you are both here."


def note_words(name: str, size: int) -> str:
    """What the chat keeps of a file; its name comes last, for it may be written in the other direction."""
    return f"Sent a file of {size_words(size)}, which is not kept here: {name}"


def file_announcement(before: tuple[FileTransfer, ...], after: tuple[FileTransfer, ...], name: str) -> str:
    """For a screen reader: one that comes, has arrived, or ended otherwise. What this person did is not told them."""
    known = {each.id: each.state for each in before}
    for file in after:
        if known.get(file.id) is file.state or file.problem is FileProblem.CANCELLED:
            continue
        if file.state is not FileState.UNDERWAY:
            return f"{file.name}: {state_words(file, name)}"
        if not file.mine:
            return f"{name} is sending a file: {file.name}"
    return ""
