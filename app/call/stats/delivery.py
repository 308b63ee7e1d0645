"""Notices media that arrives at the SDK and is not handed over to its readers. Pure: counters are passed in.

livekit 1.2.1 now and then (one join of 20 to 60 on a busy machine) subscribes to a track whose frames are decoded and
never come, or after the first come no more. Nothing but subscribing again helps, and there is nothing to wait for.
"""

UNREAD_FRAMES, UNREAD_AUDIO_PACKETS = 10, 25
"""So much has arrived while nothing was read: a third of a second of video, half a second of audio. A loop that was
busy for as long reads something before its next poll.
"""
POLLS = 2


class DeliveryCheck:
    """One kind of media of the peer. `arrived` counts what the SDK has, `read` what was handed over."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._arrived = self._read = 0
        self._polls = 0

    def undelivered(self, arrived: int, read: int) -> bool:
        """To be called at each poll. True once for what `POLLS` polls in a row have found; then it begins again."""
        if read != self._read or arrived < self._arrived:  # it comes, or was subscribed to again
            self._restart(arrived, read)
        elif arrived - self._arrived >= self._limit:
            self._polls += 1
            if self._polls >= POLLS:
                self._restart(arrived, read)
                return True
        return False

    def _restart(self, arrived: int, read: int) -> None:
        self._arrived, self._read, self._polls = arrived, read, 0
