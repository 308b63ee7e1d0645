"""The sign of the encryption, what it says, and the question where one side cannot encrypt."""

import flet as ft
import pytest

from app.call.contract.encryption import Encryption, KeyOrigin
from app.state.call.words.encryption_words import (
    CHANGE_MIND,
    DO_NOT_GO_ON,
    GO_ON,
    KEY_WORDS,
    SHOW,
    SIGN_NEW_WORDS,
    encryption_words,
    new_words,
    sign_words,
)
from tests.app.stage.call_stage import ADA, together


@pytest.mark.parametrize("encryption", Encryption)
def test_only_a_call_that_both_agreed_to_have_open_is_called_unencrypted(encryption: Encryption) -> None:
    assert (sign_words(encryption) == "Not encrypted") is (encryption is Encryption.OFF)
    assert ("The call server between you cannot read" in encryption_words(encryption, ADA).text) is (
        encryption is Encryption.ON
    )


async def test_the_sign_is_there_from_the_first_moment_and_says_what_is_promised() -> None:
    async with together() as call:
        await call.app.click(f"Encrypted. {SHOW}")
        await call.app.shows("Encrypted from device to device")
        assert any("Rendezvous gives it to both of you" in text for text in call.app.texts())
        await call.app.key("Escape")
        await call.app.until(lambda: "Encrypted from device to device" not in call.app.texts())


@pytest.mark.parametrize("origin", KeyOrigin)
def test_only_of_an_agreed_key_it_is_said_that_nobody_else_has_it(origin: KeyOrigin) -> None:
    text = encryption_words(Encryption.ON, ADA, origin=origin).text
    assert ("nobody else has that key" in text) is (origin is KeyOrigin.AGREED)
    assert ("deletes it when the session is over" in text) is (origin is not KeyOrigin.AGREED)
    assert "Messages are kept with the session as well, where Rendezvous could read them" in text


async def test_the_words_to_compare_are_shown_once_there_are_some_and_called_new_when_they_are() -> None:
    words = ("grit", "cause", "proof", "endorse")
    async with together() as call:
        state = call.engine.snapshot().state
        await call.app.click(f"Encrypted. {SHOW}")
        await call.app.shows("Encrypted from device to device")
        assert not any(label.startswith(KEY_WORDS) for label in call.app.labels())
        call.engine.become(state, key_origin=KeyOrigin.AGREED, key_words=words)
        await call.app.until(lambda: f"{KEY_WORDS}: grit cause proof endorse" in call.app.labels())
        assert any("nobody else has that key" in text for text in call.app.texts())
        assert new_words(ADA) not in call.app.texts()
        call.engine.become(state, key_origin=KeyOrigin.AGREED, key_words=words[::-1], key_words_changed=True)
        await call.app.until(lambda: f"{SIGN_NEW_WORDS}. {SHOW}" in call.app.labels())
        assert f"{KEY_WORDS}: endorse proof cause grit" in call.app.labels()
        await call.app.shows(new_words(ADA))


@pytest.mark.parametrize("width", [360, 1280])
async def test_both_answers_to_the_question_reach_the_engine(width: float) -> None:
    async with together(width=width) as call:
        call.engine.become(call.engine.snapshot().state, encryption=Encryption.ASKING)
        await call.app.shows(f"{ADA}'s browser cannot encrypt calls")
        await call.app.click(GO_ON)
        await call.app.click(DO_NOT_GO_ON)
        assert [asked for asked in call.engine.calls if asked[0] == "unencrypted"] == [
            ("unencrypted", True),
            ("unencrypted", False),
        ]
        call.engine.become(call.engine.snapshot().state, encryption=Encryption.DECLINED)
        await call.app.shows("You did not agree to go on without encryption")
        await call.app.click(CHANGE_MIND)
        assert call.engine.calls[-1] == ("unencrypted", True)


async def test_an_open_call_is_marked_all_the_time() -> None:
    async with together() as call:
        call.engine.become(call.engine.snapshot().state, encryption=Encryption.OFF)
        await call.app.until(lambda: f"Not encrypted. {SHOW}" in call.app.labels())
        signs = [each for each in call.app.all(ft.Container) if each.key == "encryption"]
        assert signs
        assert all(each.visible for each in signs)


async def test_what_cannot_be_decrypted_is_said_in_words() -> None:
    async with together() as call:
        call.engine.become(call.engine.snapshot().state, encryption=Encryption.UNREADABLE)
        await call.app.shows(f"What {ADA} sends cannot be decrypted")
        assert f"Cannot be decrypted. {SHOW}" in call.app.labels()
