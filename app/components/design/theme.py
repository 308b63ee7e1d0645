"""The design's tokens and both Material themes built from them.

Roles, not colours, are what components name (`ft.Colors.PRIMARY`): the same control is right in light and dark. Cards
are a tone lighter than the page (SURFACE_CONTAINER_LOW), not raised by shadows. tests/app holds every pair of ink and
ground used here against WCAG 2.2 (4.5:1).
"""

from dataclasses import dataclass

import flet as ft

WIDE = 840  # page width in logical pixels from which navigation is a rail and details stand beside
NARROW = 600  # below this, questions come as a bottom sheet
READABLE = 760  # widest column of text and rows

SPACE_4, SPACE_8, SPACE_12, SPACE_16, SPACE_24, SPACE_32 = 4, 8, 12, 16, 24, 32
RADIUS_SMALL, RADIUS_MEDIUM, RADIUS_LARGE = 8, 12, 20
TOUCH = 48  # smallest side of anything that is tapped

BAR_TEXT_MOST = 1.25  # three labels have to stand side by side on a phone

CARD = ft.Colors.SURFACE_CONTAINER_LOW
FIELD = ft.Colors.SURFACE_CONTAINER
QUIET_INK = ft.Colors.ON_SURFACE_VARIANT

LIGHT: dict[str, str] = {
    "primary": "#0B6E5F",
    "on_primary": "#FFFFFF",
    "primary_container": "#CBEBE2",
    "on_primary_container": "#05403A",
    "secondary": "#45606B",
    "on_secondary": "#FFFFFF",
    "secondary_container": "#D8E6EC",
    "on_secondary_container": "#1D3640",
    "tertiary": "#8A5100",
    "on_tertiary": "#FFFFFF",
    "tertiary_container": "#FFE3BD",
    "on_tertiary_container": "#5A3500",
    "error": "#B3261E",
    "on_error": "#FFFFFF",
    "error_container": "#FBDCD8",
    "on_error_container": "#7A1510",
    "surface": "#F3F6F5",
    "on_surface": "#17201E",
    "on_surface_variant": "#4A5653",
    "surface_container_lowest": "#FFFFFF",
    "surface_container_low": "#FFFFFF",
    "surface_container": "#ECF1EF",
    "surface_container_high": "#E4EAE8",
    "surface_container_highest": "#DCE4E1",
    "outline": "#6B7874",
    "outline_variant": "#CBD4D1",
    "inverse_surface": "#25302D",
    "on_inverse_surface": "#EDF3F1",
    "inverse_primary": "#7FD8C3",
    "surface_tint": "#F3F6F5",
    "shadow": "#000000",
    "scrim": "#000000",
}
DARK: dict[str, str] = {
    "primary": "#7FD8C3",
    "on_primary": "#00382F",
    "primary_container": "#0E4F44",
    "on_primary_container": "#BDF2E4",
    "secondary": "#B1C9D3",
    "on_secondary": "#1B333D",
    "secondary_container": "#314953",
    "on_secondary_container": "#D3E5EC",
    "tertiary": "#F2BF7E",
    "on_tertiary": "#452B00",
    "tertiary_container": "#5B3B09",
    "on_tertiary_container": "#FFE2BA",
    "error": "#FFB4AB",
    "on_error": "#690005",
    "error_container": "#75201A",
    "on_error_container": "#FFDAD6",
    "surface": "#0F1514",
    "on_surface": "#E1E9E6",
    "on_surface_variant": "#B3C0BC",
    "surface_container_lowest": "#0A0F0E",
    "surface_container_low": "#182120",
    "surface_container": "#202A28",
    "surface_container_high": "#293432",
    "surface_container_highest": "#33403D",
    "outline": "#8B9894",
    "outline_variant": "#3A4643",
    "inverse_surface": "#DEE6E3",
    "on_inverse_surface": "#1C2523",
    "inverse_primary": "#0B6E5F",
    "surface_tint": "#0F1514",
    "shadow": "#000000",
    "scrim": "#000000",
}

# role -> size in logical pixels, weight, line height as a factor
TYPE: dict[str, tuple[float, ft.FontWeight, float]] = {
    "display_large": (44, ft.FontWeight.W_600, 1.15),
    "display_medium": (38, ft.FontWeight.W_600, 1.15),
    "display_small": (32, ft.FontWeight.W_600, 1.2),
    "headline_large": (30, ft.FontWeight.W_600, 1.2),
    "headline_medium": (26, ft.FontWeight.W_600, 1.25),
    "headline_small": (22, ft.FontWeight.W_600, 1.3),
    "title_large": (20, ft.FontWeight.W_600, 1.3),
    "title_medium": (16, ft.FontWeight.W_600, 1.4),
    "title_small": (14, ft.FontWeight.W_600, 1.4),
    "body_large": (16, ft.FontWeight.W_400, 1.5),
    "body_medium": (15, ft.FontWeight.W_400, 1.5),
    "body_small": (13, ft.FontWeight.W_400, 1.45),
    "label_large": (15, ft.FontWeight.W_600, 1.3),
    "label_medium": (13, ft.FontWeight.W_500, 1.3),
    "label_small": (12, ft.FontWeight.W_500, 1.3),
}


FAMILIES: dict[ft.FontWeight, str] = {
    ft.FontWeight.W_400: "Inter",
    ft.FontWeight.W_500: "Inter Medium",
    ft.FontWeight.W_600: "Inter SemiBold",
}
"""Flet takes one file a family, so each weight has one of its own; another weight would be smeared from Regular."""
FONTS = {
    "Inter": "fonts/Inter-Regular.ttf",
    "Inter Medium": "fonts/Inter-Medium.ttf",
    "Inter SemiBold": "fonts/Inter-SemiBold.ttf",
}
"""For `page.fonts`: in assets/, so that the app looks the same on each desktop. What they lack (Chinese, Arabic, Hindi
...) comes from the system.
"""
REGULAR, BOLD = FAMILIES[ft.FontWeight.W_400], FAMILIES[ft.FontWeight.W_600]


