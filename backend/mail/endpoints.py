"""One click in a mail switches its kind off (RFC 8058): the page asks, the button or the mail program does it."""

from typing import cast
from uuid import UUID

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from backend.kit.http import DatabaseDep
from backend.kit.pages import our_path, page
from backend.mail import repository
from backend.mail.rules import MailKind
from backend.mail.service.unsubscribing import read_off_token
from backend.settings import Settings

router = APIRouter(prefix="/mail/off", include_in_schema=False)

NAMES = {
    MailKind.BOOKED: "that a session of yours is booked",
    MailKind.NEW_BOOKING: "that somebody has booked you",
    MailKind.MOVED: "that a session has a new time",
    MailKind.CANCELLED: "that a session is cancelled",
    MailKind.REMINDER_DAY: "a day before a session",
    MailKind.REMINDER_SOON: "a quarter of an hour before a session",
    MailKind.REFUND: "what became of a refund",
    MailKind.FOLLOW_UP: "that a professional sent you a follow-up to a session",
    MailKind.NEW_SIGN_IN: "that somebody signed in to your account",
}
_PAGE = Markup(
    '<main>\n<p class="brand">Rendezvous</p>\n<section class="card">\n<h1>{headline}</h1>\n<p>{words}</p>\n{form}'
    "</section>\n</main>"
)
_FORM = Markup('<form method="post" action="{path}"><button class="main">Switch these mails off</button></form>\n')


@router.get("/{token}")
def ask(token: str, request: Request) -> Response:
    """Asks: programs that only open every link of a mail change nothing."""
    found = _read(request, token)
    if found is None:
        return _not_whole()
    words = f"Mails that tell you {NAMES[found[1]]} will not be sent any more."
    form = _FORM.format(path=our_path(request, f"/mail/off/{token}"))
    return page("Mails", _PAGE.format(headline="No more of these mails?", words=words, form=form))


@router.post("/{token}")
def switch_off(token: str, request: Request, database: DatabaseDep) -> Response:
    """Does it, however often. The token alone says for whom: there is no cookie that another site could make use of."""
    found = _read(request, token)
    if found is None:
        return _not_whole()
    account_id, kind = found
    with database.write() as session:
        repository.switch(session, account_id, kind, on=False)
    words = f"You get no more mails that tell you {NAMES[kind]}. Settings in Rendezvous switch them on again."
    return page("Mails", _PAGE.format(headline="Switched off", words=words, form=""))


def _read(request: Request, token: str) -> tuple[UUID, MailKind] | None:
    return read_off_token(cast(Settings, request.app.state.settings).key_of_mails, token)


def _not_whole() -> Response:
    words = "Copy it from the mail once more, or switch mails off in the settings of Rendezvous."
    return page("Mails", _PAGE.format(headline="This link is not whole", words=words, form=""), status=404)
