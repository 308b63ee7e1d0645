"""What the call says of its encryption, in words that promise what is true and no more: the app's own screens and the
call page (`callpage/`, by `tools/callpage_shared.py`) say the same. Pure.
"""

from dataclasses import dataclass

from app.call.contract.encryption import Encryption

SIGN_ON, SIGN_OFF, SIGN_UNREADABLE = "Encrypted", "Not encrypted", "Cannot be decrypted"
SHOW = "About the encryption"
CLOSE = "Close the words about the encryption"
GO_ON, DO_NOT_GO_ON, CHANGE_MIND = "Go on without encryption", "Do not go on", "Go on after all"
OWN_BROWSER = "This browser cannot encrypt calls"
REMEDY = "A current version of Chrome, Edge, Firefox or Safari can, and so can the app."


@dataclass(frozen=True)
class EncryptionWords:
    """`title` in a few words, `text` in some sentences. `asks`: yes and no are offered; `mends`: a yes after a no."""

    title: str
    text: str
    asks: bool = False
    mends: bool = False


def sign_words(encryption: Encryption) -> str:
    """In the sign that is shown all the time. While it is asked, nothing is sent that could be read."""
    if encryption is Encryption.OFF:
        return SIGN_OFF
    return SIGN_UNREADABLE if encryption is Encryption.UNREADABLE else SIGN_ON


def encryption_words(encryption: Encryption, name: str, own_browser: bool = False) -> EncryptionWords:
    """`name` is the other's. `own_browser`: it is this side that cannot encrypt."""
    match encryption:
        case Encryption.ON:
            text = (
                f"Picture, voice and chat are encrypted on your device and decrypted on {name}'s. The call server "
                "between you cannot read them. The key is new for each session. Rendezvous gives it to both of you and "
                "deletes it when the session is over. What you write is kept with the session as well, where "
                "Rendezvous could read it; each of you can delete it."
            )
            return EncryptionWords("Encrypted from device to device", text)
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
