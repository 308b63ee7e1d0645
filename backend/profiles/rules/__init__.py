"""What a profile is: pure."""

from dataclasses import dataclass
from uuid import UUID

HEADLINE_LENGTH = 120
ABOUT_LENGTH = 2_000

CATEGORIES = {
    "personal-training": "Personal training",
    "yoga-pilates": "Yoga & Pilates",
    "nutrition": "Nutrition",
    "coaching": "Life & career coaching",
    "therapy": "Therapy & counselling",
    "languages": "Languages",
    "tutoring": "Tutoring",
    "music": "Music lessons",
}
"""Id to label, in the order in which they are shown."""


@dataclass(frozen=True)
class Profile:
    """A professional as others see them; `photo_version` is None without a photo."""

    id: UUID
    name: str
    headline: str
    about: str
    category: str | None
    photo_version: str | None
    time_zone: str

    @property
    def category_label(self) -> str | None:
        """The category's name for people."""
        return CATEGORIES.get(self.category) if self.category else None

    @property
    def photo_url(self) -> str | None:
        """As `photo_url` says."""
        return photo_url(self.id, self.photo_version)


def photo_url(professional_id: UUID, version: str | None) -> str | None:
    """A photo's absolute path on this backend; a new photo has a new one, so that it can be cached for ever."""
    return f"/professional/{professional_id}/photo?v={version}" if version else None


def known_category(category: str) -> str:
    """The category's id; ValueError (its text is for people) for any other."""
    if category not in CATEGORIES:
        raise ValueError("This is not one of the categories.")
    return category
