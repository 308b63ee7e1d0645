"""What mails say and how they are made: in both forms, escaped, without a second header in any line."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from backend.mail.rules import OPTIONAL, MailKind
from backend.mail.rules.dates import day_words, english_of, span_words, time_words
from backend.mail.rules.facts import (
    ChangeCodeFacts,
    CodeFacts,
    EmailChangedFacts,
    Facts,
    FollowUpFacts,
    Reader,
    RefundFacts,
    SecondFactorFacts,
    SessionFacts,
    SignInFacts,
)
from backend.mail.service.unsubscribing import off_token, read_off_token
from backend.mail.service.writing import Writer
from backend.main import writer_of
from backend.settings import Settings
from tests.backend.mail.reading import part

STARTS = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
BOOKING, WHO, MAIL = UUID(int=1), UUID(int=2), UUID(int=3)
NASTY = "Bob\r\nBcc: all@example.com <img src=x onerror=alert(1)> & {{ 7*7 }} \u2028"


OF_ACCOUNTS: dict[MailKind, Facts] = {
    MailKind.NEW_SIGN_IN: SignInFacts(at=STARTS),
    MailKind.CHANGE_CODE: ChangeCodeFacts(code="123456", minutes=30),
    MailKind.EMAIL_CHANGED: EmailChangedFacts(at=STARTS),
    MailKind.SECOND_FACTOR_OFF: SecondFactorFacts(at=STARTS),
}


@pytest.fixture
def writer() -> Writer:
    return writer_of(
        Settings(
            database_url="sqlite://",
            rendezvous_demo=True,
            public_url="https://api.example.com",
            web_app_url="https://app.example.com",
            mail_from="no-reply@example.com",
            support_contact="help@example.com",
        )
    )


def reader(**changes: object) -> Reader:
    known: dict[str, object] = {
        "account_id": WHO,
        "email": "sam@example.com",
        "name": "Sam Vale",
        "professional": False,
        "time_zone": "Europe/Berlin",
        "language": "en-GB",
    }
    return Reader.model_validate(known | changes)


def facts_of(kind: MailKind, other: str = "Nora Berg") -> Facts:
    if kind in (MailKind.VERIFY_CODE, MailKind.RESET_CODE):
        return CodeFacts(code="123456", minutes=15)
    if kind in OF_ACCOUNTS:
        return OF_ACCOUNTS[kind]
    if kind is MailKind.REFUND:
        return RefundFacts(booking_id=BOOKING, other=other, starts_at=STARTS, refund_minor=2250, done=True)
    if kind is MailKind.FOLLOW_UP:
        return FollowUpFacts(booking_id=BOOKING, other=other, starts_at=STARTS)
    return SessionFacts(
        booking_id=BOOKING,
        other=other,
        starts_at=STARTS,
        ends_at=STARTS + timedelta(minutes=45),
        price_minor=4500,
        moved_from=STARTS - timedelta(days=1),
    )


def written(
    writer: Writer, kind: MailKind, to: Reader | None = None, other: str = "Nora Berg", facts: Facts | None = None
) -> EmailMessage:
    """As a mail program reads it from the wire."""
    told = (facts or facts_of(kind, other)).model_dump_json()
    sent = writer.write(MAIL, kind, (to or reader()).model_dump_json(), told, STARTS)
    return message_from_bytes(sent.as_bytes(), policy=policy.default)


@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize("professional", [True, False])
def test_every_kind_says_the_same_as_text_and_as_html(writer: Writer, kind: MailKind, professional: bool) -> None:
    mail = written(writer, kind, reader(professional=professional))
    text, html = part(mail, "text/plain"), part(mail, "text/html")
    assert mail["Subject"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "color-scheme" in html
    assert "prefers-color-scheme: dark" in html
    told = [line.strip() for line in text.splitlines() if line.strip() and "://" not in line and ": " not in line]
    assert all(line.replace("&", "&amp;") in html for line in told if line not in ("--", "Rendezvous")), told
    if kind not in (MailKind.VERIFY_CODE, MailKind.RESET_CODE, *OF_ACCOUNTS):
        tab = "upcoming" if professional else "my-sessions"
        assert f"https://app.example.com/{tab}/{BOOKING}" in html
        assert f"https://app.example.com/{tab}/{BOOKING}" in text


@pytest.mark.parametrize("kind", MailKind)
def test_no_name_makes_a_header_or_markup(writer: Writer, kind: MailKind) -> None:
    mail = written(writer, kind, reader(name=NASTY), other=NASTY)
    assert mail["Bcc"] is None
    assert mail.defects == []
    assert len(mail.get_all("To", [])) == len(mail.get_all("Subject", [])) == 1
    assert [each.addr_spec for each in mail["To"].addresses] == ["sam@example.com"]
    assert "<img" not in part(mail, "text/html")
    assert "49" not in part(mail, "text/plain")


def test_a_name_with_an_ampersand_stays_one_in_plain_text(writer: Writer) -> None:
    mail = written(writer, MailKind.BOOKED, other="Berg & Söhne")
    assert "Berg & Söhne" in part(mail, "text/plain")
    assert "Berg &amp; Söhne" in part(mail, "text/html")
    assert mail["Subject"] == "Your session with Berg & Söhne is booked"


def test_the_owner_of_a_taken_address_reads_no_code(writer: Writer) -> None:
    facts = ChangeCodeFacts(code="123456", minutes=30, taken=True)
    mail = written(writer, MailKind.CHANGE_CODE, reader(name=""), facts=facts)
    for said in (str(mail["Subject"]), part(mail, "text/plain"), part(mail, "text/html")):
        assert "123456" not in said
    assert "It stays with yours." in part(mail, "text/plain")
    assert str(mail["To"]) == "sam@example.com"


@pytest.mark.parametrize("kind", [MailKind.EMAIL_CHANGED, MailKind.SECOND_FACTOR_OFF])
def test_who_did_not_do_it_reads_whom_to_write_to(writer: Writer, kind: MailKind) -> None:
    assert "Please write to help@example.com at once." in part(written(writer, kind), "text/plain")


def test_a_second_factor_that_an_operator_took_off_says_so(writer: Writer) -> None:
    facts = SecondFactorFacts(at=STARTS, by_operator=True)
    assert "We turned it off" in part(written(writer, MailKind.SECOND_FACTOR_OFF, facts=facts), "text/plain")
    assert "We turned it off" not in part(written(writer, MailKind.SECOND_FACTOR_OFF), "text/plain")


def test_an_address_with_a_line_break_is_refused(writer: Writer) -> None:
    with pytest.raises(ValueError, match="CR or LF"):
        written(writer, MailKind.BOOKED, reader(email="a@example.com\r\nBcc: b@example.com"))


@pytest.mark.parametrize("kind", MailKind)
def test_every_kind_but_the_codes_names_the_one_click_that_ends_it(writer: Writer, kind: MailKind) -> None:
    mail = written(writer, kind)
    if kind not in OPTIONAL:
        assert mail["List-Unsubscribe"] is None
        return
    url = str(mail["List-Unsubscribe"]).strip("<>")
    assert url.startswith("https://api.example.com/mail/off/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in part(mail, "text/plain")
    assert url in part(mail, "text/html")
    assert read_off_token(writer.key, url.rpartition("/")[2]) == (WHO, kind)


def test_a_token_of_another_key_or_that_was_changed_is_nobodys() -> None:
    token = off_token(b"ours", WHO, MailKind.BOOKED)
    assert read_off_token(b"theirs", token) is None
    changed = {token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token) - 1)}
    assert {read_off_token(b"ours", each) for each in changed} == {None}
    assert [read_off_token(b"ours", each) for each in ("", "x", "é", token[:20], token + "!")] == [None] * 5


@pytest.mark.parametrize(
    ("language", "day", "at"),
    [
        ("en-US", "Tue, March 2, 2027", "6:00 PM"),
        ("en-GB", "Tuesday, 2 March 2027", "18:00"),
        ("de-DE", "Tuesday, 2 March 2027", "18:00"),
        ("sv-SE", "Tuesday, 2 March 2027", "18:00"),
        ("", "Tue, March 2, 2027", "6:00 PM"),
        ("zz-ZZ", "Tue, March 2, 2027", "6:00 PM"),
        ("x" * 30, "Tue, March 2, 2027", "6:00 PM"),
    ],
)
def test_days_and_times_are_in_the_order_of_the_readers_region(language: str, day: str, at: str) -> None:
    instant = datetime(2027, 3, 2, 18, 0, tzinfo=UTC)
    assert day_words(instant, ZoneInfo("UTC"), language) == day
    assert time_words(instant, ZoneInfo("UTC"), language) == at


def test_an_hour_that_comes_twice_names_its_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert [time_words(at, berlin, "de-DE") for at in (first, first + timedelta(hours=1))] == [
        "02:30 CEST",
        "02:30 CET",
    ]


def test_an_end_on_the_next_day_is_said() -> None:
    late = datetime(2027, 3, 2, 22, 0, tzinfo=UTC)
    berlin = ZoneInfo("Europe/Berlin")
    assert span_words(late, late + timedelta(hours=2), berlin, "de-DE") == "23:00 to 01:00 (next day)"
    assert span_words(late, late + timedelta(hours=1), berlin, "de-DE") == "23:00 to 00:00"


def test_english_is_always_written() -> None:
    assert {english_of(tag).language for tag in ("de-DE", "ja-JP", "pt-BR", "", "nonsense")} == {"en"}
