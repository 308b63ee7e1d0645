"""Whether a call is encrypted from one device to the other, and what is asked where it cannot be.

Pure declarations and one pure function, which the call page has too (`callpage/src/call/agreement.ts`).
"""

from dataclasses import dataclass
from enum import StrEnum


class Encryption(StrEnum):
    """What the screen says of it. Whatever it is, nobody's media leaves a device unencrypted but in `OFF`."""

    ON = "on"
    ASKING = "asking"  # one side cannot encrypt, and this person has not answered yet
    WAITING = "waiting"  # this person agreed to go on without; the other has not answered
    DECLINED = "declined"  # this person did not agree
    PEER_DECLINED = "peer_declined"
    OFF = "off"  # both agreed: the call server could see and hear
    UNREADABLE = "unreadable"  # what the other sends does not fit this side's key


class KeyOrigin(StrEnum):
    """Who knows the key of picture and voice in an encrypted call."""

    GIVEN = "given"  # Rendezvous gave it to both; the other side's version or browser knows nothing else
    AGREEING = "agreeing"  # the same, while the two devices agree on another
    AGREED = "agreed"  # the two devices alone, if the words are the same on both; nothing else is read or sent
    REFUSED = "refused"  # as GIVEN, for what came as the other's half of the key was not in order


@dataclass(frozen=True)
class EncryptionFacts:
    """`own_answer` and `peer_answer`: to going on without encryption; None: not given. `can_encrypt` is this side's."""

    can_encrypt: bool = True
    peer_can_encrypt: bool = True
    own_answer: bool | None = None
    peer_answer: bool | None = None
    unreadable: bool = False

    @property
    def agreed_off(self) -> bool:
        """Whether the call goes on without: one side cannot, and both said yes."""
        missing = not (self.can_encrypt and self.peer_can_encrypt)
        return missing and self.own_answer is True and self.peer_answer is True


def encryption_of(facts: EncryptionFacts) -> Encryption:
    """What is so, and what is to be asked."""
    if facts.agreed_off:
        return Encryption.OFF
    if facts.can_encrypt and facts.peer_can_encrypt:
        return Encryption.UNREADABLE if facts.unreadable else Encryption.ON
    if facts.own_answer is False:
        return Encryption.DECLINED
    if facts.peer_answer is False:
        return Encryption.PEER_DECLINED
    return Encryption.WAITING if facts.own_answer else Encryption.ASKING
