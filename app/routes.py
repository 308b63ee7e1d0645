"""Which path shows which screen, to whom. Nothing secret ever stands in a path."""

from urllib.parse import urlparse

import flet as ft

from app.api.models import PROFESSIONAL, USER, Role
from app.components.design.states import EmptyState
from app.components.frame.navigation import Frame, Tab
from app.components.frame.page import Page
from app.screens.browse_professionals import BrowseProfessionals
from app.screens.call_flow import CallFlow
from app.screens.earnings import EarningsScreen
from app.screens.edit_profile import EditProfile
from app.screens.forgotten_password import ForgottenPassword
from app.screens.handle_link import HandleLinkView
from app.screens.public_microsite_pt_view import PublicMicrositePTView
from app.screens.session_settings import SessionSettings
from app.screens.settings import Settings
from app.screens.sign_in import SignIn
from app.screens.sign_up import SignUp
from app.screens.upcoming_sessions import UpcomingSessions
from app.screens.upcoming_user_sessions import UpcomingUserSessions
from app.state.core.history import History, place_after
from app.state.core.hooks import use_observed
from app.state.core.services import use_services

PROFESSIONAL_TABS = (
    Tab("Upcoming", ft.Icons.EVENT_OUTLINED, ft.Icons.EVENT, ("/upcoming",)),
    Tab("Availability", ft.Icons.EDIT_CALENDAR_OUTLINED, ft.Icons.EDIT_CALENDAR, ("/availability",)),
    Tab("Earnings", ft.Icons.PAYMENTS_OUTLINED, ft.Icons.PAYMENTS, ("/earnings",)),
    Tab("Profile", ft.Icons.BADGE_OUTLINED, ft.Icons.BADGE, ("/profile", "/professional")),
)
USER_TABS = (
    Tab("Find", ft.Icons.SEARCH_OUTLINED, ft.Icons.SEARCH, ("/find", "/professional")),
    Tab("My sessions", ft.Icons.EVENT_OUTLINED, ft.Icons.EVENT, ("/my-sessions",)),
    Tab("Account", ft.Icons.PERSON_OUTLINE, ft.Icons.PERSON, ("/account", "/settings")),
)
GUEST_TABS = (
    Tab("Find", ft.Icons.SEARCH_OUTLINED, ft.Icons.SEARCH, ("/find", "/professional")),
    Tab("Sign in", ft.Icons.LOGIN_OUTLINED, ft.Icons.LOGIN, ("/sign-in",)),
)
"""For those who look around before they sign in."""
ENTRANCES = ("", "sign-in", "sign-up", "forgotten")
"""Paths that lead on to the first tab once somebody is signed in."""
OTHERS_OWN = {
    PROFESSIONAL: ("find", "my-sessions", "account"),
    USER: ("upcoming", "availability", "earnings", "profile"),
}
"""Paths that belong to the other role, by one's own."""


@ft.component
def SignedOutRoutes() -> ft.Control:
    """Anyone may search and read public pages. For all else signing in comes first; the path stays, so that it is
    shown afterwards.
    """
    search = ft.Route(index=True, component=BrowseProfessionals)
    return ft.Router(
        [
            ft.Route(path="sign-up", component=SignUpView),
            ft.Route(path="sign-up/for/:rest*", component=SignUpView),
            ft.Route(path="forgotten", component=ForgottenView),
            ft.Route(path="forgotten/for/:rest*", component=ForgottenView),
            ft.Route(path="find", component=TabView, outlet=True, children=[search]),
            _public_page(),
            _public_link(),
            ft.Route(index=True, component=SignInView),
            ft.Route(path=":rest*", component=SignInView),
        ],
        manage_views=True,
    )


@ft.component
def SignedInRoutes(professional: bool) -> ft.Control:
    """The tabs of that role in one frame, a professional's page above the search, and the call in a view of its own."""
    return ft.Router(_professional_routes() if professional else _user_routes(), manage_views=True)


@ft.component
def SignInView() -> ft.Control:
    return ft.View(route="/sign-in", padding=0, controls=[SignIn()])


@ft.component
def SignUpView() -> ft.Control:
    return ft.View(route="/sign-up", padding=0, controls=[SignUp()])


@ft.component
def ForgottenView() -> ft.Control:
    return ft.View(route="/forgotten", padding=0, controls=[ForgottenPassword()])


@ft.component
def TabView() -> ft.Control:
    """All tabs share one view: changing tabs slides nothing, and the frame keeps its state."""
    return framed("/")


@ft.component
def DetailView() -> ft.Control:
    """A page above a tab, which stays as it was for coming back."""
    return framed(ft.use_view_path(), stands_alone=False)


