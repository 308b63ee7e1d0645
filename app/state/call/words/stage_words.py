"""What stands on the call's buttons and around its pictures, before, during and after it: the app's own screens and the
call page (`callpage/`, by `tools/callpage_shared.py`) say the same. Pure.
"""

from app.call.contract.stats import Rating
from app.state.call.words.quality_words import RATING_WORDS

MUTE, UNMUTE = "Mute microphone", "Unmute microphone"
CAMERA_OFF, CAMERA_ON = "Turn camera off", "Turn camera on"
DEVICES, CLOSE_DEVICES = "Camera and sound", "Close camera and sound"
END = "End call"
ONE_LARGE, SIDE_BY_SIDE = "Show one large", "Show side by side"
FULL_SCREEN, LEAVE_FULL_SCREEN = "Full screen", "Leave full screen"
REJOIN, JOIN_HERE = "Rejoin", "Join here instead"
JOIN, JOINING = "Join", "Joining…"
OWN_CAMERA_OFF, NO_PICTURE_FROM_CAMERA = "Your camera is off", "No picture from your camera"
INSET_CAMERA_OFF, INSET_NO_CAMERA, INSET_STARTING = "Camera off", "No camera", "Starting…"
WAITING_FOR_PICTURE = "Waiting for the picture…"
OWN_CONNECTION = "Your connection"
YOU_ARE_MUTED = "You are muted"
SPEAKING_MUTED = "You're muted. Press M, or hold Space to speak."
TALKING = "You're unmuted while you hold Space"


def session_title(other_name: str) -> str:
    return f"Session with {other_name}"


def presence_words(other_name: str, present: bool) -> str:
    """Before joining: whether the other is in the room."""
    return f"{other_name} is already here" if present else f"{other_name} is not here yet"


def opens_words(countdown: str) -> str:
    """Before the room opens; `countdown` as in "12 min"."""
    return f"The room opens in {countdown}. You can check your camera and sound meanwhile."


def others_connection(other_name: str) -> str:
    return f"{other_name}'s connection"


def rating_words(whose: str, rating: Rating) -> str:
    """What a screen reader says of a connection; `whose` as in "Your connection"."""
    return f"{whose}: {RATING_WORDS[rating].lower()}. Show details"


def weak_words(whose: str) -> str:
    return f"{whose} is weak"


def left_detail(other_name: str) -> str:
    """While waiting, after the other was there."""
    return f"{other_name} has left. You can wait here for them to come back."


def begins_detail(started: bool, at: str) -> str:
    """While waiting for somebody who has not come yet."""
    return f"The session {'started' if started else 'starts'} at {at}. You are in the room."


def together_words(other_name: str, length: str) -> str:
    """After the call; `length` as in "12 min", empty if they were never both there."""
    if not length:
        return f"You and {other_name} were not in the room together."
    return f"You were together for {length}."
