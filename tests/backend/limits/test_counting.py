"""Counting, the same in the database and in Redis."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import event

from backend.kit.clock import utc_now
from backend.kit.database import Database
from backend.kit.errors import TooManyAttempts
from backend.kit.limits.counting import SHARES, Counted, Limits, by_line
from backend.kit.limits.storages import Step, Storages, add_to
from backend.kit.limits.table import LIMITS, PASSWORD_LINE, PAYOUT_STATE, PUBLIC, PUBLIC_NETWORK, Limit, Per
from tests.backend.stage import START, MovableClock
from tests.waiting import eventually

THREE = Limit("three", 3, timedelta(minutes=10), Per.ACCOUNT, "")
FIVE = Limit("five", 5, timedelta(minutes=10), Per.LINE, "")
SHORT = Limit("short", 1, timedelta(seconds=1), Per.ACCOUNT, "")
SOMEBODY, OTHER = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"


def refused(limits: Limits, *counted: Counted) -> bool:
    try:
        limits.count(*counted)
    except TooManyAttempts:
        return True
    return False


def test_what_is_within_a_limit_passes_and_one_more_hears_when_to_come_again(limits: Limits) -> None:
    for _ in range(3):
        limits.count(Counted(THREE, SOMEBODY))
    with pytest.raises(TooManyAttempts) as refusal:
        limits.count(Counted(THREE, SOMEBODY))
    assert 590 <= refusal.value.extra["retry_after_s"] <= 600
    assert refusal.value.detail == "Too many attempts. Try again in 10 minutes."


def test_each_person_and_each_limit_is_counted_apart(limits: Limits) -> None:
    assert not any(refused(limits, Counted(THREE, SOMEBODY)) for _ in range(3))
    assert not any(refused(limits, Counted(THREE, OTHER)) for _ in range(3))
    assert not any(refused(limits, Counted(FIVE, SOMEBODY)) for _ in range(5))
    assert refused(limits, Counted(THREE, SOMEBODY))


def test_of_several_limits_the_tightest_refuses(limits: Limits) -> None:
    both = Counted(THREE, SOMEBODY), Counted(FIVE, "line")
    assert [refused(limits, *both) for _ in range(4)] == [False, False, False, True]
    assert refused(limits, Counted(THREE, OTHER), Counted(FIVE, "line")) is False
    assert refused(limits, Counted(THREE, OTHER), Counted(FIVE, "line")) is True


def test_what_is_only_looked_at_is_not_counted_but_refuses(limits: Limits) -> None:
    for _ in range(10):
        limits.count(also=[Counted(THREE, SOMEBODY)])
    for _ in range(3):
        limits.count_failure(Counted(THREE, SOMEBODY))
    with pytest.raises(TooManyAttempts):
        limits.count(also=[Counted(THREE, SOMEBODY)])


def test_when_the_right_person_came_their_failures_are_forgotten(limits: Limits) -> None:
    assert [refused(limits, Counted(THREE, SOMEBODY)) for _ in range(4)][-1]
    limits.forget(Counted(THREE, SOMEBODY))
    assert not refused(limits, Counted(THREE, SOMEBODY))


def test_after_the_window_counting_begins_again(limits: Limits) -> None:
    assert limits.may(Counted(SHORT, SOMEBODY))
    assert not limits.may(Counted(SHORT, SOMEBODY))
    eventually(lambda: limits.may(Counted(SHORT, SOMEBODY)), "the second is over", limit_s=10)


def test_the_window_runs_from_the_first_and_is_not_drawn_out_by_the_refused(database: Database) -> None:
    clock = MovableClock()
    limits = Limits(Storages(database, clock), b"secret")
    for _ in range(4):
        refused(limits, Counted(THREE, SOMEBODY))
    clock.move(minutes=9)
    assert refused(limits, Counted(THREE, SOMEBODY))
    clock.move(minutes=1)
    assert clock.now == START + timedelta(minutes=10)
    assert not refused(limits, Counted(THREE, SOMEBODY))


def test_of_many_at_once_none_slips_by(limits: Limits) -> None:
    together, outcomes = threading.Barrier(12), Counter[bool]()
    lock = threading.Lock()

    def try_it() -> None:
        together.wait()
        outcome = refused(limits, Counted(THREE, SOMEBODY))
        with lock:
            outcomes[outcome] += 1

    threads = [threading.Thread(target=try_it) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {False: 3, True: 9}


def test_reads_of_several_backends_are_counted_together(storages: Storages) -> None:
    """Each tells the others by the share; so a limit is overrun by less than a share for each."""
    backends = [Limits(storages, b"secret") for _ in range(3)]
    passed, waits = 0, list[int]()
    for number in range(3 * PUBLIC.amount):
        try:
            backends[number % 3].count_read(PUBLIC, PUBLIC_NETWORK, f"2001:db8:1:2::{number:x}")
            passed += 1
        except TooManyAttempts as refusal:
            waits.append(refusal.extra["retry_after_s"])
    assert waits
    assert all(1 <= wait_s <= 60 for wait_s in waits)
    assert PUBLIC.amount - PUBLIC.amount // SHARES <= passed <= PUBLIC.amount + 3 * PUBLIC.amount // SHARES
    backends[0].count_read(PUBLIC, PUBLIC_NETWORK, "2001:db8:1:3::1")


def test_many_lines_of_one_network_are_refused_together_beyond_its_own_limit(storages: Storages) -> None:
    limits, passed = Limits(storages, b"secret"), 0
    for number in range(2 * PUBLIC_NETWORK.amount):
        try:
            limits.count_read(PUBLIC, PUBLIC_NETWORK, f"2001:db8:1:{number % 10:x}::1")
            passed += 1
        except TooManyAttempts:
            pass
    assert passed <= PUBLIC_NETWORK.amount * 1.1


def test_where_limits_are_off_nothing_is_counted(database: Database) -> None:
    limits = Limits(Storages(database, utc_now), b"", on=False)
    for _ in range(10):
        limits.count(Counted(THREE, SOMEBODY))
        assert limits.may(Counted(PAYOUT_STATE, SOMEBODY))
    assert limits_kept(database) == 0


def limits_kept(database: Database) -> int:
    with database.write_engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM limit_counts").scalar_one()  # type: ignore[no-any-return]  # the driver's own


def test_nobody_without_the_secret_can_tell_whose_a_digest_is(database: Database) -> None:
    storages = Storages(database, utc_now)
    one, other = Limits(storages, b"one"), Limits(storages, b"other")
    assert one.digest_of(Per.LINE, "203.0.113.7") != other.digest_of(Per.LINE, "203.0.113.7")
    assert one.digest_of(Per.LINE, "203.0.113.7") != one.digest_of(Per.NETWORK, "203.0.113.7")
    assert len(one.digest_of(Per.LINE, "203.0.113.7")) == 16


def test_a_request_costs_one_statement_however_many_limits_count_it(database: Database) -> None:
    storages, statements = Storages(database, utc_now), list[str]()
    limits = Limits(storages, b"secret")
    limits.count(*by_line("203.0.113.7", PASSWORD_LINE))

    @event.listens_for(storages.database._database.write_engine, "before_cursor_execute")
    def _note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    limits.count(Counted(THREE, SOMEBODY), *by_line("203.0.113.7", FIVE), also=by_line("203.0.113.7", PASSWORD_LINE))
    assert len([each for each in statements if not each.startswith("BEGIN")]) == 1
    statements.clear()
    for _ in range(PUBLIC.amount // SHARES):
        limits.count_read(PUBLIC, PUBLIC_NETWORK, "203.0.113.7")
    assert len([each for each in statements if not each.startswith("BEGIN")]) == 1


def test_a_redis_that_does_not_answer_leaves_counting_to_the_database(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    storages = Storages(database, utc_now, "redis+unix:///nowhere/redis.sock")
    limits = Limits(storages, b"secret")
    assert [refused(limits, Counted(THREE, SOMEBODY)) for _ in range(4)] == [False, False, False, True]
    assert limits_kept(database) == 1
    assert [record.levelname for record in caplog.records if "Redis" in record.getMessage()] == ["ERROR"]


def test_every_key_fits_its_column(storages: Storages) -> None:
    limits = Limits(storages, b"secret")
    for limit in LIMITS:
        limits.count_failure(Counted(limit, SOMEBODY))
    assert add_to(storages.database, [Step("k" * 160, 10)]) == [1]
