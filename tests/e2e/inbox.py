"""What a person finds in their inbox: in a demo, the page that shows it."""

import re

import httpx

from tests.e2e.driving import Person
from tests.waiting import eventually

_MAIL = re.compile(r'/sandbox/mails/[^"?/]+(?=")')


def code_for(backend_url: str, email: str, what: str = "Rendezvous code") -> str:
    """The newest code that was sent there; `what` is how its mail calls it."""
    code = re.compile(rf"(\d{{6}}) is your {what}")

    def look() -> str | None:
        page = httpx.get(f"{backend_url}/sandbox/mails", params={"to": email}, timeout=60).text
        found = code.search(page)
        return found[1] if found else None

    return eventually(look, f"a code for {email}")


def mail_with(backend_url: str, email: str, words: str) -> str:
    """The newest mail there whose text has these words, as HTML."""

    def look() -> str | None:
        listed = httpx.get(f"{backend_url}/sandbox/mails", params={"to": email}, timeout=60).text
        mails = (httpx.get(f"{backend_url}{path}/html", timeout=60).text for path in _MAIL.findall(listed))
        return next((mail for mail in mails if words in mail), None)

    return eventually(look, f"a mail with {words!r}")


def confirm_email(person: Person, backend_url: str, email: str, then: str) -> None:
    """Types the code where it is asked for; `then` is what goes on with it."""
    person.sees(f"We sent a code to {email}.")
    person.enter("Code", code_for(backend_url, email))
    person.press(f"Confirm and {then}")
