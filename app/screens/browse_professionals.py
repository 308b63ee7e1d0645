"""BrowseProfessionals: a user's first tab. Search while typing, categories, and everybody found as cards."""

import flet as ft

from app.api.models import USER, Booking, ProfessionalCard
from app.components.bookings.next_session import NextSession
from app.components.bookings.professional_card import CardFacts, ProfessionalCardRow
from app.components.design.fields import Field
from app.components.design.note_line import NoteLine
from app.components.design.states import EmptyState
from app.components.design.theme import CARD, RADIUS_SMALL, SPACE_8, SPACE_12, Type, rounded
from app.components.frame.page import Page
from app.components.frame.page_events import use_wide
from app.components.frame.polling import use_polling
from app.components.frame.refreshable_list import RefreshableList
from app.state.bookings.browsing import Browsing
from app.state.core.fetching import Phase
from app.state.core.hooks import use_observed
from app.state.core.services import use_services

POLL_S = 30.0
PROGRESS_HEIGHT = 3
CHIP_PADDING = ft.Padding.symmetric(horizontal=SPACE_8, vertical=13)  # 48 high: a thumb hits it


@ft.component
def BrowseProfessionals() -> ft.Control:
    """Keeps its search, its results and its place while the person is elsewhere in the app."""
    services = use_services()
    browsing = use_observed(services.kept(Browsing, lambda: Browsing(services)))

    async def poll() -> float:
        await browsing.poll()
        return POLL_S

    use_polling(poll, [])
    wide = use_wide()
    search = ft.Container(SearchField(browsing), key="search")  # keeps its focus when something comes above it
    above = [*_next(browsing), search, *_chips(browsing, wide), _progress(browsing.searching)]
    return Page(
        "Find",
        [
            RefreshableList(
                [_facts(browsing, card, wide) for card in browsing.items],
                browsing.phase,
                browsing.refresh,
                more=browsing.more,
                on_more=browsing.load_more,
                loading_more=browsing.loading_more,
                last_refreshed=browsing.refreshed_at,
                empty=_nobody(browsing),
                error="" if browsing.items else browsing.error,
                row=ProfessionalCardRow,
                header=[*above, *_notes(browsing)],
                end_text="No more matches." if browsing.is_filtered else "That's everyone.",
                place=browsing.scroll,
            )
        ],
        scroll=False,
    )


def _facts(browsing: Browsing, card: ProfessionalCard, wide: bool) -> CardFacts:
    return CardFacts(
        id=card.id,
        name=card.name,
        headline=card.headline,
        category=card.category_label or "",
        photo_url=browsing.services.api.photo_url(card.photo_url) if card.photo_url else None,
        next_free=browsing.next_free_words(card),
        is_free=card.next_free_at is not None,
        from_price=card.from_price_words,
        wide=wide,
    )


def _next(browsing: Browsing) -> list[ft.Control]:
    booking = browsing.next
    if booking is None:
        return []
    services = browsing.services

    def start(started: Booking) -> None:
        ft.context.page.navigate(f"/session/{started.id}")

    def details(shown: Booking) -> None:
        ft.context.page.navigate(f"/my-sessions/{shown.id}")

    path = booking.professional.photo_url
    photo = services.api.photo_url(path) if path else None
    card = NextSession(booking, USER, services.now, services.zone, start, details, photo)
    return [ft.Container(card, key="next", padding=ft.Padding.only(bottom=SPACE_12))]


@ft.component
def SearchField(browsing: Browsing) -> ft.Control:
    """Filters with every letter; a cross empties it."""
    run = ft.context.page.run_task

    def clear() -> None:
        run(browsing.search, "")

    cross = ft.Icon(ft.Icons.CLOSE, semantics_label="Clear the search")
    field = Field(
        "Search by name or subject",
        browsing.q,
        lambda text: run(browsing.search, text),
        prefix_icon=ft.Icons.SEARCH,
        suffix_icon=ft.IconButton(icon=cross, on_click=clear) if browsing.q else None,
    )
    return ft.Container(field, padding=ft.Padding.only(top=SPACE_8))


def _chips(browsing: Browsing, wide: bool) -> list[ft.Control]:
    if not browsing.categories:
        return []
    named: list[tuple[str | None, str]] = [
        (None, "Everyone"),
        *((each.id, each.label) for each in browsing.categories),
    ]
    chips: list[ft.Control] = [_chip(browsing, category, words) for category, words in named]
    if wide:
        return [ft.Row(chips, wrap=True, spacing=SPACE_8, run_spacing=SPACE_8)]
    return [ft.Row(chips, scroll=ft.ScrollMode.HIDDEN, spacing=SPACE_8)]


def _chip(browsing: Browsing, category: str | None, words: str) -> ft.Control:
    async def choose() -> None:
        await browsing.choose(category)

    chosen = category == browsing.category
    ink = ft.Colors.ON_PRIMARY_CONTAINER if chosen else ft.Colors.ON_SURFACE
    return ft.Chip(
        label=ft.Text(words, theme_style=Type.LABEL, color=ink),
        selected=chosen,
        on_select=choose,
        show_checkmark=False,
        padding=CHIP_PADDING,
        bgcolor=CARD,
        selected_color=ft.Colors.PRIMARY_CONTAINER,
        border_side=ft.BorderSide(1, ft.Colors.PRIMARY if chosen else ft.Colors.OUTLINE_VARIANT),
        shape=rounded(RADIUS_SMALL),
        key=category or "everyone",
    )


def _progress(searching: bool) -> ft.Control:
    """Keeps its place while nothing is under way, so that the cards do not jump."""
    if not searching:
        return ft.Container(height=PROGRESS_HEIGHT)
    return ft.ProgressBar(bar_height=PROGRESS_HEIGHT, semantics_label="Searching", bgcolor=ft.Colors.TRANSPARENT)


def _notes(browsing: Browsing) -> list[ft.Control]:
    return [NoteLine(browsing.error)] if browsing.error and browsing.items else []


def _nobody(browsing: Browsing) -> ft.Control | None:
    if browsing.phase is not Phase.READY:
        return None
    if not browsing.is_filtered:
        return EmptyState(
            ft.Icons.GROUP_OUTLINED,
            "No one has published a profile yet. Check back soon.",
            "Refresh",
            browsing.refresh,
        )
    what = f"“{browsing.q.strip()}”" if browsing.q.strip() else "this"
    where = f" in {browsing.category_label}" if browsing.category else ""
    return EmptyState(ft.Icons.SEARCH_OFF, f"No one matches {what}{where}.", "Show everyone", browsing.clear)
