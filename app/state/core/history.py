"""Where a person has been in this window or tab, so that Back leads to where they came from."""

from collections import deque

REMEMBERED = 50


class History:
    """The pages in the order in which they were shown; one for each sign-in (`Services.kept`). Calls are none of them:
    nobody goes back into one.
    """

    def __init__(self) -> None:
        self._routes: deque[str] = deque(maxlen=REMEMBERED)

    def note(self, route: str) -> None:
        """A page is shown."""
        if not self._routes or self._routes[-1] != route:
            self._routes.append(route)

    def before(self, route: str, otherwise: str) -> str:
        """From where somebody came to `route`, which is shown; `otherwise` where they came to it from outside."""
        came_from = [each for each in self._routes if each != route]
        return came_from[-1] if came_from and self._routes[-1] == route else otherwise
