"""What a booking and a payment may become, whatever happens in between."""

from typing import Any

from backend.bookings.rules import BOOKING_TRANSITIONS, PAYMENT_TRANSITIONS


def reachable(moves: Any) -> dict[str, set[str]]:
    """Of each state those that the table can lead to, itself included."""
    states = {state.value for state, _ in moves} | {state.value for state in moves.values()}
    after = {state: {state} for state in states}
    for _ in states:
        for (state, _event), following in moves.items():
            for found in after.values():
                if state.value in found:
                    found.add(following.value)
    return after


BOOKING_MAY_BECOME = reachable(BOOKING_TRANSITIONS)
PAYMENT_MAY_BECOME = reachable(PAYMENT_TRANSITIONS)
