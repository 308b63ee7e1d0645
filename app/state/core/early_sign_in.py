"""What was typed into the page's own sign-in form (assets/web/early.js) while a browser was still loading the app."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Typed:
    """`submit`: it was sent as well."""

    email: str
    password: str = field(repr=False)
    submit: bool = False


class EarlySignIn:
    """Hands it to the app's form, which may be there a moment later; once, and to nobody else."""

    def __init__(self) -> None:
        self._waiting: Typed | None = None
        self._on_typed: Callable[[Typed], object] | None = None

    def give(self, typed: Typed) -> None:
        """What the page says."""
        if self._on_typed is None:
            self._waiting = typed
        else:
            self._on_typed(typed)

    def listen(self, on_typed: Callable[[Typed], object]) -> None:
        """The form is there."""
        self._on_typed = on_typed
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            on_typed(waiting)

    def stop(self) -> None:
        """It has gone; what comes from now on is for the next one."""
        self._on_typed = None
