"""A PostgreSQL server for tests and benchmarks, reached through a socket in a folder of its own; no port is opened."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from backend.kit.database import Database
from backend.migrations import upgrade
from tests.waiting import eventually
from tools import machine

OWNER = "rendezvous"
# Nothing here has to outlive a loss of power: https://www.postgresql.org/docs/15/non-durability.html
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer:
    """`start`, then any number of databases, then `stop`, which leaves nothing behind.

    `durable` keeps PostgreSQL's own defaults about the disk, for measuring. Start it in a thread that lives as long as
    the server is needed: on Linux the kernel ends it with that thread, so that a killed test run leaves no server.
    At an `address` it is reached by TCP as well, with the `password`; `settings` go before its own.
    """

    def __init__(
        self, *, durable: bool = False, address: str = "", password: str = "", settings: Sequence[str] = ()
    ) -> None:
        self._programs = machine.postgres_programs()
        self._settings = [f"listen_addresses={address}", "max_connections=400", *(() if durable else CARELESS)]
        self._settings += settings
        self._password = password
        self._folder = Path()
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._made = 0
        self._has_template = False
        self._spare: list[str] = []
        self._cleaners: dict[str, psycopg.Connection] = {}

    def start(self) -> "PostgresServer":
        """Raises FileNotFoundError where PostgreSQL is not installed, RuntimeError with its words if it fails."""
        if self._programs is None:
            raise FileNotFoundError(f"no PostgreSQL: {machine.POSTGRESQL.package} is not installed")
        self._folder = Path(tempfile.mkdtemp(prefix="rendezvous-pg-"))  # short: a socket's path has 107 bytes
        account = _unprivileged()
        if account:
            os.chown(self._folder, account["user"], account["group"])
        data, log = self._folder / "data", self._folder / "log"
        words = ["--no-sync", "--auth=trust", "--encoding=UTF8", f"--username={OWNER}", f"--locale={_locale()}"]
        made = subprocess.run(
            [self._programs / "initdb", *words, data], cwd=self._folder, capture_output=True, text=True, **account
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stderr[-2000:]}")
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all all scram-sha-256\n")  # as postgres's image has it
        options = [word for setting in self._settings for word in ("-c", setting)]
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", data, "-k", self._folder, *options],
                cwd=self._folder,
                stdout=out,
                stderr=out,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
                **account,
            )
        self._wait_until_it_answers(self._process, log)
        if self._password:
            self._order(f"ALTER ROLE {OWNER} PASSWORD '{self._password}'")
        return self

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes], log: Path) -> None:
        def answers() -> bool:
            assert process.poll() is None, "it has ended"
            try:
                self._order("SELECT 1")
            except psycopg.OperationalError:
                return False
            return True

        try:
            eventually(answers, "PostgreSQL answers", limit_s=60)
        except AssertionError:
            said = log.read_text(errors="replace")[-2000:]
            self.stop()
            raise RuntimeError(f"PostgreSQL did not start:\n{said}") from None

    def stop(self) -> None:
        """Ends the server, whoever is still connected, and removes its folder."""
        for cleaner in self._cleaners.values():
            cleaner.close()
        self._cleaners.clear()
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # "fast": https://www.postgresql.org/docs/15/server-shutdown.html
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
            shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """The address of a database that is migrated and empty otherwise, nobody else's."""
        with self._turn:
            if self._spare:
                return self._spare.pop()
            if not self._has_template:
                self._has_template = True
                self._order("CREATE DATABASE migrated")
                template = Database(self._url("migrated"))
                upgrade(template)
                template.dispose()
            return self._create("TEMPLATE migrated")

    def empty_database(self) -> str:
        """The address of a database without any table."""
        with self._turn:
            return self._create("TEMPLATE template0")

    def database_named(self, name: str) -> str:
        """The address of a database of that name without any table."""
        self._order(f"CREATE DATABASE {name} TEMPLATE template0")
        return self._url(name)

    def drop_database(self, url: str) -> None:
        """Forgets a database that one of these methods made, whoever is still connected to it."""
        name = url.partition("@/")[2].partition("?")[0]
        self._order(f"DROP DATABASE {name} WITH (FORCE)")

    def give_back(self, url: str) -> None:
        """Empties a database of `new_database` for whoever needs one next: a tenth of what making another costs."""
        if url not in self._cleaners:
            cleaner = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
            cleaner.execute("SET session_replication_role = replica")  # rows go in any order, whatever refers to them
            self._cleaners[url] = cleaner
        cleaner = self._cleaners[url]
        cleaner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        tables = cleaner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = "".join(f"DELETE FROM {table};" for (table,) in tables if table != "alembic_version")
        cleaner.execute(rows.encode())
        with self._turn:
            self._spare.append(url)

    def _create(self, how: str) -> str:
        self._made += 1
        name = f"test_{self._made}"
        self._order(f"CREATE DATABASE {name} {how}")
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self._folder}"

    def _order(self, words: str) -> None:
        with psycopg.connect(host=str(self._folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(words.encode())


def _unprivileged() -> dict[str, Any]:
    """Popen's arguments for another account: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    import pwd  # Windows, which has no root, has no such module either

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL refuses to run as root, and there is neither an account postgres nor nobody")


def _locale() -> str:
    """Letters by their code, as in deploy/: a list then has one order on both databases, and lower() knows letters."""
    return "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"


def _end_with_parent() -> None:
    """prctl(2), PR_SET_PDEATHSIG: a fast shutdown when the tests are killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)