class Type:
    """The roles of text; `ft.Text(..., theme_style=Type.HEADLINE)`. A screen has one HEADLINE."""

    HEADLINE = ft.TextThemeStyle.HEADLINE_MEDIUM
    SECTION = ft.TextThemeStyle.TITLE_LARGE
    TITLE = ft.TextThemeStyle.TITLE_MEDIUM
    BODY = ft.TextThemeStyle.BODY_MEDIUM
    SMALL = ft.TextThemeStyle.BODY_SMALL
    LABEL = ft.TextThemeStyle.LABEL_MEDIUM
    FIGURE = ft.TextThemeStyle.DISPLAY_SMALL


@dataclass(frozen=True)
class Tone:
    """Ink and ground of a status, as roles; the pair has at least 4.5:1 in both themes."""

    ink: ft.Colors
    ground: ft.Colors


GOOD = Tone(ft.Colors.ON_PRIMARY_CONTAINER, ft.Colors.PRIMARY_CONTAINER)
NOTE = Tone(ft.Colors.ON_SECONDARY_CONTAINER, ft.Colors.SECONDARY_CONTAINER)
WAITING = Tone(ft.Colors.ON_TERTIARY_CONTAINER, ft.Colors.TERTIARY_CONTAINER)
BAD = Tone(ft.Colors.ON_ERROR_CONTAINER, ft.Colors.ERROR_CONTAINER)
QUIET = Tone(ft.Colors.ON_SURFACE_VARIANT, ft.Colors.SURFACE_CONTAINER_HIGH)


def text_styles(dark: bool, scale: float) -> dict[str, ft.TextStyle]:
    """The type scale times a factor (Flet has no text scaler). A style without a colour would be black on dark."""
    ink = (DARK if dark else LIGHT)["on_surface"]
    return {
        role: ft.TextStyle(
            size=size * scale,
            weight=weight,
            height=line,
            letter_spacing=0,
            color=ink,
            font_family=FAMILIES[weight],
        )
        for role, (size, weight, line) in TYPE.items()
    }


def selection_border(selected: bool) -> ft.Border:
    """Around the card whose details are open; as wide when they are not, so that nothing moves."""
    return ft.Border.all(2, ft.Colors.PRIMARY if selected else ft.Colors.TRANSPARENT)


def rounded(radius: float) -> ft.RoundedRectangleBorder:
    return ft.RoundedRectangleBorder(radius=radius)


def build_theme(dark: bool, scale: float = 1.0) -> ft.Theme:
    """Everything that Material draws in this app, light or dark, at a text factor of 1..2."""
    colours = DARK if dark else LIGHT
    styles = text_styles(dark, scale)
    label = styles["label_large"]
    button = ft.ButtonStyle(
        shape=rounded(RADIUS_MEDIUM),
        padding=ft.Padding.symmetric(horizontal=20, vertical=14),
        text_style=ft.TextStyle(size=label.size, weight=label.weight, letter_spacing=0, font_family=label.font_family),
    )
    return ft.Theme(
        font_family=REGULAR,
        color_scheme_seed=LIGHT["primary"],
        color_scheme=ft.ColorScheme(**colours),
        scaffold_bgcolor=colours["surface"],
        visual_density=ft.VisualDensity.STANDARD,
        text_theme=ft.TextTheme(**styles),
        filled_button_theme=ft.FilledButtonTheme(style=button),
        outlined_button_theme=ft.OutlinedButtonTheme(style=button),
        text_button_theme=ft.TextButtonTheme(style=button),
        divider_theme=ft.DividerTheme(color=colours["outline_variant"], thickness=1, space=1),
        navigation_rail_theme=ft.NavigationRailTheme(
            bgcolor=colours["surface"],
            indicator_color=colours["primary_container"],
            selected_label_text_style=ft.TextStyle(
                size=13 * scale, weight=ft.FontWeight.W_600, font_family=BOLD, color=colours["on_surface"]
            ),
            unselected_label_text_style=ft.TextStyle(
                size=13 * scale, font_family=REGULAR, color=colours["on_surface_variant"]
            ),
        ),
        navigation_bar_theme=ft.NavigationBarTheme(
            bgcolor=colours["surface_container_low"],
            indicator_color=colours["primary_container"],
            elevation=0,
            height=80 if scale <= BAR_TEXT_MOST else 88,
            label_text_style=ft.TextStyle(
                font_family=REGULAR, size=13 * min(scale, BAR_TEXT_MOST), letter_spacing=0, color=colours["on_surface"]
            ),
        ),
        appbar_theme=ft.AppBarTheme(
            bgcolor=colours["surface"], color=colours["on_surface"], elevation=0, elevation_on_scroll=0
        ),
        dialog_theme=ft.DialogTheme(
            bgcolor=colours["surface_container_low"],
            shape=rounded(RADIUS_LARGE),
            title_text_style=styles["title_large"],
            content_text_style=styles["body_medium"],
        ),
        bottom_sheet_theme=ft.BottomSheetTheme(bgcolor=colours["surface_container_low"], elevation=0),
        snackbar_theme=ft.SnackBarTheme(
            bgcolor=colours["inverse_surface"],
            action_text_color=colours["inverse_primary"],
            content_text_style=ft.TextStyle(size=15 * scale, font_family=REGULAR, color=colours["on_inverse_surface"]),
            shape=rounded(RADIUS_MEDIUM),
        ),
        progress_indicator_theme=ft.ProgressIndicatorTheme(color=colours["primary"]),
    )
