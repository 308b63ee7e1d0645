"""Professionals as the search and their public page show them."""

from pydantic import AliasChoices, Field

from app.api.models.wire import Instant, PriceMinor, WireModel, money_words


class Category(WireModel):
    id: str
    label: str


class CancellationPolicy(WireModel):
    """What a user who cancels gets back: everything until `full_until_minutes` before the start, half until
    `half_until_minutes` before it, nothing after.
    """

    full_until_minutes: int
    half_until_minutes: int


class ProfessionalCard(WireModel):
    """One result of the search. `photo_url` is a path on the backend (`ApiClient.photo_url` makes it absolute)."""

    id: str
    name: str
    headline: str = ""
    category: str | None = None
    category_label: str | None = None
    photo_url: str | None = None
    time_zone: str
    from_price_minor: PriceMinor | None = Field(None, validation_alias=AliasChoices("from_price", "from_price_minor"))
    currency: str = "USD"
    next_free_at: Instant | None = None

    @property
    def from_price_words(self) -> str:
        """The lowest price for people, such as "$45.00"; empty when nothing is offered."""
        return "" if self.from_price_minor is None else money_words(self.from_price_minor, self.currency)


class Professional(ProfessionalCard):
    """The whole profile. The policy is None only where an older backend does not send it. `public_url` is the page
    for everyone; None until a handle is chosen.
    """

    about: str = ""
    cancellation_policy: CancellationPolicy | None = None
    handle: str | None = None
    public_url: str | None = None


class SuggestedHandle(WireModel):
    """A handle that is free at the moment."""

    handle: str


class Handle(WireModel):
    """Whose page a handle leads to."""

    professional_id: str
