"""Professionals over HTTP: found by anyone, edited by themselves."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, File, Query, Request, Response, UploadFile

from backend.auth.access import CurrentProfessional
from backend.auth.rules import NotSignedIn, WrongRole
from backend.discovery import service
from backend.discovery.schemas import HandleAnswer, ProfessionalAnswer, ProfessionalCard
from backend.kit.bulkheads import PHOTOS, behind
from backend.kit.errors import NotFound, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep, json_answer
from backend.kit.limits.access import Address, LimitsDep, address_in, limits_in
from backend.kit.limits.counting import Counted, by_line
from backend.kit.limits.table import PHOTO, PHOTO_LINE, PUBLIC, PUBLIC_NETWORK, SEARCH, SEARCH_NETWORK
from backend.kit.paging import Page, PageQuery
from backend.profiles import service as profiles
from backend.profiles.rules.handles import HandleTaken
from backend.profiles.schemas import CategoryId, ProfileChanges, SuggestedHandleAnswer

PHOTO_BODY_BYTES = 6 * 1024 * 1024  # a photo of 5 MB with its multipart frame

router = APIRouter(tags=["professionals"])
own = APIRouter(prefix="/professional/profile", tags=["own profile"], responses=error_responses(NotSignedIn, WrongRole))


@router.get("/professionals", response_model=Page[ProfessionalCard], responses=error_responses(TooManyAttempts))
def professionals(
    database: DatabaseDep,
    page: PageQuery,
    now: NowDep,
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    category: CategoryId | None = None,
) -> Response:
    """Search: every word of `q` is in the name, headline, about or category. By name."""
    limits_in(request).count_read(SEARCH, SEARCH_NETWORK, address_in(request))
    with database.read() as session:
        return json_answer(service.professionals_page(session, q, category, page, now))


@router.get("/professional/{professional_id:uuid}", responses=error_responses(NotFound, TooManyAttempts))
def professional(professional_id: UUID, database: DatabaseDep, now: NowDep, request: Request) -> ProfessionalAnswer:
    """One professional's public profile."""
    limits_in(request).count_read(PUBLIC, PUBLIC_NETWORK, address_in(request))
    with database.read() as session:
        return service.professional(session, professional_id, now, _public_url(request))


@router.get("/handles/{handle}", responses=error_responses(NotFound, TooManyAttempts))
def handle(handle: str, database: DatabaseDep, request: Request) -> HandleAnswer:
    """Whose public page `/p/{handle}` is, for an app that such a link opened."""
    limits_in(request).count_read(PUBLIC, PUBLIC_NETWORK, address_in(request))
    with database.read() as session:
        return HandleAnswer(professional_id=service.owner_of(session, handle))


@own.get("")
def own_profile(
    account: CurrentProfessional, database: DatabaseDep, now: NowDep, request: Request
) -> ProfessionalAnswer:
    """One's own profile, as others see it."""
    with database.read() as session:
        return service.professional(session, account.id, now, _public_url(request))


@own.get("/suggested-handle")
def suggested_handle(account: CurrentProfessional, database: DatabaseDep) -> SuggestedHandleAnswer:
    """A handle from the professional's name that nobody has or had."""
    with database.read() as session:
        return SuggestedHandleAnswer(handle=service.suggestion(session, account.id))


@own.patch("", responses=error_responses(HandleTaken))
def update_profile(
    body: ProfileChanges, account: CurrentProfessional, database: DatabaseDep, now: NowDep, request: Request
) -> ProfessionalAnswer:
    """Changes what is sent; a null `category` takes it away. A former `handle` leads to the new one for good."""
    with database.write() as session:
        profiles.update_profile(session, account, body.model_dump(exclude_unset=True), now)
        return service.professional(session, account.id, now, _public_url(request))


@own.put("/photo", max_body_size=PHOTO_BODY_BYTES, responses=error_responses(TooManyAttempts, ServiceUnavailable))
@behind(PHOTOS)
def put_photo(
    photo: Annotated[UploadFile, File(description="JPEG, PNG or WebP up to 5 MB")],
    account: CurrentProfessional,
    database: DatabaseDep,
    limits: LimitsDep,
    address: Address,
    now: NowDep,
    request: Request,
) -> ProfessionalAnswer:
    """A new photo: cropped to a square and encoded again, without what the camera noted."""
    limits.count(Counted(PHOTO, str(account.id)), *by_line(address, PHOTO_LINE))
    jpeg = profiles.normal_photo(photo.file.read(profiles.PHOTO_BYTES + 1))
    with database.write() as session:
        profiles.put_photo(session, account, jpeg, now)
        return service.professional(session, account.id, now, _public_url(request))


@own.delete("/photo")
def delete_photo(
    account: CurrentProfessional, database: DatabaseDep, now: NowDep, request: Request
) -> ProfessionalAnswer:
    """Back to initials."""
    with database.write() as session:
        profiles.remove_photo(session, account)
        return service.professional(session, account.id, now, _public_url(request))


def _public_url(request: Request) -> str:
    return cast(str, request.app.state.settings.public_url)
