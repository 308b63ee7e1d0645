"""Places in the app by their paths: where a person has been, so that Back leads there, and where they were going when
they had to sign in first.
"""

import re
from collections import deque
from datetime import UTC, datetime

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


_INSTANT = "%Y%m%dT%H%MZ"
_FOR = "/for"
_AT_ENTRANCE = re.compile(r"/(sign-in|sign-up|forgotten)(?=/|$)")


def professional_route(professional_id: str, starts_at: datetime | None = None) -> str:
    """A professional's page, with the time that starts then chosen: "/professional/<id>/20270302T0900Z"."""
    time = f"/{starts_at.astimezone(UTC).strftime(_INSTANT)}" if starts_at else ""
    return f"/professional/{professional_id}{time}"


def instant_in_route(text: str) -> datetime | None:
    """The start of the time in such a path; None where there is none that can be read."""
    try:
        return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
    except ValueError:
        return None


def sign_in_for(route: str, entrance: str = "/sign-in") -> str:
    """The path of an entrance (`/sign-in`, `/sign-up`, `/forgotten`) that leads on to `route` afterwards."""
    place = place_after(route)
    return f"{entrance}{_FOR}{place}" if place else entrance


def place_after(route: str) -> str:
    """Where somebody at an entrance goes on to; any other path is that place itself. Empty: nowhere in particular."""
    while (found := _AT_ENTRANCE.match(route)) is not None:
        rest = route[found.end() :]
        route = rest.removeprefix(_FOR) if rest.startswith(f"{_FOR}/") else ""
    return route if route.strip("/") else ""
