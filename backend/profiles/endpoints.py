"""Categories and photos over HTTP; a professional's profile is answered with what is free, by discovery."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from backend.kit.errors import NotFound, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep
from backend.kit.limits.access import address_in, limits_in
from backend.kit.limits.table import PUBLIC, PUBLIC_NETWORK
from backend.kit.pages import is_known
from backend.profiles import repository
from backend.profiles.rules import CATEGORIES
from backend.profiles.schemas import CategoriesAnswer, CategoryAnswer

router = APIRouter(tags=["professionals"])


@router.get("/categories")
def categories() -> CategoriesAnswer:
    """The fields of work to choose from."""
    return CategoriesAnswer(items=[CategoryAnswer(id=key, label=label) for key, label in CATEGORIES.items()])


@router.get(
    "/professional/{professional_id:uuid}/photo",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {}}, "description": "512x512"},
        304: {"description": "Unchanged since `If-None-Match`."},
        **error_responses(NotFound, TooManyAttempts),
    },
)
def photo(
    professional_id: UUID,
    database: DatabaseDep,
    request: Request,
    v: Annotated[str, Query(max_length=64)] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """The photo. Its address carries its version, so that it can be kept for ever."""
    limits_in(request).count_read(PUBLIC, PUBLIC_NETWORK, address_in(request))
    with database.read() as session:
        found = repository.photo_of(session, professional_id)
        if found is None:
            raise NotFound
        age = "max-age=31536000, immutable" if v == found.version else "max-age=60"
        headers = {
            "Cache-Control": f"public, {age}",
            "ETag": f'"{found.version}"',
            "X-Content-Type-Options": "nosniff",
            "Access-Control-Allow-Origin": "*",  # the app in a browser is of another origin and fetches the bytes
        }
        if is_known(if_none_match, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(found.jpeg, media_type="image/jpeg", headers=headers)
