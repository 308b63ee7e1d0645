"""One run of one kind of work: item after item, where one item's trouble is written down and keeps no other waiting."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from pybreaker import STATE_OPEN, CircuitBreaker, CircuitBreakerError

from backend.calls.ports import CallRoomsUnavailable
from backend.kit.telemetry.scrubbing import words_of
from backend.mail.ports import MailUnavailable
from backend.payments.ports import PaymentGatewayRefused, PaymentGatewayUnavailable

T = TypeVar("T")

logger = logging.getLogger(__name__)

FAILURES_THAT_OPEN = 5
RESET_AFTER_S = 30.0
_PROVIDERS_TROUBLE = (PaymentGatewayUnavailable, CallRoomsUnavailable, MailUnavailable)


def breaker(provider: str) -> CircuitBreaker:
    """Opens after five unknown outcomes in a row and lets one item try again every half minute.

    Only a provider that does not answer counts: a definite refusal is an answer, and a fault of ours is not theirs.
    One for each task that asks: a breaker of pybreaker holds its lock during the call, so that tasks which shared one
    would wait for each other.
    """
    return CircuitBreaker(
        fail_max=FAILURES_THAT_OPEN,
        reset_timeout=RESET_AFTER_S,
        exclude=[_says_nothing_of_the_provider],
        name=provider,
        throw_new_error_on_trip=False,
    )


def _says_nothing_of_the_provider(error: object) -> bool:
    return not isinstance(error, _PROVIDERS_TROUBLE) or isinstance(error, PaymentGatewayRefused)


class Round:
    """One run of `task`. `failed` counts items; `skipped`: the breaker is open, so that the rest was not asked."""

    def __init__(self, task: str, stopping: Callable[[], bool], guard: CircuitBreaker | None) -> None:
        self.failed = 0
        self.skipped = False
        self._task = task
        self._stopping = stopping
        self._guard = guard

    def each(
        self, items: Iterable[T], act: Callable[[T], None], name: Callable[[T], object] = str, *, asks: bool = True
    ) -> None:
        """Acts on every one until the worker is stopped, or the provider does not answer. `name`: an item's id.

        Whatever an item raises is logged with its id and counted. `asks`: the provider, so that its breaker counts.
        """
        guard = self._guard if asks else None
        for item in items:
            if self._stopping() or self.skipped:
                return
            try:
                if guard is None:
                    act(item)
                else:
                    guard.call(act, item)
            except CircuitBreakerError:
                self.skipped = True
            except Exception as error:  # whatever it was, the next run tries again: nobody else would
                self.failed += 1
                log_failure(self._task, name(item), error)
                self.skipped = guard is not None and guard.current_state == STATE_OPEN


def log_failure(task: str, item: object, error: Exception) -> None:
    """Type, message and places of what was raised; of a provider's trouble, which is expected, no places."""
    if isinstance(error, _PROVIDERS_TROUBLE):
        logger.error("the worker cannot %s, item %s: %s", task, item, words_of(error))
    else:
        logger.error("the worker cannot %s, item %s", task, item, exc_info=error)  # scrubbed in telemetry/logs.py
