"""No token in any log."""

import logging

import pytest

from app.call.room.log_redaction import install_token_filter, without_tokens

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJl"


def test_a_token_in_a_sentence_is_replaced() -> None:
    assert without_tokens(f"invalid token: {TOKEN}, error") == "invalid token: [token], error"


def test_a_token_in_an_address_is_replaced() -> None:
    assert "secret" not in without_tokens("ws://host/rtc?access_token=secret&x=1")


def test_the_sdk_cannot_write_a_token_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    install_token_filter()
    install_token_filter()
    with caplog.at_level(logging.INFO, logger="livekit"):
        logging.getLogger("livekit").error("%s:%s", "engine", f"invalid token: {TOKEN}")
    assert TOKEN not in caplog.text
    assert "[token]" in caplog.text
