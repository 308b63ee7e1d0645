"""Professionals in the fake backend: the search, and one's own profile."""

from typing import Any

from app.api import models
from app.errors import Problem


class Profiles:
    """Mixed into FakeApi, whose `people` it shows."""

    account_id: str
    people: dict[str, dict[str, Any]]
    known_categories: tuple[models.Category, ...]

    async def _enter(self, method: str, *arguments: object) -> None:
        raise NotImplementedError

    def _free(self, professional_id: str) -> list[models.FreeSlot]:
        raise NotImplementedError

    def _as_shown(self, person: dict[str, Any]) -> dict[str, Any]:
        """With the next free time, which is that of the slots unless a test says another one."""
        if "next_free_at" in person:
            return person
        free = self._free(person["id"])
        return person | {"next_free_at": free[0].starts_at if free else None}

    async def categories(self) -> tuple[models.Category, ...]:
        await self._enter("categories")
        return self.known_categories

    async def professionals(
        self, q: str = "", category: str | None = None, cursor: str | None = None, limit: int = 20
    ) -> models.Page[models.ProfessionalCard]:
        await self._enter("professionals", q, category or "", cursor or "")
        found = [
            person
            for person in self.people.values()
            if q.lower() in f"{person['name']} {person['headline']} {person['about']}".lower()
            and category in (None, person["category"])
        ]
        start = int(cursor or 0)
        cards = [models.ProfessionalCard.model_validate(self._as_shown(each)) for each in found[start : start + limit]]
        more = str(start + limit) if start + limit < len(found) else None
        return models.Page[models.ProfessionalCard](items=tuple(cards), next_cursor=more)

    async def professional(self, professional_id: str) -> models.Professional:
        await self._enter("professional", professional_id)
        if professional_id not in self.people:
            raise Problem("NotFound", 404, "There is nothing here.")
        return models.Professional.model_validate(self._as_shown(self.people[professional_id]))

    async def handle(self, handle: str) -> models.Handle:
        await self._enter("handle", handle)
        for professional_id, person in self.people.items():
            if person.get("handle") == handle:
                return models.Handle(professional_id=professional_id)
        raise Problem("NotFound", 404, "There is no such page.")

    async def own_profile(self) -> models.Professional:
        await self._enter("own_profile")
        return models.Professional.model_validate(self._as_shown(self.people[self.account_id]))

    async def update_profile(self, **fields: str | None) -> models.Professional:
        await self._enter("update_profile", *sorted(fields))
        category = fields.get("category")
        if category and category not in {each.id for each in self.known_categories}:
            told = "Choose one of the categories."
            raise Problem("InvalidPayload", 422, told, fields={"category": told})
        if handle := fields.get("handle"):
            fields["public_url"] = f"https://rendezvous.example.com/p/{handle}"
        self.people[self.account_id] |= fields
        return models.Professional.model_validate(self._as_shown(self.people[self.account_id]))

    async def suggested_handle(self) -> models.SuggestedHandle:
        await self._enter("suggested_handle")
        return models.SuggestedHandle(handle="ada-lovelace")

    async def put_photo(self, data: bytes, content_type: str) -> models.Professional:
        await self._enter("put_photo", len(data), content_type)
        self.people[self.account_id]["photo_url"] = f"/professional/{self.account_id}/photo?v={len(data)}"
        return models.Professional.model_validate(self._as_shown(self.people[self.account_id]))

    async def delete_photo(self) -> models.Professional:
        await self._enter("delete_photo")
        self.people[self.account_id]["photo_url"] = None
        return models.Professional.model_validate(self._as_shown(self.people[self.account_id]))
