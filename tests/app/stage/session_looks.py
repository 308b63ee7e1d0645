"""Every state of a session as people see it: what leads to it, and what is then to be read."""

from dataclasses import dataclass

from app.api.models import Role


@dataclass(frozen=True)
class Look:
    """A state, the buttons pressed in it one after the other (patterns of names), and what is then to be read."""

    state: str
    sees: str
    presses: tuple[str, ...] = ()
    role: Role = "user"
    large: bool = False
    in_a_browser: bool = False
    """Its layout is one of those that the journeys look at in every run; `make pictures` shows all of them."""

    @property
    def name(self) -> str:
        """Of its pictures."""
        verb = (
            {"Cancel": "cancel-", "Move": "move-", "Something": "report-"}.get(self.presses[0].split(" ")[0], "")
            if self.presses
            else ""
        )
        return (
            f"session-{verb}{self.state}"
            + ("-professional" if self.role == "professional" else "")
            + ("-large" * self.large)
        )


CANCEL, MOVE, A_TIME = "Cancel session", "Move to another time", r"^15:00 to "
LOOKS = (
    Look("full", "Free cancellation until today 22:00."),
    Look("full", "You get a full refund of $45.00.", (CANCEL,), in_a_browser=True),
    Look("half", "You get $22.50 back (half).", (CANCEL,)),
    Look("none", "You will not get a refund.", (CANCEL,)),
    Look("changed", "The refund has changed.", (CANCEL, "Cancel and get")),
    Look("refused", "It is over.", (CANCEL,)),
    Look("offline", "cannot be reached", (CANCEL,), in_a_browser=True),
    Look("begun", "It has already started, so it can no longer be cancelled."),
    Look("full", "From Tomorrow 10:00–10:45 to Tomorrow 15:00–15:45", (MOVE, A_TIME)),
    Look("full", "From Tomorrow 10:00–10:45 to Tomorrow 15:00–15:45", (MOVE, A_TIME), large=True, in_a_browser=True),
    Look("half", "You get $22.50 back (half).", (CANCEL,), large=True),
    Look("half", "you get at most half back", (MOVE,)),
    Look("taken", "Free instead:", (MOVE, A_TIME, "^Move to tomorrow"), in_a_browser=True),
    Look("moved", "Moved from tomorrow 10:00"),
    Look("moved-late", "Half refund, $22.50, until"),
    Look("refund-pending", "$22.50 is on its way back to you."),
    Look("refund-done", "$22.50 went back to you today 09:45."),
    Look("refund-failed", "We are trying again.", in_a_browser=True),
    Look("by-the-professional", "Ada Lovelace cancelled."),
    Look("too-late", "You cancelled too late for a refund."),
    Look("absent-user", "You missed this session."),
    Look("absent-professional", "Ada Lovelace was there for less than half of your time."),
    Look("absent-both", "Neither of you showed up."),
    Look("absent-unclear", "Our servers could not tell who was there"),
    Look("full", "If you cancel, Grace Hopper gets a full refund.", role="professional", in_a_browser=True),
    Look("full", "Grace Hopper gets a full refund of $45.00.", (CANCEL,), role="professional"),
    Look("absent-user", "Grace Hopper missed this session.", role="professional"),
    Look("absent-professional", "Tell us what happened.", ("Something went wrong",), in_a_browser=True),
    Look("absent-professional", "Something went wrong", role="professional", large=True),
    Look("over", "Links and next steps", role="professional"),
    Look("over", "Your private notes"),
    Look("attached", "Up to 5 files of 10 MB each.", role="professional", in_a_browser=True),
    Look("followed-up", "Save خطة التدريب.pdf", in_a_browser=True),
    Look("followed-up", "You sent this", role="professional", large=True),
    Look("objected", "No money moves until we have looked into it.", in_a_browser=True),
)
