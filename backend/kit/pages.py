"""The few pages that the backend itself shows: one style, light and dark, and a policy that runs only what is ours."""

import base64
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files

from fastapi import Request
from fastapi.responses import HTMLResponse


def page(title: str, body: str, *, script: str = "", frames: bool = False, status: int = 200) -> HTMLResponse:
    """A page with this body (HTML, its values escaped by the caller) and this script, which alone may run. `frames`:
    it may show others of ours within it.

    The policy is Content Security Policy Level 3: everything is named by its hash, forms only go back to us.
    """
    style = page_style()
    scripts = f"<script>{script}</script>" if script else ""
    html = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)} - Rendezvous</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n{scripts}\n"
        "</body>\n</html>\n"
    )
    allowed_script = hash_source(script) if script else "'none'"
    inner = "; frame-src 'self'" if frames else ""
    policy = (
        f"default-src 'none'; style-src {hash_source(style)}; script-src {allowed_script}; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors 'none'{inner}"
    )
    headers = {
        "Content-Security-Policy": policy,
        # "no-referrer" would also blank the Origin of our own forms.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(html, status, headers=headers)


def our_path(request: Request, path: str) -> str:
    """Where a browser finds a page of ours: below the path of the public address, if it has one."""
    root: str = request.scope.get("root_path", "")
    return f"{root.rstrip('/')}{path}"


def comes_from_elsewhere(request: Request) -> bool:
    """Fetch Metadata: a form on another site must not act for anyone here. Old browsers do not say."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}


def is_known(if_none_match: str, tag: str) -> bool:
    """Whether the browser has what has this ETag. RFC 9110, 13.1.2: `*`, or a list of which one is the same, weak or
    not.
    """
    tags = (known.strip().removeprefix("W/") for known in if_none_match.split(","))
    return any(known in ("*", tag.removeprefix("W/")) for known in tags)


@cache
def page_style() -> str:
    """The style that all pages have in common."""
    return files("backend.kit").joinpath("page.css").read_text("utf-8")


def hash_source(code: str) -> str:
    """What names this style or script in a Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(sha256(code.encode()).digest()).decode()}'"
