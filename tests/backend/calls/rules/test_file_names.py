"""What a file is called: the same as in the app (tests/call/test_file_names.py), and safe in an answer's header."""

import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.call.contract.files import clean_file_name as cleaned_by_the_app
from backend.calls.rules.file_names import (
    LONGEST_NAME,
    LONGEST_NAME_BYTES,
    as_attachment,
    clean_file_name,
    name_in_header,
)
from tests.call.test_file_names import CLEANED

ANY_NAME = st.text(st.characters(), max_size=300) | st.text('ab./\\:"<|? \u202e\u200d\r\n\0é👩', max_size=30)


@pytest.mark.parametrize("name", CLEANED)
def test_a_name_is_cleaned_as_the_app_does(name: str) -> None:
    assert clean_file_name(name) == CLEANED[name]


@given(ANY_NAME)
def test_any_name_is_cleaned_as_the_app_does_and_stays_clean(name: str) -> None:
    found = clean_file_name(name)
    assert found == cleaned_by_the_app(name)
    assert 0 < len(found) <= LONGEST_NAME + 1
    assert len(found.encode()) <= LONGEST_NAME_BYTES + 1
    assert not re.search(r"[\x00-\x1f\x7f/\\\u202e]", found)


@given(ANY_NAME)
def test_a_header_carries_any_name_and_nothing_else(name: str) -> None:
    clean = clean_file_name(name)
    header = as_attachment(clean)
    read = re.fullmatch(r"attachment; filename=\"([A-Za-z0-9 ._-]*)\"; filename\*=UTF-8''([A-Za-z0-9._~%-]*)", header)
    assert read is not None, header
    assert unquote(read[2], errors="strict") == clean


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (quote("خطة plan.pdf"), "خطة plan.pdf"),
        (quote("训练计划.pdf"), "训练计划.pdf"),
        ("%ED%A0%80.pdf", "\ufffd\ufffd\ufffd.pdf"),  # half of a surrogate pair
        ("a%0D%0ASet-Cookie:x", "aSet-Cookie_x"),
        ("..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("%00", "file"),
        ("100%.txt", "100%.txt"),
        ("", "file"),
    ],
)
def test_the_name_that_a_request_carries_is_read(value: str, name: str) -> None:
    assert name_in_header(value) == name
