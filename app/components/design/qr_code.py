"""An address as a QR code, for a camera that is held in front of it."""

import io

import flet as ft
import segno

from app.components.design.theme import RADIUS_MEDIUM

SIDE = 240
QUIET_ZONE = 4  # modules of white around it (ISO/IEC 18004, 6.3.8)
MODULE_PX = 8


def qr_png(text: str) -> bytes:
    """Black on white in both themes: cameras look for dark modules on a light ground. A seventh may be damaged (M)."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="png", scale=MODULE_PX, border=QUIET_ZONE)
    return picture.getvalue()


def QrCode(url: str, name: str = "") -> ft.Control:
    """The code. Its name for screen readers is the address, unless that is not to be read out."""
    picture = ft.Image(
        src=qr_png(url),
        width=SIDE,
        height=SIDE,
        border_radius=RADIUS_MEDIUM,
        filter_quality=ft.FilterQuality.NONE,
        semantics_label=name or f"QR code of {url}",
    )
    return ft.Container(picture, alignment=ft.Alignment.CENTER)
