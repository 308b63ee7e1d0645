"""Which part of a picture is seen while it is zoomed, as the viewer keeps it. Pure; the call page has the same
(`callpage/src/ui/zoom.ts`).
"""

from dataclasses import dataclass

MOST = 6.0

Point = tuple[float, float]
"""In the viewer's pixels, from its top left corner; also its width and height."""


@dataclass(frozen=True)
class ZoomedView:
    """`x` and `y` are where the picture's top left corner lies, 0 or less: the viewer stays covered."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def zoomed_at(self, factor: float, point: Point, size: Point) -> "ZoomedView":
        """The same spot of the picture stays under the point, as far as the edges allow."""
        scale = min(MOST, max(1.0, self.scale * factor))
        grown = scale / self.scale
        x, y = (at - (at - own) * grown for at, own in zip(point, (self.x, self.y), strict=True))
        return _covering(scale, x, y, size)

    def panned(self, x: float, y: float, size: Point) -> "ZoomedView":
        return _covering(self.scale, self.x + x, self.y + y, size)


def _covering(scale: float, x: float, y: float, size: Point) -> ZoomedView:
    within = [min(0.0, max(length * (1 - scale), at)) for length, at in zip(size, (x, y), strict=True)]
    return ZoomedView(scale, within[0], within[1])
