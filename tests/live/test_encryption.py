"""Two native engines: with the same key they see and hear each other, with another they do not and say so."""

import asyncio

from app.call.contract.call_state import CallState
from app.call.contract.encryption import Encryption
from tests.live.conftest import MakeSide
from tests.live.sides import BEN_NUMBERS, Side, both_in_call
from tests.stage.sound_cards import SoundCards, tone
from tests.waiting import until

QUIET, LOUD = 60, 700


async def hears(side: Side, cards: SoundCards, loud: bool) -> None:
    ear, mouth = cards.listen("spk_a"), cards.say("b", tone(900, 40))
    try:
        if loud:
            await until(lambda: ear.loudness(0.5) > LOUD, f"{side.identity} hears the other")
        else:
            await asyncio.sleep(2)
            assert ear.loudness(1) < QUIET
    finally:
        mouth.terminate()
        ear.close()


async def test_with_the_same_key_frames_and_sound_arrive_and_every_track_is_encrypted(
    side: MakeSide, cards: SoundCards
) -> None:
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    await hears(anna, cards, loud=True)
    room = anna.engine._call._session.room  # type: ignore[union-attr]  # a call that is going on
    own = room.local_participant.track_publications.values()
    theirs = room.remote_participants["ben"].track_publications.values()
    assert len({*own, *theirs}) == 4
    assert all(each.encryption_type for each in (*own, *theirs))
    assert (anna.now.encryption, ben.now.encryption) == (Encryption.ON, Encryption.ON)


async def test_with_another_key_nothing_is_seen_or_heard_and_it_is_said_in_words(
    side: MakeSide, cards: SoundCards
) -> None:
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    ben.encryption_key = anna.encryption_key[::-1]
    await asyncio.gather(anna.join(), ben.join())
    await asyncio.gather(anna.state(CallState.IN_CALL), ben.state(CallState.IN_CALL))
    for one in (anna, ben):
        await until(lambda one=one: one.now.encryption is Encryption.UNREADABLE, f"{one.identity} is told")  # type: ignore[misc]  # a default binds it
    await hears(anna, cards, loud=False)
    assert anna.engine._call is not None
    assert anna.engine._call.remote_frames.count == 0
    ben.encryption_key = anna.encryption_key
    await ben.engine.close()
    again = await side("ben", card="b")
    await again.join()
    await anna.seen(BEN_NUMBERS)
    await until(lambda: anna.now.encryption is Encryption.ON, "and it is well again")
