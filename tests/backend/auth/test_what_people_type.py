"""Names, addresses and passwords in all the forms in which keyboards send them."""

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from backend.auth.rules import check_new_password, email_form, name_look, normal_email
from backend.auth.service import PasswordHasher
from backend.auth.tables import AccountRow
from backend.kit.letters import plain_name
from backend.kit.text import clean_line, clean_paragraphs, folded, plain_digits, search_part, searchable
from tests.backend.stage import PASSWORD, Backend, Person


def sign_up(backend: Backend, **changes: Any) -> Any:
    body = {"email": "x@example.com", "password": PASSWORD, "name": "Nora", "role": "professional", "time_zone": "UTC"}
    return backend.client.post("/auth/sign-up", json=body | changes)


def sign_in(backend: Backend, email: str, password: str = PASSWORD) -> Any:
    return backend.client.post("/auth/sign-in", json={"email": email, "password": password})


READ = {
    "Nora Lindqvist": "Nora Lindqvist",
    "Jose\u0301": "José",
    "张伟": "张伟",
    "山田 太郎Taro": "山田 太郎Taro",
    "ヤマダ花子": "ヤマダ花子",
    "김민준": "김민준",
    "محمد علی": "محمد علی",
    "می\u200cخواهم": "می\u200cخواهم",
    "क्\u200dष प्रिया": "क्\u200dष प्रिया",
    "ന്\u200d": "ന്\u200d",
    "สมชาย ใจดี": "สมชาย ใจดี",
    "דוד כהן": "דוד כהן",
    "Ζωή Παπαδοπούλου": "Ζωή Παπαδοπούλου",
    "Нора Линдквист": "Нора Линдквист",
    "Nora Линдквист": "Nora Линдквист",
    "Dr. 李 Wang": "Dr. 李 Wang",
    "ʻOkina O'Brien-Smith": "ʻOkina O'Brien-Smith",
    "Nguyễn Thị Ánh": "Nguyễn Thị Ánh",
    "👩\u200d🚀 Nora ❤️": "👩\u200d🚀 Nora ❤️",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f": (
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    ),
    "Ｎｏｒａ": "Nora",
    "𝐍𝐨𝐫𝐚": "Nora",
    "No\u200bra\u00ad": "Nora",
    "No\u200dra": "Nora",
    "Nora\u3164": "Nora",
}
REFUSED = [
    *(
        "\u200b",
        "\u2800",
        "\u3164",
        "\u00ad",
        "\u200d\u200c",
        "\ufeff",
        "\u115f\u1160",
        "\ue000",
        "\u0378",
        "\u0301\u0302",
    ),
    *("...", "\U000e0067", "\u2060", "\uffa0", "\U0001d159", "Nora\ue000", "x" + "\u0301" * 6, "\u0301Nora"),
    *("\u202enaroN", "No\u2066ra", "Nоra", "Nora Соре", "Ѕаm", "Ωmega", "\x00Nora", "  "),
]


@pytest.mark.parametrize(("typed", "stored"), READ.items(), ids=ascii)
def test_a_name_of_any_script_is_stored_in_one_form(backend: Backend, typed: str, stored: str) -> None:
    answer = sign_up(backend, name=typed)
    assert (answer.status_code, answer.json().get("account", answer.json()).get("name")) == (201, stored)


@pytest.mark.parametrize("name", REFUSED, ids=ascii)
def test_a_name_that_cannot_be_read_or_mixes_alphabets_is_refused_with_a_sentence(backend: Backend, name: str) -> None:
    answer = sign_up(backend, name=name)
    assert answer.status_code == 422
    assert answer.json()["fields"]["name"].endswith(".")


def test_a_name_that_passes_for_another_persons_is_refused(backend: Backend) -> None:
    backend.professional("Сара Рео")  # hers by right: she came first
    answer = sign_up(backend, name="Capa Peo")
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["name"])
    assert sign_up(backend, name="Сара Рео").status_code == 201  # two people may have one name
    other = backend.user("Someone")
    assert other.patch("/auth/me", json={"name": "Cара Рео".replace("C", "С")}).status_code == 200
    assert other.patch("/auth/me", json={"name": "CAPA PEO"}).status_code == 422


