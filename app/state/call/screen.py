"""Sharing one's screen in a call: choosing it, ending it, and putting away why it failed."""

from dataclasses import dataclass

from app.call.contract.call_state import CallState
from app.call.contract.screen import Screen
from app.state.call.timer import CallTime


@dataclass(eq=False)
class CallScreen(CallTime):
    """All else that is shared, and the screen."""

    @property
    def sees_screen(self) -> bool:
        """Whether the other shares one that can be shown now."""
        peer = self.snapshot.peer
        return self.snapshot.state is CallState.IN_CALL and peer is not None and peer.screen_on

    async def toggle_screen(self) -> None:
        """Shares the only screen there is at once; of several one is chosen first (`screens`)."""
        if self.engine is None:
            return
        if self.snapshot.screen.chosen is not None:
            await self.engine.stop_sharing()
            return
        found = await self.engine.screens()
        if len(found) == 1:
            await self.engine.share_screen(found[0])
        else:
            self.screens = tuple(found)

    async def share_screen(self, screen: Screen) -> None:
        """The one that was chosen."""
        self.screens = ()
        if self.engine is not None:
            await self.engine.share_screen(screen)

    def close_choice(self) -> None:
        self.screens = ()

    async def stop_sharing(self) -> None:
        """Also puts away the notice of a screen that could not be shared."""
        if self.engine is not None:
            await self.engine.stop_sharing()
