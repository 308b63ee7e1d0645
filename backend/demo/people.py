"""Who is in the demo from the first start, and who of them can be signed in with one click."""

from dataclasses import dataclass

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from backend.auth.rules import Role
from backend.kit.text import folded

PASSWORD = "rendezvous-demo"  # noqa: S105 - meant to be known: demo people are signed in with one click


@dataclass(frozen=True)
class Hours:
    """What is offered each week: on `weekdays` (Monday is 0) from each of `starts` (hours of the day)."""

    weekdays: tuple[int, ...]
    starts: tuple[int, ...]
    minutes: int
    price_minor: int


@dataclass(frozen=True)
class DemoPerson:
    """Someone who is there from the first start; users have no hours."""

    name: str
    time_zone: str
    headline: str = ""
    category: str = ""
    about: str = ""
    hours: Hours | None = None
    country: str = "SE"

    @property
    def role(self) -> Role:
        """Who offers hours is a professional."""
        return Role.PROFESSIONAL if self.hours else Role.USER

    @property
    def handle(self) -> str:
        """Where everyone finds their public page: `/p/nora-lindqvist`."""
        return folded(self.name).replace(" ", "-")

    @property
    def email(self) -> str:
        """An address that no mail can reach."""
        return f"{self.name.split()[0].lower()}@demo.example"


NORA = DemoPerson(
    "Nora Lindqvist",
    "Europe/Stockholm",
    "Strength for people who sit too much",
    "personal-training",
    "Twelve years of coaching, ten of them online. We start with how you move today, find two or three exercises that"
    " fit into your week, and build from there.\n\nBring a mat and something to hold on to.",
    Hours((0, 1, 2, 3, 4), (8, 9, 12, 17, 18), 45, 4_500),
)
SAM = DemoPerson("Sam Okafor", "Europe/Stockholm")
OTHERS = (
    DemoPerson(
        "Amara Diallo",
        "Europe/Paris",
        "Calm, clear yoga for stiff backs",
        "yoga-pilates",
        "Small steps, steady breath. Every session is put together for the person in it.",
        Hours((0, 2, 4, 5), (7, 9, 18), 60, 3_800),
        "FR",
    ),
    DemoPerson(
        "Elias Brandt",
        "Europe/Berlin",
        "German, from the first word to the job interview",
        "languages",
        "We talk from minute one. You get your mistakes in writing afterwards, with what to practise.",
        Hours((0, 1, 2, 3), (10, 14, 16, 19), 30, 2_400),
        "DE",
    ),
    DemoPerson(
        "Priya Raman",
        "Europe/London",
        "Mathematics for school and the first year at university",
        "tutoring",
        "Understanding first, speed later. Send me the sheet you are stuck on before we meet.",
        Hours((1, 3, 5, 6), (11, 15, 17), 60, 5_200),
        "GB",
    ),
    DemoPerson(
        "Tomás Ferreira",
        "Europe/Lisbon",
        "Guitar and songwriting, at your pace",
        "music",
        "Bring a song you love. We take it apart, play it, and then write the next one together.",
        Hours((2, 3, 4, 6), (12, 16, 20), 45, 4_000),
        "PT",
    ),
    DemoPerson(
        "Grace Whitfield",
        "America/New_York",
        "Counselling for stressful times",
        "therapy",
        "A quiet hour to sort out what weighs on you, with someone who has listened for twenty years.",
        Hours((0, 1, 3), (9, 11, 15), 50, 11_000),
        "US",
    ),
    DemoPerson(
        "Jonas Meier",
        "Europe/Zurich",
        "Career decisions without the drama",
        "coaching",
        "Three sessions, one decision. You leave each with a next step that fits on a card.",
        Hours((1, 2, 4), (8, 13, 17), 60, 9_500),
        "CH",
    ),
)


class DemoPersonAnswer(BaseModel):
    """Someone to try the product as."""

    model_config = ConfigDict(title="DemoPerson")

    role: Role
    name: str
    email: str
    password: str


class DemoPeopleAnswer(BaseModel):
    """The two people of the demo's session."""

    model_config = ConfigDict(title="DemoPeople")

    items: list[DemoPersonAnswer]


router = APIRouter(tags=["demo"])


@router.get("/demo/people")
def demo_people() -> DemoPeopleAnswer:
    """Who can be signed in with one click; only in a demo."""
    return DemoPeopleAnswer(
        items=[
            DemoPersonAnswer(role=person.role, name=person.name, email=person.email, password=PASSWORD)
            for person in (NORA, SAM)
        ]
    )
