"""Where each picture stands on the recording's canvas. Pure."""

from app.call.recording.messages import Picture
from app.call.video.canvas import Box

MARGIN = 16
SMALL_SHARE = 0.19
"""Of the canvas' width, for each person beside a shared screen."""

CAMERAS = (Picture.PEER_CAMERA, Picture.OWN_CAMERA)
SCREENS = (Picture.PEER_SCREEN, Picture.OWN_SCREEN)
"""The first that there is gets the place."""


def layout_of(width: int, height: int, screen: Picture | None) -> dict[Picture, Box]:
    """Both people side by side, the other first; with a screen, the screen large and they one above the other."""
    if screen is None:
        each = (width - 3 * MARGIN) // 4 * 2
        return {
            picture: Box(MARGIN + place * (each + MARGIN), MARGIN, each, height - 2 * MARGIN)
            for place, picture in enumerate(CAMERAS)
        }
    small = int(width * SMALL_SHARE) // 2 * 2
    small_height = small * 9 // 32 * 2
    x = width - MARGIN - small
    top = (height - 2 * small_height - MARGIN) // 4 * 2
    people = {
        picture: Box(x, top + place * (small_height + MARGIN), small, small_height)
        for place, picture in enumerate(CAMERAS)
    }
    return {screen: Box(MARGIN, MARGIN, x - 2 * MARGIN, height - 2 * MARGIN)} | people
