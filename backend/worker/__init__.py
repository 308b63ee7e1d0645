"""What happens by itself when time passes: each kind of work on a schedule and a thread of its own."""

from backend.worker.worker import Worker

__all__ = ["Worker"]
