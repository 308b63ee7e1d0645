"""What the call says of its encryption, in words that promise what is true and no more: the app's own screens and the
call page (`callpage/`, by `tools/callpage_shared.py`) say the same. Pure.
"""

from dataclasses import dataclass

from app.call.contract.encryption import Encryption, KeyOrigin

SIGN_ON, SIGN_OFF, SIGN_UNREADABLE = "Encrypted", "Not encrypted", "Cannot be decrypted"
SIGN_NEW_WORDS = "Encrypted, new words"
SHOW = "About the encryption"
CLOSE = "Close the words about the encryption"
GO_ON, DO_NOT_GO_ON, CHANGE_MIND = "Go on without encryption", "Do not go on", "Go on after all"
OWN_BROWSER = "This browser cannot encrypt calls"
KEY_WORDS = "Words to compare"
_SERVER = "The call server between you cannot read picture, voice, messages or files."
_GIVEN = "The key is new for each session. Rendezvous gives it to both of you and deletes it when the session is over."
_KEPT = "Messages are kept with the session as well, where Rendezvous could read them. Each of you can delete them."


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(texts)


_ON = {
    KeyOrigin.GIVEN: _paragraphs(
        _SERVER,
        f"{_GIVEN} Your devices have no key of their own: an earlier version or an older browser cannot agree on one.",
        _KEPT,
    ),
    KeyOrigin.AGREEING: _paragraphs(
        _SERVER,
        f"{_GIVEN} Your devices are agreeing on one of their own for picture and voice. Once they have, four words are "
        "shown here.",
        _KEPT,
    ),
    KeyOrigin.AGREED: _paragraphs(
        "Read the four words to each other. If both of you see the same, nobody else has that key to picture and "
        "voice, Rendezvous included. You trust the app itself for that.",
        f"{_SERVER} The words change when one of you changes device or opens the call again. Until there are words, "
        "and for messages and files, the key is one that Rendezvous gives to both of you.",
        _KEPT,
    ),
    KeyOrigin.REFUSED: _paragraphs(
        _SERVER,
        f"{_GIVEN} Your devices could not agree on one of their own: what came as {{name}}'s half of it was not in "
        "order, and may have been changed on its way.",
        _KEPT,
    ),
}
REMEDY = "A current version of Chrome, Edge, Firefox or Safari can, and so can the app."


@dataclass(frozen=True)
class EncryptionWords:
    """`title` in a few words, `text` in some sentences. `asks`: yes and no are offered; `mends`: a yes after a no."""

    title: str
    text: str
    asks: bool = False
    mends: bool = False


def sign_words(encryption: Encryption, new_words: bool = False) -> str:
    """In the sign that is shown all the time. While it is asked, nothing is sent that could be read. `new_words`: those
    to compare are others than before.
    """
    if encryption is Encryption.OFF:
        return SIGN_OFF
    if encryption is Encryption.UNREADABLE:
        return SIGN_UNREADABLE
    return SIGN_NEW_WORDS if new_words else SIGN_ON


def new_words(name: str) -> str:
    """Beside words that are others than those shown before."""
    return f"These words are new: {name} changed device or opened the call again. Compare them again."


def encryption_words(
    encryption: Encryption, name: str, own_browser: bool = False, origin: KeyOrigin = KeyOrigin.GIVEN
) -> EncryptionWords:
    """`name` is the other's. `own_browser`: it is this side that cannot encrypt. `origin`: of the key."""
    match encryption:
        case Encryption.ON:
            return EncryptionWords("Encrypted from device to device", _ON[origin].format(name=name))
        case Encryption.OFF:
            text = (
                "One of your browsers cannot encrypt, and you both agreed to go on. The call server could see and hear "
                "this call."
            )
            return EncryptionWords("This call is not encrypted", text)
        case Encryption.UNREADABLE:
            text = "Your two devices do not have the same key. Leave the call, both of you, and join again."
            return EncryptionWords(f"What {name} sends cannot be decrypted", text)
        case Encryption.WAITING:
            text = f"You agreed to go on without encryption. {name} has not answered yet."
            return EncryptionWords(f"Waiting for {name}'s answer", text)
        case Encryption.PEER_DECLINED:
            return EncryptionWords(f"{name} did not agree to go on without encryption", REMEDY)
        case Encryption.DECLINED:
            text = f"You and {name} cannot see or hear each other here. {REMEDY}"
            return EncryptionWords("You did not agree to go on without encryption", text, mends=True)
        case _:
            title = OWN_BROWSER if own_browser else f"{name}'s browser cannot encrypt calls"
            text = (
                "You see and hear each other only if you both agree to go on without encryption. The call server could "
                f"then see and hear you too. {REMEDY}"
            )
            return EncryptionWords(title, text, asks=True)
