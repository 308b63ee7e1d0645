"""Saying that something went wrong in a session: a reason in words, for whoever looks into it."""

from dataclasses import dataclass

import flet as ft

from app.api.models import Attendance
from app.errors import AppError, Problem
from app.state.core.services import Services

LONGEST = 1000


@ft.observable
@dataclass(eq=False)
class ProblemReport:
    """`reason` is what was typed; `field_error` stands at the field, `error` above it. A failure keeps what was
    typed.
    """

    services: Services
    session_id: str
    reason: str = ""
    field_error: str = ""
    error: str = ""
    sending: bool = False

    async def send(self) -> Attendance | None:
        """The decision with this objection; None when it could not be sent, and why is shown."""
        if self.sending:
            return None
        self.field_error = "" if self.reason.strip() else "Tell us in a few words what went wrong."
        self.error = ""
        if self.field_error:
            return None
        self.sending = True
        try:
            return await self.services.api.report_problem(self.session_id, self.reason.strip())
        except Problem as problem:
            self.field_error = problem.fields.get("reason", "")
            self.error = "" if self.field_error else problem.detail
        except AppError as field_error:
            self.error = field_error.detail
        finally:
            self.sending = False
        return None
