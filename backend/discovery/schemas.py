"""Professionals on the wire."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from backend.bookings.schemas import PolicyAnswer
from backend.discovery.rules import Offer
from backend.kit.money import CURRENCY, format_price
from backend.profiles.rules import Profile


class ProfessionalCard(BaseModel):
    """What a list shows. `from_price` and `next_free_at` are null while nothing is free."""

    id: UUID
    name: str
    headline: str
    category: str | None
    category_label: str | None
    photo_url: str | None
    time_zone: str
    from_price: str | None
    currency: str = CURRENCY
    next_free_at: datetime | None

    @classmethod
    def of(cls, profile: Profile, offer: Offer | None, **more: Any) -> Self:
        """The answer for a profile and what it has free."""
        return cls(
            id=profile.id,
            name=profile.name,
            headline=profile.headline,
            category=profile.category,
            category_label=profile.category_label,
            photo_url=profile.photo_url,
            time_zone=profile.time_zone,
            from_price=format_price(offer.from_price_minor) if offer else None,
            next_free_at=offer.next_free_at if offer else None,
            **more,
        )


class ProfessionalAnswer(ProfessionalCard):
    """The whole profile. `public_url` is the page for everyone; null until the professional has chosen a `handle`."""

    model_config = ConfigDict(title="Professional")

    about: str
    cancellation_policy: PolicyAnswer
    handle: str | None
    public_url: str | None


class HandleAnswer(BaseModel):
    """Whose page a handle leads to."""

    model_config = ConfigDict(title="Handle")

    professional_id: UUID
