"""What trying the connection before a call found, in words that a person can act on: pure."""

from dataclasses import dataclass

from app.call.contract.engine import ConnectionCheck, Reachability

SLOW_FROM_MS = 200.0
VERY_SLOW_FROM_MS = 400.0


@dataclass(frozen=True)
class CheckWords:
    """`tone` is good, wait or bad; `remedy` is empty where nothing has to be done."""

    tone: str
    what: str
    remedy: str = ""


TRYING = CheckWords("wait", "Testing your connection…")
NO_BACKEND = CheckWords("bad", "Rendezvous cannot be reached.", "Check your internet connection, then try again.")
_BY_REACH = {
    Reachability.TCP: CheckWords(
        "wait",
        "Your network only allows a slower route.",
        "The call works, with more delay. Without a VPN, or on another network, it is faster.",
    ),
    Reachability.SIGNAL_ONLY: CheckWords(
        "bad",
        "Video and audio cannot get through your network.",
        "A firewall or VPN blocks them. Switch it off, or use another network such as your phone's.",
    ),
    Reachability.REFUSED: CheckWords("bad", "The call server did not let you in.", "Try again in a moment."),
    Reachability.NONE: CheckWords(
        "bad",
        "The call server cannot be reached.",
        "Check your internet connection. A firewall or VPN may be in the way.",
    ),
}
_STEADY = "Move closer to your router, or use a cable, and close other apps that use the connection."


def check_words(check: ConnectionCheck) -> CheckWords:
    """The outcome of one try."""
    if check.reachability is not Reachability.UDP:
        return _BY_REACH[check.reachability]
    took_ms = check.round_trip_ms or 0.0
    took = f"{max(1, round(took_ms))} ms"
    if took_ms >= VERY_SLOW_FROM_MS:
        return CheckWords("bad", f"Your connection is very slow ({took}).", _STEADY)
    if took_ms >= SLOW_FROM_MS:
        return CheckWords("wait", f"Your connection is slow ({took}).", _STEADY)
    return CheckWords("good", f"Your connection is good ({took}).")
