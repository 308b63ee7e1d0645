"""The pauses between failures to have the backend keep something of a call."""

import asyncio

AGAIN_AFTER_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Between one failure and the next try; the last one for all further."""


async def pause_after(failures: int) -> int:
    """Waits as long as is due after so many failures in a row, and counts this one."""
    await asyncio.sleep(AGAIN_AFTER_S[min(failures, len(AGAIN_AFTER_S) - 1)])
    return failures + 1
