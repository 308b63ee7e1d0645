"""The design's numbers."""

import dataclasses
import re
from collections.abc import Iterator
from itertools import product

import flet as ft
import pytest

from app.components.design import avatar, theme
from app.settings import ASSETS

PALETTES = {"light": theme.LIGHT, "dark": theme.DARK}
INK_ON_GROUND = [
    ("on_surface", "surface"),
    ("on_surface", "surface_container_low"),
    ("on_surface", "surface_container"),
    ("on_surface", "surface_container_highest"),
    ("on_surface_variant", "surface"),
    ("on_surface_variant", "surface_container_low"),
    ("on_surface_variant", "surface_container"),
    ("on_surface_variant", "surface_container_high"),
    ("on_surface_variant", "surface_container_highest"),
    ("primary", "surface"),
    ("primary", "surface_container_low"),
    ("primary", "surface_container"),
    ("error", "surface"),
    ("error", "surface_container_low"),
    ("error", "surface_container"),
    ("tertiary", "surface_container_low"),
    ("secondary", "surface_container_low"),
    *[(f"on_{role}", role) for role in ("primary", "secondary", "tertiary", "error")],
    *[(f"on_{role}_container", f"{role}_container") for role in ("primary", "secondary", "tertiary", "error")],
    ("on_inverse_surface", "inverse_surface"),
    ("inverse_primary", "inverse_surface"),
]


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB, by WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("name", "pair"), list(product(PALETTES, INK_ON_GROUND)))
def test_every_ink_is_readable_on_its_ground(name: str, pair: tuple[str, str]) -> None:
    ink, ground = (PALETTES[name][role] for role in pair)
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("name", PALETTES)
def test_the_edge_of_a_field_can_be_seen(name: str) -> None:
    palette = PALETTES[name]
    assert contrast(palette["outline"], palette["surface_container_low"]) >= 3


@pytest.mark.parametrize("tone", [theme.GOOD, theme.NOTE, theme.WAITING, theme.BAD, theme.QUIET])
@pytest.mark.parametrize("name", PALETTES)
def test_every_status_is_readable(name: str, tone: theme.Tone) -> None:
    ink, ground = (PALETTES[name][_role(colour)] for colour in (tone.ink, tone.ground))
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("ground", avatar.GROUNDS)
def test_initials_are_readable_on_every_colour(ground: str) -> None:
    assert contrast(avatar.INK, ground) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_no_text_style_is_left_without_a_colour(dark: bool) -> None:
    assert all(style.color for style in theme.text_styles(dark, 1).values())


def test_text_can_be_twice_as_large() -> None:
    normal, double = theme.text_styles(False, 1), theme.text_styles(False, 2)
    assert all(double[role].size == 2 * (normal[role].size or 0) for role in normal)


def test_both_themes_name_the_same_roles() -> None:
    assert theme.LIGHT.keys() == theme.DARK.keys()


def test_spaces_are_on_the_grid_of_four() -> None:
    spaces = [value for name, value in vars(theme).items() if re.fullmatch(r"SPACE_\d+", name)]
    assert spaces
    assert all(value % 4 == 0 for value in spaces)


def _role(colour: ft.Colors) -> str:
    return colour.name.lower()


def test_every_weight_of_the_theme_has_a_font_file_of_that_weight() -> None:
    for family, path in theme.FONTS.items():
        font = (ASSETS / path).read_bytes()
        assert weight_of(font) == next(int(w.value[1:]) for w, of in theme.FAMILIES.items() if of == family)
    assert {weight for _, weight, _ in theme.TYPE.values()} <= set(theme.FAMILIES)


@pytest.mark.parametrize("dark", [False, True])
def test_every_style_of_the_theme_names_its_font(dark: bool) -> None:
    """Flutter takes the system's font for a style without one: each desktop would look different."""
    found = list(styles_in(theme.build_theme(dark)))
    assert len(found) > len(theme.TYPE)
    assert [style for style in found if style.font_family not in theme.FONTS] == []


def styles_in(value: object) -> Iterator[ft.TextStyle]:
    if isinstance(value, ft.TextStyle):
        yield value
    elif dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            yield from styles_in(getattr(value, each.name, None))


def weight_of(font: bytes) -> int:
    """`usWeightClass` of a TrueType file (OpenType 1.9, the tables of the head and of OS/2)."""
    tables = int.from_bytes(font[4:6], "big")
    for at in range(12, 12 + 16 * tables, 16):
        if font[at : at + 4] == b"OS/2":
            begins = int.from_bytes(font[at + 8 : at + 12], "big")
            return int.from_bytes(font[begins + 4 : begins + 6], "big")
    raise AssertionError("no OS/2 table")
