"""Serves a stage's screens to a browser as the web app is served."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import flet as ft

from app.settings import AppSettings
from app.web.server import serve
from tools import web_client


def show(main: Callable[[ft.Page], object], port: int) -> None:
    """On loopback, until SIGINT or SIGTERM."""
    settings = AppSettings(view="web", port=port, web_cache=web_client.FILES, web_fonts=web_client.FONTS)
    with TemporaryDirectory(prefix="rendezvous-stage-") as folder:
        serve(settings, main, Path(folder), lambda: None)
