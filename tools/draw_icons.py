"""Draws the app's icons into assets/ from the numbers of mark.svg: `python -m tools.draw_icons` (needs Pillow)."""

from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

ASSETS = Path(__file__).resolve().parent.parent / "assets"
GROUND, LEFT, RIGHT, MEETING = "#0B6E5F", "#FFFFFF", "#7FD8C3", "#F2BF7E"
UNITS = 32  # the mark's own grid
OVERSAMPLED = 8


def icon(side: int, corner: float, mark: float) -> Image.Image:
    """A square of `side` pixels; `corner` is its radius and `mark` the mark's width, both as parts of the side."""
    big = side * OVERSAMPLED
    square = Image.new("L", (big, big))
    ImageDraw.Draw(square).rounded_rectangle((0, 0, big - 1, big - 1), corner * big, fill=255)
    picture = Image.new("RGBA", (big, big))
    picture.paste(GROUND, mask=square)
    unit = mark * big / UNITS
    left, right = (_disc(big, (x - UNITS / 2) * unit, 9.5 * unit) for x in (11.5, 20.5))
    picture.paste(LEFT, mask=left)
    picture.paste(RIGHT, mask=right)
    picture.paste(MEETING, mask=ImageChops.multiply(left, right))
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def _disc(side: int, off_centre: float, radius: float) -> Image.Image:
    x, y = side / 2 + off_centre, side / 2
    disc = Image.new("L", (side, side))
    ImageDraw.Draw(disc).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return disc


def main() -> None:
    """Writes every size that browsers, phones and desktops ask for."""
    (ASSETS / "icons").mkdir(parents=True, exist_ok=True)
    icon(64, 0.22, 0.86).save(ASSETS / "favicon.png")
    icon(1024, 0.22, 0.74).save(ASSETS / "icon.png")
    icon(256, 0.22, 0.86).save(ASSETS / "icon.ico", sizes=[(side, side) for side in (16, 24, 32, 48, 64, 128, 256)])
    for side in (192, 512):
        icon(side, 0.22, 0.74).save(ASSETS / "icons" / f"icon-{side}.png")
        icon(side, 0, 0.6).save(ASSETS / "icons" / f"icon-maskable-{side}.png")
    icon(192, 0, 0.7).save(ASSETS / "icons" / "apple-touch-icon-192.png")


if __name__ == "__main__":
    main()
