"""A database whose process dies at a commit: just before it, or just after."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from backend.kit.database import Database


class Killed(Exception):
    """The process is dead: what comes after in its code does not happen."""


class MortalDatabase(Database):
    """Dies at the commit that `die_at` names and answers nothing until `revive`: no handler can tidy up behind it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.dead = False
        self.deaths = 0
        self._commits_left: int | None = None
        self._before_commit = False

    def die_at(self, commit: int, *, before: bool) -> None:
        """At the `commit`-th commit from now, 1 being the next: `before` it, so that it is lost, or right after."""
        self._commits_left, self._before_commit = commit, before

    @property
    def will_die(self) -> bool:
        """Whether a commit to come kills it."""
        return self._commits_left is not None and self._commits_left > 0

    def revive(self) -> None:
        """The process is started again, and nothing is to kill it."""
        self.dead, self._commits_left = False, None

    def revive_if_dead(self) -> None:
        """It is started again if it died; a death that is still to come stays so."""
        if self.dead:
            self.revive()

    @contextmanager
    def write(self) -> Iterator[Session]:
        self._check_alive()
        with super().write() as session:
            yield session
            last = self._commits_left == 1
            if self._commits_left is not None:
                self._commits_left -= 1
            if last and self._before_commit:
                self._die()
        if last:
            self._die()

    @contextmanager
    def read(self) -> Iterator[Session]:
        self._check_alive()
        with super().read() as session:
            yield session

    def _check_alive(self) -> None:
        if self.dead:
            raise Killed

    def _die(self) -> None:
        self.dead = True
        self.deaths += 1
        raise Killed
