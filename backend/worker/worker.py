"""The worker: which kinds of work there are, how often, and which provider each one asks."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pybreaker import CircuitBreaker
from sqlalchemy.orm import Session

from backend.bookings.rules import Terms
from backend.calls.ports import CallRooms
from backend.calls.rules.attendance import AttendanceLimits
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments.ports import PaymentGateway
from backend.worker.booking_tasks import BookingTasks
from backend.worker.figures import Figures, TaskFigures
from backend.worker.mail_tasks import MailTasks, Post
from backend.worker.payment_tasks import PaymentTasks
from backend.worker.rounds import Round, breaker, log_failure
from backend.worker.schedule import Schedule

INTERVAL_S = 5.0
WAITED_FOR = ("answer forgotten passwords", "send mails")
WAITED_FOR_EVERY_S = 1.0
"""Somebody looks at their inbox meanwhile, for a code."""
POLL_EVERY = timedelta(seconds=15)
FORGET_EVERY = timedelta(minutes=10)
RECONCILE_EVERY = timedelta(minutes=10)
"""How often it is asked whether a day has passed since any backend did so."""


@dataclass
class _Task:
    """`every`: not more often, by the backend's clock. `guard`: of the provider that is asked."""

    name: str
    act: Callable[[Round], bool]
    oldest_due: Callable[[Session], datetime | None] | None = None
    guard: CircuitBreaker | None = None
    every: timedelta = timedelta()
    began_at: datetime | None = None


class Worker:
    """From `start` to `stop`. `rooms` is None where no media server is configured, `post` where nothing takes mails.

    Every task does the same again harmlessly, so that it may be interrupted anywhere and run in several backends.
    """

    def __init__(
        self,
        database: Database,
        gateway: PaymentGateway,
        rooms: CallRooms | None,
        terms: Terms,
        limits: AttendanceLimits,
        now: Clock,
        *,
        post: Post | None = None,
        interval_s: float = INTERVAL_S,
    ) -> None:
        self._database = database
        self._now = now
        self._stopping = threading.Event()
        bookings = BookingTasks(database, rooms, terms, limits, now)
        payments = PaymentTasks(database, gateway, now)
        mails = MailTasks(database, post, now)
        # Their names are read at /status and in the log.
        self._tasks = [
            _Task("expire holds", bookings.expire_holds, bookings.oldest_hold),
            _Task("ask about checkouts", payments.ask_about_checkouts, payments.oldest_checkout, breaker(gateway.name)),
            _Task("send refunds", payments.send_refunds, payments.oldest_refund, breaker(gateway.name)),
            _Task("move transfers", payments.move_transfers, payments.oldest_transfer, breaker(gateway.name)),
            _Task("reconcile", payments.reconcile, None, breaker(gateway.name), every=RECONCILE_EVERY),
            _Task("look into rooms", bookings.poll_participants, None, breaker("livekit"), every=POLL_EVERY),
            _Task("decide who came", bookings.decide_who_came, bookings.oldest_undecided),
            _Task("end decisions", bookings.end_decisions),
            _Task("pay out", payments.pay_out, payments.oldest_payout, breaker(gateway.name)),
            _Task("remind", mails.remind),
            _Task("answer forgotten passwords", mails.answer_reset_requests, mails.oldest_reset_request),
            _Task("send mails", mails.send_mails, mails.oldest_mail, breaker("smtp")),
            _Task("close rooms", bookings.close_rooms, bookings.oldest_room, breaker("livekit")),
            _Task("forget what is old", bookings.forget_what_is_old, every=FORGET_EVERY),
        ]
        self._by_name = {task.name: task for task in self._tasks}
        self.figures = Figures(list(self._by_name))
        running = [(task.name, self._scheduled(task)) for task in self._tasks]
        waited_for = dict.fromkeys(WAITED_FOR, min(WAITED_FOR_EVERY_S, interval_s))
        self._schedule = Schedule(running, interval_s, self._stopping, waited_for)

    def start(self) -> None:
        """Begin, each kind of work on a thread of its own."""
        self._schedule.start()

    def stop(self) -> None:
        """End after the items at hand; nothing of the worker runs afterwards."""
        self._schedule.stop()

    def run_once(self) -> None:
        """One round of every task in this thread and in one order, whatever the breakers say: for tests."""
        for task in self._tasks:
            self._run(task, guarded=False)

    def run(self, name: str) -> None:
        """One round of one task in this thread, as `run_once`."""
        self._run(self._by_name[name], guarded=False)

    def _scheduled(self, task: _Task) -> Callable[[], bool]:
        return lambda: self._run(task, guarded=True)

    def _run(self, task: _Task, *, guarded: bool) -> bool:
        """One round, if it is time; says whether more is due at once."""
        now, more = self._now(), False
        if task.began_at is not None and now - task.began_at < task.every:
            return False
        task.began_at = now
        began = time.monotonic()
        round_ = Round(task.name, self._stopping.is_set, task.guard if guarded else None)
        oldest_due_at = None
        try:
            more = task.act(round_)
            oldest_due_at = self._oldest(task)
        except Exception as error:  # the list of what is due could not be had: the next run asks for it again
            round_.failed += 1
            log_failure(task.name, "-", error)
        took_s = time.monotonic() - began
        figures = TaskFigures(self._now(), took_s, round_.failed, round_.skipped, oldest_due_at)
        self.figures.note(task.name, figures)
        return more and not figures.failed and not figures.skipped

    def _oldest(self, task: _Task) -> datetime | None:
        if task.oldest_due is None:
            return None
        with self._database.read() as session:
            return task.oldest_due(session)
