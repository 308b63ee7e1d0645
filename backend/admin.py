"""`python -m backend.admin`: what operators do for people, on the database at DATABASE_URL. `--help` names it all.

Every command that changes something asks for a reason and leaves an entry in the audit log. It prints to the terminal
of whoever may read the database anyway; nothing of it goes into the log.
"""

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from backend.auth import repository as accounts
from backend.bookings.rules import Absent
from backend.kit.clock import utc_now
from backend.kit.database import Database, unusable
from backend.operators import service
from backend.operators.service import NotPossible, Operator
from backend.privacy.service.deleting import would_become
from backend.privacy.service.exporting import exported
from backend.settings import BadSettings, load_settings

WHY = click.option("--why", required=True, help="The reason, for the audit log.")
ABSENT = click.Choice([each.value for each in Absent])


@click.group(help=__doc__)
def cli() -> None:
    pass


@contextmanager
def _transaction(*, writes: bool) -> Iterator[Session]:
    """Whatever cannot be done ends in one sentence, and nothing has changed."""
    try:
        database = Database(load_settings().database_url)
        try:
            with database.write() if writes else database.read() as session:
                yield session
        finally:
            database.dispose()
    except (NotPossible, BadSettings) as error:
        raise click.ClickException(str(error)) from error
    except (DatabaseError, OSError) as error:
        raise click.ClickException(unusable(error)) from error


def _operator(why: str) -> Operator:
    """Who is at the keyboard: OPERATOR, or the system's name for them."""
    return Operator(os.environ.get("OPERATOR") or getpass.getuser(), why, utc_now())


def _act(act: Callable[[Session], str]) -> None:
    with _transaction(writes=True) as session:
        done = act(session)
    click.echo(f"Done: {done}.")


@cli.command()
@click.argument("words")
def find(words: str) -> None:
    """Accounts by id, mail address or a part of the name."""
    with _transaction(writes=False) as session:
        found = service.find_accounts(session, words)
        for row in found:
            blocked = f", blocked since {row.blocked_at:%Y-%m-%d %H:%M} UTC" if row.blocked_at else ""
            click.echo(f"{row.id}  {row.role}  {row.name}  {row.email}  since {row.created_at:%Y-%m-%d}{blocked}")
    if not found:
        raise click.ClickException("Nobody was found.")


@cli.command()
@click.argument("account", type=click.UUID)
@click.option("--cancel-sessions", is_flag=True, help="Also cancel what is coming, by the policy.")
@WHY
def block(account: UUID, cancel_sessions: bool, why: str) -> None:
    """Signs an account out and keeps it out; a professional is not found or booked any more."""
    _act(lambda session: service.block(session, account, _operator(why), cancel_sessions=cancel_sessions))


@cli.command()
@click.argument("account", type=click.UUID)
@WHY
def unblock(account: UUID, why: str) -> None:
    """Lets an account in again."""
    _act(lambda session: service.unblock(session, account, _operator(why)))


@cli.command("second-factor-off")
@click.argument("account", type=click.UUID)
@WHY
def second_factor_off(account: UUID, why: str) -> None:
    """Takes the second factor off for somebody who lost it; signs them out everywhere, and tells them by mail."""
    _act(lambda session: service.take_second_factor_off(session, account, _operator(why)))


@cli.command()
def stuck() -> None:
    """What goes on only when somebody acts: refunds, payouts, objections to decisions."""
    with _transaction(writes=False) as session:
        found = service.stuck(session)
    for refund in found.refunds:
        click.echo(f"refund    {refund.booking_id}  {refund.missing_minor} cents, failed {refund.failures} times")
    for booking_id in found.payouts:
        click.echo(f"payout    {booking_id}")
    for booking_id, role, reason in found.objections:
        click.echo(f"objection {booking_id}  by the {role}: {' '.join(reason.split())}")
    if not (found.refunds or found.payouts or found.objections):
        click.echo("Nothing is stuck.")


@cli.command()
@click.argument("booking", type=click.UUID)
@click.argument("absent", type=ABSENT)
@WHY
def decide(booking: UUID, absent: str, why: str) -> None:
    """Says who did not keep the appointment of a disputed session; final at once."""
    _act(lambda session: service.decide(session, booking, Absent(absent), _operator(why)))


@cli.command("refund-again")
@click.argument("booking", type=click.UUID)
@WHY
def refund_again(booking: UUID, why: str) -> None:
    """Orders a refund once more that has failed too often; the worker sends it."""
    _act(lambda session: service.refund_again(session, booking, _operator(why)))


@cli.command()
@click.argument("account", type=click.UUID)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@WHY
def export(account: UUID, file: Path, why: str) -> None:
    """Writes everything that is kept of a person into a new file, as JSON."""
    with _transaction(writes=True) as session:
        row = service.account_of(session, account)
        data = json.dumps(exported(session, accounts.account_of(row)), indent=2, ensure_ascii=False)
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
                out.write(data)
        except FileExistsError as error:
            raise NotPossible(f"{file} is there already. Name another file.") from error
        service.note(session, _operator(why), "export", account, "written to a file")
    click.echo(f"Everything about {account} is in {file}.")


@cli.command()
@click.argument("account", type=click.UUID)
@click.option("--yes", is_flag=True, help="Do not ask.")
@WHY
def delete(account: UUID, yes: bool, why: str) -> None:
    """Deletes a person: cancels what is coming, and keeps bookings and money without a name."""
    operator = _operator(why)
    with _transaction(writes=True) as session:  # the account is locked while it is looked at
        row = service.account_of(session, account)
        words = would_become(session, accounts.account_of(row), operator.now).words
        name = row.name
    if not yes:
        click.confirm(f"Delete {name}? {words}. This cannot be undone.", abort=True)
    _act(lambda session: service.delete(session, account, operator))


@cli.command()
@click.option("--about", type=click.UUID, help="Of one account or booking.")
@click.option("--limit", default=50, show_default=True)
def log(about: UUID | None, limit: int) -> None:
    """The audit log, the newest first."""
    with _transaction(writes=False) as session:
        for row in service.audit_log(session, about, limit):
            click.echo(
                f"{row.at:%Y-%m-%d %H:%M} UTC  {row.operator}  {row.action} {row.subject}: {row.reason}; {row.result}"
            )


if __name__ == "__main__":
    sys.exit(cli())
