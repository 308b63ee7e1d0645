"""What browsers load of the app, made and fetched beforehand into `.rendezvous`, once per version."""

import os
import subprocess
from pathlib import Path

from tools import environment, web_fonts
from tools.console import Step, Trouble
from tools.paths import HOME, ROOT

FILES = Path(os.environ.get("RENDEZVOUS_WEB_CACHE") or HOME / "web")
FONTS = Path(os.environ.get("RENDEZVOUS_WEB_FONTS") or HOME / "fonts")


def settings() -> dict[str, str]:
    """For the environment of a process that serves the app."""
    return {"RENDEZVOUS_WEB_CACHE": str(FILES), "RENDEZVOUS_WEB_FONTS": str(FONTS)}


def begin(small: bool = False) -> "subprocess.Popen[str]":
    """Starts making the client's files, beside whatever else is to be done; `finish` waits for it. `small`: as small as
    can be, which takes some minutes.
    """
    words = environment.command("-m", "app.web.client_files", str(FILES), *(["--small"] if small else []))
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(making: "subprocess.Popen[str]") -> None:
    """Raises `Trouble` when they cannot be made."""
    with Step("What browsers load (compressed once)"):
        said = making.communicate()[1]
    if making.returncode:
        raise Trouble(f"What browsers load could not be made:\n{said[-800:]}")


def ensure(small: bool = False) -> None:
    """As `begin` and `finish`."""
    finish(begin(small))


def ensure_fonts() -> None:
    """Letters of every script. Raises `Trouble` when they cannot be fetched."""
    with Step("Letters of every script for browsers (Noto, fetched once, 300 MB)"):
        try:
            web_fonts.ensure(FONTS)
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", b"") or b""
            raise Trouble(f"The fonts could not be fetched by npm: {error} {said.decode()[-400:]}") from error


def ensure_all() -> None:
    """For the tests, which look at both."""
    ensure()
    ensure_fonts()
