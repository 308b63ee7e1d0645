"""What browsers load of the app, made and fetched beforehand into `.rendezvous`, once per version."""

import os
import subprocess

from tools import environment, web_fonts
from tools.console import Step, Trouble
from tools.paths import HOME, ROOT

FILES, FONTS = HOME / "web", HOME / "fonts"


def settings() -> dict[str, str]:
    """For the environment of a process that serves the app."""
    return {"RENDEZVOUS_WEB_CACHE": str(FILES), "RENDEZVOUS_WEB_FONTS": str(FONTS)}


def ensure() -> None:
    """The client, compressed. Raises `Trouble` when it cannot be made."""
    with Step("What browsers load (compressed once)"):
        words = environment.command("-m", "app.web.client_files", str(FILES))
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"What browsers load could not be made:\n{done.stderr[-800:]}")


def ensure_fonts() -> None:
    """Letters of every script. Raises `Trouble` when they cannot be fetched."""
    with Step("Letters of every script for browsers (Noto, fetched once)"):
        try:
            web_fonts.ensure(FONTS)
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", b"") or b""
            raise Trouble(f"The fonts could not be fetched by npm: {error} {said.decode()[-400:]}") from error


def ensure_all() -> None:
    """For the tests, which look at both."""
    ensure()
    ensure_fonts()
    os.environ.update(settings())
