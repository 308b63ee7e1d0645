"""A link to a public page (`/p/nora-berg`) that opened the app: whose it is."""

from dataclasses import dataclass

import flet as ft

from app.api.models import Handle
from app.state.core.fetching import Fetching
from app.state.core.history import professional_route

MISSING = "There is no such page. The link may be mistyped."


@ft.observable
@dataclass(eq=False)
class HandleLink(Fetching):
    """`route` is where the page is in the app; empty until that is known."""

    handle: str
    route: str = ""

    async def load(self) -> None:
        """Asks whose it is."""
        await self.fetch(
            lambda: self.services.api.handle(self.handle), self._take, is_shown=lambda: False, missing=MISSING
        )

    def _take(self, found: Handle) -> None:
        self.route = professional_route(found.professional_id)
