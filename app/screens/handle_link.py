"""Route `/p/:handle`: a link to a public page opened the app, not a browser, and leads on to the page in the app."""

import flet as ft

from app.components.design.states import EmptyState, ErrorState, LoadingRows
from app.components.frame.page import Page
from app.state.account.handle_link import HandleLink
from app.state.core.fetching import Phase
from app.state.core.hooks import use_model
from app.state.core.services import use_services


@ft.component
def HandleLinkView() -> ft.Control:
    """The handle is the route's."""
    handle = ft.use_route_params().get("handle", "")
    return ft.Container(Opening(handle), key=handle, expand=True)


@ft.component
def Opening(handle: str) -> ft.Control:
    """Shown for the moment until it is known whose page it is."""
    services, page = use_services(), ft.context.page
    link = use_model(lambda: HandleLink(services, handle))

    def lead_on() -> None:
        if link.route:
            page.navigate(link.route)

    ft.use_effect(link.load, [])
    ft.use_effect(lead_on, [link.route])
    if link.phase is Phase.MISSING:
        find = lambda: page.navigate("/find")  # noqa: E731  a handler of one call
        return Page("Page not found", [EmptyState(ft.Icons.PERSON_OFF_OUTLINED, link.error, "Find someone", find)])
    if link.phase in (Phase.ERROR, Phase.OFFLINE):
        return Page("Professional", [ErrorState(link.error, link.load, offline=link.phase is Phase.OFFLINE)])
    return Page("Professional", [LoadingRows()])