def test_an_accent_does_not_make_a_name_another_persons(backend: Backend) -> None:
    backend.professional("José Álvarez")
    assert sign_up(backend, name="Jose Alvarez").status_code == 201


@given(st.text(max_size=30))
def test_whatever_a_name_becomes_becomes_itself_again(text: str) -> None:
    try:
        name = plain_name(clean_line(text))
    except ValueError:
        return
    assert name
    assert plain_name(clean_line(name)) == name
    assert unicodedata.is_normalized("NFC", name)


@given(st.text(max_size=60))
@example("ǅ\u0345ΐ")
@example("İI\u0307ß")
def test_folding_knows_no_form_no_case_and_no_second_time(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    for form in ("NFC", "NFD"):
        assert folded(unicodedata.normalize(form, text)) == once


@given(st.text(max_size=60), st.integers(0, 59), st.integers(3, 12))
@example("0 \u0e31", 0, 3)  # a mark without a letter under it, after a space
def test_what_stands_in_a_text_is_found_by_its_words(text: str, begin: int, length: int) -> None:
    for word in folded(text).split():
        assert search_part(word) in searchable(text)
    word = next((each for each in folded(text).split() if each.isascii() and each.isalnum()), "")
    assert search_part(word[begin % 5 : begin % 5 + length]) in searchable(text) or len(word[begin % 5 :]) < 3


def test_texts_keep_what_scripts_need_and_lose_what_turns_them_around() -> None:
    assert clean_paragraphs("Cafe\u0301\r\nمی\u200cخواهم 👩\u200d🚀") == "Café\nمی\u200cخواهم 👩\u200d🚀"
    assert clean_paragraphs("a\u202eb \u2067שלום\u2069 \u2066c") == "ab שלום c"
    assert clean_paragraphs("\u2067שלום\u2069!") == "\u2067שלום\u2069!"


@pytest.mark.parametrize(
    "twin",
    [
        "ｓａｍ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "SAM@EXAMPLE.COM",
        " sam@example.com ",
        "sam@ｅｘａｍｐｌｅ.com",
        "sam@example。com",
    ],
)
def test_one_address_is_one_account_whichever_way_it_is_typed(backend: Backend, twin: str) -> None:
    first = sign_up(backend, email="sam@example.com").json()["account"]
    assert sign_up(backend, email=twin).json()["error"] == "EmailTaken"
    assert sign_in(backend, twin).json()["account"] == first


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jose\u0301@example.com", "josé@example.com"),
        ("x@bücher.example", "x@xn--bcher-kva.example"),
        ("x@BÜCHER.example", "x@bu\u0308cher.example"),
    ],
)
def test_forms_and_punycode_are_one_account_too(backend: Backend, one: str, other: str) -> None:
    first = sign_up(backend, email=one).json()["account"]
    assert sign_up(backend, email=other).json()["error"] == "EmailTaken"
    assert sign_in(backend, other).json()["account"] == first
    assert sign_in(backend, one).json()["account"] == first


@pytest.mark.parametrize(
    "email", ["a..b@example.com", "a@-x.example", ".a@example.com", "a@example", "a@b@c.de", "@x.de"]
)
def test_what_is_no_address_is_refused(backend: Backend, email: str) -> None:
    assert list(sign_up(backend, email=email).json()["fields"]) == ["email"]


@given(st.text(max_size=40))
@example("İ@EXAMPLE.com")
@example("ǅ@x.de")
def test_an_address_is_looked_up_by_the_same_form_however_often_it_was_made(text: str) -> None:
    form = email_form(text)
    assert email_form(text.strip().lower()) == form, "what an older release stored is found"
    try:
        normal = normal_email(text)
    except ValueError:
        return
    assert email_form(normal) == form == normal


@pytest.fixture
def twins(backend: Backend, passwords: PasswordHasher) -> tuple[Person, Person]:
    """Two accounts of an older release whose addresses are one now, with a password each."""
    first, second = backend.user("First"), backend.user("Second")
    with backend.database.write() as session:
        rows = {str(row.id): row for row in session.scalars(select(AccountRow))}
        rows[first.id].email, rows[second.id].email = "jose\u0301@example.com", "josé@example.com"
        rows[second.id].password_hash = passwords.hashed("another long one")
        for row in rows.values():
            row.email_form = email_form(row.email)
    return first, second


