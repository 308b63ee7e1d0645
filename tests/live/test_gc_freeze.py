"""Python's garbage collector does not hold up the audio: one look at all objects takes 26 ms here, more in the app."""

import gc

from tests.live.conftest import MakeSide
from tests.live.sides import both_in_call


async def test_what_is_there_when_a_call_begins_is_not_looked_at_until_it_is_over(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    gc.collect()
    assert gc.get_freeze_count() > 5 * len(gc.get_objects())
    await anna.engine.close()
    assert gc.get_freeze_count() > 0, "Ben's call goes on"
    await ben.engine.close()
    assert gc.get_freeze_count() == 0
