"""A backend of the stage's own as a process, with the demo's people and their paid session, and a new database."""

from pathlib import Path

from tests.stage.backend_process import BackendProcess
from tests.stage.livekit_server import LivekitServer, free_ports


class DemoBackend(BackendProcess):
    """As `BackendProcess`, but it keeps its address over a restart, and `start` waits until it serves. `settings`
    are added to its environment.
    """

    def __init__(self, folder: Path, livekit: LivekitServer, **settings: str) -> None:
        (port,) = free_ports(1)
        super().__init__(
            folder / "backend.log",
            DATABASE_URL=f"sqlite:///{folder / 'rendezvous.db'}",
            PORT=str(port),
            LIVEKIT_URL=livekit.url,
            LIVEKIT_API_KEY=livekit.key,
            LIVEKIT_API_SECRET=livekit.secret,
            RENDEZVOUS_DEMO="1",
            **settings,
        )

    def start(self) -> "DemoBackend":
        super().start()
        assert self.url
        return self