def framed(view_route: str, stands_alone: bool = True) -> ft.Control:
    """The navigation around the routed screen; inside a component only."""
    services = use_services()
    page = ft.context.page
    account = use_observed(services.account).account
    connectivity = use_observed(services.connectivity)
    professional = account is not None and account.is_professional
    location = ft.use_route_location()
    history = services.kept(History, History)
    ft.use_effect(lambda: history.note(location), [location])

    tabs = GUEST_TABS if account is None else PROFESSIONAL_TABS if professional else USER_TABS
    return Frame(
        tabs,
        location,
        view_route,
        ft.use_route_outlet(),
        (lambda: page.navigate("/settings")) if professional else None,
        connectivity.offline,
        services.sign_in.ask_again,
        stands_alone,
    )


@ft.component
def GoHome() -> ft.Control:
    """Leads from an entrance to where the person was going, else to the first tab; stands still when it lies below
    another view.
    """
    services = use_services()
    page = ft.context.page
    account = services.account.account

    def lead_on() -> None:
        here = urlparse(page.route or "/").path
        at_entrance = here.strip("/").partition("/for/")[0] in ENTRANCES
        if at_entrance and account is not None:
            page.navigate(place_after(here) or ("/upcoming" if account.is_professional else "/find"))

    ft.use_effect(lead_on, [])
    return ft.Container()


@ft.component
def NoSuchPage() -> ft.Control:
    """For a path that leads nowhere."""
    page = ft.context.page
    empty = EmptyState(
        ft.Icons.EXPLORE_OFF_OUTLINED,
        "The address may be old or mistyped.",
        "Go to the home page",
        lambda: page.navigate("/"),
    )
    return Page("Page not found", [empty])


@ft.component
def NotYourPage() -> ft.Control:
    """For a path that belongs to the other role."""
    services = use_services()
    page = ft.context.page
    account = use_observed(services.account).account
    professional = account is not None and account.is_professional
    sentence = (
        "It is for people who book sessions, and you are signed in as a professional."
        if professional
        else "It is for professionals, and you are signed in as someone who books sessions."
    )
    empty = EmptyState(ft.Icons.LOCK_OUTLINE, sentence, "Go to the home page", lambda: page.navigate("/"))
    return Page("This page is not for your account", [empty])


def _professional_routes() -> list[ft.Route]:
    tabs = [
        ft.Route(path="upcoming/:session_id?", component=UpcomingSessions),
        ft.Route(path="availability", component=SessionSettings),
        ft.Route(path="earnings", component=EarningsScreen),
        ft.Route(path="profile", component=EditProfile),
        ft.Route(path="settings", component=Settings),
    ]
    return _in_order(PROFESSIONAL, tabs)


def _user_routes() -> list[ft.Route]:
    tabs = [
        ft.Route(path="find", component=BrowseProfessionals),
        ft.Route(path="my-sessions/:session_id?", component=UpcomingUserSessions),
        ft.Route(path="account", component=Settings),
        ft.Route(path="settings", component=Settings),
    ]
    return _in_order(USER, tabs)


def _in_order(role: Role, tabs: list[ft.Route]) -> list[ft.Route]:
    """The first match wins. The tabs come before the public page: a layout without a path takes "/" for itself."""
    return [_call(), _tab_frame(role, tabs), _public_page(), _public_link(), _anything_else()]


def _public_page() -> ft.Route:
    """A user books there; a professional sees their own page as users do. A link may name a time of it."""
    detail = ft.Route(path=":professional_id/:time?", component=PublicMicrositePTView)
    return ft.Route(path="professional", component=DetailView, outlet=True, modal=True, children=[detail])


def _public_link() -> ft.Route:
    link = ft.Route(path=":handle", component=HandleLinkView)
    return ft.Route(path="p", component=TabView, outlet=True, children=[link])


def _call() -> ft.Route:
    return ft.Route(path="session/:session_id", component=CallFlow)


def _tab_frame(role: Role, tabs: list[ft.Route]) -> ft.Route:
    paths = [way for path in ENTRANCES if path for way in (path, f"{path}/for/:rest*")]
    entrances = [ft.Route(path=path, component=GoHome) for path in paths]
    others = [ft.Route(path=f"{path}/:rest*", component=NotYourPage) for path in OTHERS_OWN[role]]
    return ft.Route(
        component=TabView,
        outlet=True,
        children=[
            ft.Route(index=True, component=GoHome),
            *tabs,
            *entrances,
            *others,
        ],
    )


def _anything_else() -> ft.Route:
    return ft.Route(component=TabView, outlet=True, children=[ft.Route(path=":rest*", component=NoSuchPage)])
