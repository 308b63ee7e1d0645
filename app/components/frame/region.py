"""The region of a browser session or window, kept in its store."""

from typing import cast

import flet as ft

from app.state.core.region import Region, machine_region

KEY = "region"


def remember_region(page: ft.Page, region: Region) -> None:
    """All words of this session are written so from now on."""
    page.session.store.set(KEY, region)


def region_here() -> Region:
    """That of the session which is being drawn; the usual one where none is."""
    try:
        store = ft.context.page.session.store
    except RuntimeError:  # flet's answer outside a session, or after its end
        return Region()
    return cast(Region, store.get(KEY)) if store.contains_key(KEY) else Region()


def window_region(page: ft.Page) -> Region:
    """A window's: Flutter knows the system's clock on every desktop and phone (`alwaysUse24HourFormat`)."""
    return machine_region(page.media is None or page.media.always_use_24_hour_format)
