"""People's photos from the backend, handed on: a page asks no other host, and the backend may be reachable by none."""

import httpx
from starlette.requests import Request
from starlette.responses import Response

TIMEOUT_S = 10.0
LARGEST = 2 * 1024 * 1024  # bytes; the backend writes 512x512 JPEG
BELOW = "/photos"


class Photos:
    """One connection to the backend for everybody's photos, which are public."""

    def __init__(self, api_url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=api_url, timeout=TIMEOUT_S, transport=transport)

    async def photo(self, request: Request) -> Response:
        """The path is the backend's own below `BELOW`; its version makes it another one with each new photo."""
        path = f"/professional/{request.path_params['professional_id']}/photo"
        try:
            answer = await self._http.get(path, params={"v": request.query_params.get("v", "")})
        except httpx.HTTPError:
            return Response(status_code=502, headers={"Cache-Control": "no-store"})
        kind = answer.headers.get("content-type", "")
        if answer.status_code != 200 or not kind.startswith("image/") or len(answer.content) > LARGEST:
            return Response(status_code=404, headers={"Cache-Control": "no-store"})
        keeping = answer.headers.get("cache-control", "no-cache")
        return Response(answer.content, media_type=kind, headers={"Cache-Control": keeping})

    async def close(self) -> None:
        await self._http.aclose()
