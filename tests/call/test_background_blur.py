"""The blur behind the person: the outline over time, the frame put together, and the real model."""

import subprocess
import sys

import numpy as np
import pytest

from app.call.video.background_blur import (
    MASK_HEIGHT,
    MASK_WIDTH,
    BackgroundBlur,
    BlendBuffers,
    LiteRtSegmenter,
    TemporalMaskFilter,
    can_blur,
    composite,
    weights_of,
)
from app.call.video.convert import UInt8Array
from tests.stage.left_out import left_out


def noise(width: int, height: int) -> UInt8Array:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)


def roughness(frame: UInt8Array) -> float:
    """The mean step from a pixel to its neighbour: high in noise, next to nothing in a blur."""
    return float(np.abs(np.diff(frame.astype(np.int16), axis=1)).mean())


def mask(value: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return np.full((MASK_HEIGHT, MASK_WIDTH), value, np.float32)


def test_a_flickering_outline_is_evened() -> None:
    mask_filter = TemporalMaskFilter()
    mask_filter.update(mask(0.5))
    steps = [float(mask_filter.update(mask(0.5 + (0.1 if at % 2 else -0.1)))[0, 0]) for at in range(20)]
    assert max(steps) - min(steps) < 0.12, "of a flicker of 0.2"


def test_who_comes_into_the_frame_is_seen_at_once() -> None:
    mask_filter = TemporalMaskFilter()
    mask_filter.update(mask(0.0))
    assert mask_filter.update(mask(1.0))[0, 0] > 0.95


def test_who_leaves_the_frame_does_not_leave_a_window_behind() -> None:
    mask_filter = TemporalMaskFilter()
    mask_filter.update(mask(1.0))
    assert weights_of(mask_filter.update(mask(0.0))).max() == 0


def test_the_edge_is_soft_and_both_sides_are_certain() -> None:
    rising = np.tile(np.linspace(0, 1, MASK_WIDTH, dtype=np.float32), (MASK_HEIGHT, 1))
    weights = weights_of(rising)[0]
    assert weights[0] == 0
    assert weights[-1] == 255
    assert ((weights > 0) & (weights < 255)).sum() > 10
    assert (np.diff(weights.astype(int)) >= 0).all()


@pytest.mark.parametrize(("width", "height"), [(640, 360), (480, 360), (202, 360), (34, 18)])
def test_inside_nothing_is_touched_and_outside_everything_is_blurred(width: int, height: int) -> None:
    frame = noise(width, height)
    weights = np.zeros((MASK_HEIGHT, MASK_WIDTH), np.uint8)
    weights[:, : MASK_WIDTH // 2] = 255
    shown = composite(frame, weights, BlendBuffers())
    left, right = slice(0, width // 2 - 6), slice(width // 2 + 6, None)
    assert np.abs(shown[:, left].astype(int) - frame[:, left]).max() <= 1
    assert roughness(shown[:, right]) < roughness(frame[:, right]) / 20


def test_writing_behind_the_person_cannot_be_read() -> None:
    stripes = np.zeros((360, 640, 3), np.uint8)
    stripes[:, ::24] = stripes[:, 1::24] = stripes[:, 2::24] = stripes[:, 3::24] = 255  # letters of a poster
    shown = composite(stripes, np.zeros((MASK_HEIGHT, MASK_WIDTH), np.uint8), BlendBuffers())
    assert int(shown[180, 100:540].max()) - int(shown[180, 100:540].min()) < 16


def test_a_large_video_is_blurred_at_the_size_in_which_it_is_sent() -> None:
    class Nobody:
        def likelihoods(self, bgr: UInt8Array) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
            return mask(0.0)

    assert BackgroundBlur(Nobody()).blurred(noise(1920, 1080)).shape == (720, 1280, 3)
    assert BackgroundBlur(Nobody()).blurred(noise(320, 240)).shape == (240, 320, 3)


def test_the_real_model_finds_nobody_in_noise() -> None:
    if not can_blur():
        left_out("LiteRT has no wheel for this system")
    frame = noise(640, 360)
    shown = BackgroundBlur(LiteRtSegmenter()).blurred(frame)
    assert roughness(shown) < roughness(frame) / 20


def test_the_real_model_tells_a_person_from_what_is_behind() -> None:
    """A drawn head and shoulders is enough for it to see somebody in the middle, and nobody in the corners."""
    if not can_blur():
        left_out("LiteRT has no wheel for this system")
    import cv2

    frame = np.full((360, 640, 3), (200, 190, 170), np.uint8)
    cv2.ellipse(frame, (320, 370), (150, 140), 0, 0, 360, (90, 50, 40), -1)
    cv2.rectangle(frame, (295, 200), (345, 250), (140, 170, 215), -1)
    cv2.ellipse(frame, (320, 150), (58, 76), 0, 0, 360, (150, 180, 225), -1)
    cv2.ellipse(frame, (320, 110), (62, 50), 0, 180, 360, (30, 40, 50), -1)
    for at in (298, 342):
        cv2.ellipse(frame, (at, 145), (9, 5), 0, 0, 360, (40, 30, 30), -1)
    cv2.ellipse(frame, (320, 195), (20, 6), 0, 0, 180, (80, 80, 190), 3)
    found = LiteRtSegmenter().likelihoods(cv2.GaussianBlur(frame, (0, 0), 1.5).astype(np.uint8))
    assert found[56:64, 124:132].mean() > 0.6
    assert found[:30, :40].mean() < 0.1


def test_the_library_is_not_loaded_before_it_is_wanted() -> None:
    code = "import sys, app.call.engine; print('ai_edge_litert' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "False", ran.stderr
