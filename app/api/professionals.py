"""Finding professionals, and a professional's own profile."""

from urllib.parse import quote

from app.api import models
from app.api.carrier import Carrier
from app.api.protocol import Query, Request


class ProfessionalsApi(Carrier):
    """Finding professionals, and a professional's own profile."""

    async def categories(self) -> tuple[models.Category, ...]:
        return (await self._get(models.Listed[models.Category], Request("GET", "/categories"))).items

    async def professionals(
        self, q: str = "", category: str | None = None, cursor: str | None = None, limit: int = 20
    ) -> models.Page[models.ProfessionalCard]:
        query: Query = {"q": q, "category": category or "", "cursor": cursor or "", "limit": limit}
        return await self._get(models.Page[models.ProfessionalCard], Request("GET", "/professionals", query))

    async def professional(self, professional_id: str) -> models.Professional:
        return await self._get(models.Professional, Request("GET", f"/professional/{professional_id}"))

    async def handle(self, handle: str) -> models.Handle:
        """Whose public page that is. Problem NotFound."""
        return await self._get(models.Handle, Request("GET", f"/handles/{quote(handle, safe='')}"))

    async def own_profile(self) -> models.Professional:
        return await self._get(models.Professional, Request("GET", "/professional/profile"))

    async def update_profile(self, **fields: str | None) -> models.Professional:
        """name, headline, about, category (None clears it), time_zone, handle: those given are changed."""
        return await self._get(models.Professional, Request("PATCH", "/professional/profile", body=dict(fields)))

    async def suggested_handle(self) -> models.SuggestedHandle:
        """For a professional who has not chosen one."""
        return await self._get(models.SuggestedHandle, Request("GET", "/professional/profile/suggested-handle"))

    async def put_photo(self, data: bytes, content_type: str) -> models.Professional:
        """JPEG, PNG or WebP, at most 5 MB. Problem with `fields["photo"]`."""
        request = Request("PUT", "/professional/profile/photo", photo=(data, content_type))
        return await self._get(models.Professional, request)

    async def delete_photo(self) -> models.Professional:
        return await self._get(models.Professional, Request("DELETE", "/professional/profile/photo"))
