"""Which mails one wants, over HTTP."""

from fastapi import APIRouter

from backend.auth.access import CurrentAccount
from backend.auth.rules import NotSignedIn
from backend.auth.schemas import MailSwitch, MailSwitchAnswer, MailSwitchesAnswer
from backend.kit.errors import error_responses
from backend.kit.http import DatabaseDep
from backend.mail import repository
from backend.mail.rules import OPTIONAL, MailKind

router = APIRouter(prefix="/auth/me/mails", tags=["accounts"], responses=error_responses(NotSignedIn))


@router.get("")
def mail_switches(account: CurrentAccount, database: DatabaseDep) -> MailSwitchesAnswer:
    """Every kind that can be switched off, and whether it is on."""
    with database.read() as session:
        off = repository.switched_off(session, account.id)
    return MailSwitchesAnswer(items=[MailSwitchAnswer(kind=kind, on=kind.value not in off) for kind in OPTIONAL])


@router.put("")
def set_mail_switch(body: MailSwitch, account: CurrentAccount, database: DatabaseDep) -> MailSwitchAnswer:
    """Switches one kind on or off; a mail that waits to be sent is not sent either."""
    with database.write() as session:
        repository.switch(session, account.id, MailKind(body.kind), on=body.on)
    return MailSwitchAnswer(kind=MailKind(body.kind), on=body.on)
