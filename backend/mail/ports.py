"""What a mail leaves through."""

from email.message import EmailMessage
from typing import Protocol


class MailUnavailable(Exception):
    """No server takes any mail just now, or it is unknown whether it took this one: all mails wait.

    Its text goes into the log: it names codes and kinds of trouble, and quotes nothing.
    """


class MailPutOff(Exception):
    """The server asks to bring this mail later (a 4xx reply, RFC 5321, 4.2.1). `reason`: the reply's codes alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailRefused(Exception):
    """The server will never take this mail (a 5xx reply). `reason` names no address and quotes nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailTransport(Protocol):
    """Takes mails. Used by one thread at a time."""

    def send(self, message: EmailMessage) -> None:
        """Returns once somebody else answers for the mail; MailUnavailable, MailPutOff, MailRefused.

        Takes less than `backend.mail.rules.LEASE`, whatever the server does.
        """
