"""The whole product as a person starts it: `dev.py run`, in a folder of its own, with a video file as the camera."""

import contextlib
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import update

from backend.bookings.tables import BookingRow
from backend.kit.database import Database
from backend.settings import Settings
from tests.stage.livekit_server import livekit_binary
from tests.stage.portrait_video import portrait_video
from tests.stage.sound_cards import SoundCards
from tests.waiting import eventually
from tools.processes import answers

MOVES_S, STANDS_S, STANDS_AT_MOST_S = 0.2, 1.3, 2.0
"""A round trip of more than half a second; nothing for two seconds would be a connection that is lost."""
ROOT = Path(__file__).resolve().parents[2]


class Product:
    """`start`, then `app_of` and `backend_url`, then `stop`, which presses Ctrl-C. Both apps share sound card "a".

    `surroundings` are added to the environment of all that is started.
    """

    def __init__(self, folder: Path, sound: SoundCards, surroundings: Mapping[str, str] = MappingProxyType({})) -> None:
        self._home = folder
        self._output = folder / "output.txt"
        self._environment = (
            os.environ
            | sound.environment("a")
            | {
                "RENDEZVOUS_HOME": str(folder),
                "RENDEZVOUS_VIEW": "web",
                "PAYOUT_COUNTRIES": "CH,DE,FR,GB,IN,JP,NZ,PT,SE,US",  # those of all zones that the journeys go through
                "RENDEZVOUS_CAMERA": str(portrait_video(folder / "portrait.avi")),
                "RENDEZVOUS_LIVEKIT_SERVER": str(livekit_binary()),
            }
            | dict(surroundings)
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._said: dict[str, Any] = {}

    def start(self) -> "Product":
        with self._output.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "dev.py", "run"],
                cwd=ROOT,
                env=self._environment,
                stdout=out,
                stderr=out,
                # A shell's background job, and all that it starts, ignores Ctrl-C.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )
        said_by = self._home / "run.json"
        process = self._process

        def up() -> bool:
            assert process.poll() is None, self._output.read_text()
            return said_by.exists() and said_by.read_text().endswith("}")

        eventually(up, "dev.py run leaves run.json", limit_s=100)
        self._said = json.loads(said_by.read_text())
        return self

    @property
    def backend_url(self) -> str:
        return str(self._said["backend_url"])

    def app_of(self, role: str) -> str:
        return str(next(person["app_url"] for person in self._said["people"] if person["role"] == role))

    def person(self, role: str) -> dict[str, str]:
        """Who signs in there: `email` and `password`."""
        return dict(next(person for person in self._said["people"] if person["role"] == role))

    @contextlib.contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """While the block runs, `livekit`, or the app of `professional` or `user`, does not answer; it is not gone."""
        number = self._process_of(name)
        os.kill(number, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(number, signal.SIGCONT)

    @contextlib.contextmanager
    def faltering(self, name: str) -> Iterator[None]:
        """While the block runs, it stands still for most of every second: what passes through it comes in bursts.
        Longer and longer, but not so long that the connection counts as lost: on a machine that was busy before, the
        playout buffers are long enough to make a fair connection of the first ones.
        """
        number, over = self._process_of(name), threading.Event()

        def falter() -> None:
            stands_s = STANDS_S
            while not over.wait(MOVES_S):
                os.kill(number, signal.SIGSTOP)
                over.wait(stands_s)
                os.kill(number, signal.SIGCONT)
                stands_s = min(stands_s * 1.05, STANDS_AT_MOST_S)

        thread = threading.Thread(target=falter)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def let_room_close_in(self, session_id: str, length: dt.timedelta) -> None:
        """As if the session had been earlier, so that its end can be waited for."""
        settings = Settings(database_url=f"sqlite:///{(self._home / 'data' / 'rendezvous.db').as_posix()}")
        database = Database(settings.database_url)
        ends_at = dt.datetime.now(dt.UTC) + length - settings.join_closes_after
        with database.write() as session:
            booking = update(BookingRow).where(BookingRow.id == UUID(session_id))
            session.execute(booking.values(starts_at=ends_at - dt.timedelta(minutes=45), ends_at=ends_at))
        database.dispose()

    def _process_of(self, name: str) -> int:
        """By what Linux says of the programs that dev.py has started (proc(5))."""
        assert self._process is not None
        sign = "livekit-server" if name == "livekit" else f"RENDEZVOUS_PORT={urlsplit(self.app_of(name)).port}\0"
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it ended while we looked
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                said = (folder / "cmdline").read_text() + (folder / "environ").read_text()
                if parent == self._process.pid and sign in said:
                    return int(folder.name)
        raise AssertionError(f"dev.py runs no {name}")

    def addresses(self) -> list[str]:
        """Every address that answers while the product runs."""
        pages = [person["app_url"] for person in self._said["people"] if person["app_url"]]
        return [f"{self.backend_url}/health", *pages]

    def stop(self) -> None:
        """Ctrl-C, as at a terminal. Raises `AssertionError` when it does not end well or leaves something running."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, self._output.read_text()
        assert not [address for address in self.addresses() if answers(address)], "something was left running"
        assert not (self._home / "run.json").exists()
