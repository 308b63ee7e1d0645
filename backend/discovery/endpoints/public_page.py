"""`/p/{handle}`: a professional's page as plain HTML, for everyone, with or without scripts."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from backend.discovery.service import rendering
from backend.discovery.service.public_page import Links, Moved, NoSuchPage, PageGone, public_page
from backend.discovery.service.rendering import MARK, SCRIPT, Rendered
from backend.kit.errors import NotFound, TooManyAttempts
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import address_in, limits_in
from backend.kit.limits.table import PUBLIC, PUBLIC_NETWORK
from backend.kit.pages import is_known, our_path

AGE_S, MOVED_AGE_S = 60, 300
_TYPES = {SCRIPT: "text/javascript", MARK: "image/svg+xml"}

router = APIRouter(include_in_schema=False)


@router.api_route("/p/{handle}", methods=["GET", "HEAD"])
def professionals_page(
    handle: str, database: DatabaseDep, now: NowDep, request: Request, if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """The page; a former handle, or one in capitals, leads to the current one."""
    root, settings = our_path(request, ""), request.app.state.settings
    links = Links(settings.public_url, settings.web_app_url)
    try:
        limits_in(request).count_read(PUBLIC, PUBLIC_NETWORK, address_in(request))
        with database.read() as session:
            page = public_page(session, handle, links, now)
    except Moved as moved:
        headers = {"Cache-Control": f"public, max-age={MOVED_AGE_S}"}
        return RedirectResponse(our_path(request, f"/p/{moved.handle}"), 308, headers=headers)
    except NoSuchPage:
        words = "Nobody is at this address. It may be mistyped, or the person has never had a page here."
        return _answer(_notice("There is no such page", words, links, root), 404)
    except PageGone:
        return _answer(_notice("This page is gone", "This person is no longer on Rendezvous.", links, root), 410)
    except TooManyAttempts as refusal:
        answer = _answer(_notice("One moment, please", refusal.detail, Links("", ""), root), refusal.status)
        answer.headers["Retry-After"] = str(refusal.extra["retry_after_s"])
        answer.headers["Cache-Control"] = "no-store"
        return answer
    rendered = rendering.render_page(page, root)
    if is_known(if_none_match, rendered.tag):
        return Response(status_code=304, headers=_headers(rendered))
    return _answer(rendered)


@router.api_route("/p-files/{name}", methods=["GET", "HEAD"])
def page_file(name: str, v: str = "") -> Response:
    """The pages' script and mark, kept for ever by their version."""
    if name not in _TYPES:
        raise NotFound
    age = "max-age=31536000, immutable" if v == rendering.file_version(name) else "max-age=60"
    headers = {"Cache-Control": f"public, {age}"}
    return Response(rendering.page_file(name), media_type=_TYPES[name], headers=headers)


def _notice(title: str, sentence: str, links: Links, root: str) -> Rendered:
    find = f"{links.web_app_url}/find" if links.web_app_url else ""
    return rendering.render_notice(title, sentence, find, root)


def _answer(rendered: Rendered, status: int = 200) -> Response:
    return HTMLResponse(rendered.html, status, headers=_headers(rendered))


def _headers(rendered: Rendered) -> dict[str, str]:
    return {
        "Content-Security-Policy": rendered.policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cache-Control": f"public, max-age={AGE_S}",
        "ETag": rendered.tag,
    }