def test_two_accounts_that_became_one_address_both_sign_in_however_it_is_typed(
    backend: Backend, twins: tuple[Person, Person]
) -> None:
    first, second = twins
    for email in ("jose\u0301@example.com", "josé@example.com", "JOSÉ@example.com"):
        assert sign_in(backend, email).json()["account"]["id"] == first.id
        assert sign_in(backend, email, "another long one").json()["account"]["id"] == second.id
        assert sign_in(backend, email, "neither of the two").status_code == 401
    assert sign_up(backend, email="josé@example.com").json()["error"] == "EmailTaken"


def test_the_password_of_the_other_account_does_not_change_ones_own(
    backend: Backend, twins: tuple[Person, Person]
) -> None:
    body = {"current_password": "another long one", "new_password": "something quite different"}
    assert list(twins[0].post("/auth/me/password", json=body).json()["fields"]) == ["current_password"]


def test_a_password_opens_in_either_form(backend: Backend) -> None:
    sign_up(backend, password="pa\u0308sse u\u0308berall")
    for typed in ("pässe überall", "pa\u0308sse u\u0308berall", "ｐässe überall"):
        assert sign_in(backend, "x@example.com", typed).status_code == 200


def test_a_password_that_was_hashed_as_typed_still_opens_and_then_opens_in_either_form(
    backend: Backend, user: Person, passwords: PasswordHasher
) -> None:
    typed, other = "pa\u0308sse u\u0308berall", "pässe überall"
    with backend.database.write() as session:
        session.scalars(select(AccountRow)).one().password_hash = passwords.hashed(typed)
    email = user.account["email"]
    assert sign_in(backend, email, other).status_code == 401
    assert sign_in(backend, email, typed).status_code == 200
    assert sign_in(backend, email, other).status_code == 200


@pytest.mark.parametrize("path", ["sign-in", "sign-up"])
def test_half_a_letter_in_a_password_is_refused_in_words(backend: Backend, path: str) -> None:
    body = b'{"email":"a@example.com","password":"\\ud800 long enough","name":"N","role":"user","time_zone":"UTC"}'
    if path == "sign-in":
        body = b'{"email":"a@example.com","password":"\\ud800 long enough"}'
    answer = backend.client.post(f"/auth/{path}", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["fields"]) == (422, {"password": "Please use plain text."})


EASY = [
    *(
        "password",
        "Passw0rd!",
        "P@ssword123",
        "12345678",
        "        ",
        "aaaaaaaa",
        "abcabcabc",
        "qwertyuiop",
        "87654321",
    ),
    *("iloveyou", "letmein!!", "sunshine1", "Rendezvous1", "passwort99", "motdepasse", "ｐａｓｓｗｏｒｄ"),
    *("nora.berg@example.com", "nora.berg", "Nora Berg", "norberta1!"),
]


@pytest.mark.parametrize("password", EASY)
def test_what_is_guessed_first_is_refused_as_a_password(backend: Backend, password: str) -> None:
    who = {"email": "nora.berg@example.com", "name": "Nora Berg" if password != "norberta1!" else "Norberta"}
    assert list(sign_up(backend, password=password, **who).json()["fields"]) == ["password"]


def test_a_common_password_is_refused_when_changing_it_too(user: Person) -> None:
    body = {"current_password": PASSWORD, "new_password": "password1"}
    answer = user.post("/auth/me/password", json=body)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["new_password"])


@pytest.mark.parametrize(
    "password", ["correct horse battery", "rendezvous-demo", "ünicode ist länger", "x9#kQ2!pLm", "密码很长很长很长"]
)
def test_a_password_that_is_not_common_is_taken(password: str) -> None:
    check_new_password(password, "sam@example.com", "Sam Vale")


def test_names_that_look_alike_have_one_look_and_others_do_not() -> None:
    assert name_look("Сара") == name_look("Capa")
    assert name_look("Sara") != name_look("Capa")


def test_digits_of_any_keyboard_are_ascii_ones() -> None:
    assert [plain_digits(text) for text in ("１４：３０", "٤٥٫٥", "४५", "4５")] == ["14:30", "45.5", "45", "45"]
