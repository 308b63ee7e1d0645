"""What is said of a shared screen: the app's own screens and the call page (`callpage/`, by `tools/callpage_shared.py`)
say the same. Pure.
"""

from app.call.contract.screen import Screen, ScreenFault

SHARE, STOP = "Share your screen", "Stop sharing"
SHARING = "You are sharing your screen"
STOPPED = "You stopped sharing your screen"
CHOOSE = "Which screen?"
CLOSE = "Close the choice of screens"
HIDE = "Hide this notice about the screen"
ZOOM, ZOOM_IN, ZOOM_OUT, WHOLE = "Zoom", "Zoom in", "Zoom out", "Show the whole screen"
FAULTS = {
    ScreenFault.NONE_THERE: "There is no screen here that can be shared.",
    ScreenFault.WAYLAND: "Wayland keeps screens from other programs. Sign in to your computer with an X11 session to"
    " share one.",
    ScreenFault.REFUSED: "Your system keeps your screen from this program. Allow screen recording in its privacy"
    " settings, then try again.",
    ScreenFault.FAILED: "Your screen could not be shared. Try again.",
}


def screen_of(other_name: str) -> str:
    """The name of the other's shared screen."""
    return f"{other_name}'s screen"


def shares_words(other_name: str) -> str:
    """Said when the other begins to share."""
    return f"{other_name} is sharing their screen"


def shares_no_more_words(other_name: str) -> str:
    """Said when the other ends it."""
    return f"{other_name} stopped sharing their screen"


def choice_words(number: int, screen: Screen) -> str:
    """One of several screens, counted from 1."""
    return f"Screen {number}, {screen.width} × {screen.height}"
