"""Profiles on the wire."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from backend.auth.schemas import PersonName
from backend.kit.text import MultiLineStr, Payload, SingleLineStr
from backend.kit.zones import ZoneName
from backend.profiles.rules import ABOUT_LENGTH, CATEGORIES, HEADLINE_LENGTH, known_category
from backend.profiles.rules.handles import LONGEST, PATTERN, SHORTEST, normal_handle

CategoryId = Annotated[
    str, Field(max_length=40, json_schema_extra={"enum": list(CATEGORIES)}), AfterValidator(known_category)
]

Handle = Annotated[
    str,
    AfterValidator(normal_handle),
    WithJsonSchema({"type": "string", "minLength": SHORTEST, "maxLength": LONGEST, "pattern": PATTERN}),
]


class ProfileChanges(Payload):
    """What is left out stays as it is; a null `category` takes it away."""

    name: PersonName | None = None
    headline: Annotated[SingleLineStr, Field(max_length=HEADLINE_LENGTH)] | None = None
    about: Annotated[MultiLineStr, Field(max_length=ABOUT_LENGTH)] | None = None
    category: CategoryId | None = None
    time_zone: ZoneName | None = None
    handle: Handle | None = None


class SuggestedHandleAnswer(BaseModel):
    """A handle that is free at the moment."""

    model_config = ConfigDict(title="SuggestedHandle")

    handle: str


class CategoryAnswer(BaseModel):
    """A field of work."""

    model_config = ConfigDict(title="Category")

    id: str
    label: str


class CategoriesAnswer(BaseModel):
    """All categories, in the order in which they are shown."""

    model_config = ConfigDict(title="Categories")

    items: list[CategoryAnswer]
