"""The whole app on a backend of its own, and how a person signs in to it."""

from typing import cast

import flet as ft

from app.api.client import ApiClient
from app.settings import AppSettings
from app.wiring import App
from tests.app.stage.harness import Harness
from tests.fakes.account_api import FakeAccountApi

PASSWORD = "correct horse"


def app_of(
    api: FakeAccountApi,
    route: str = "/",
    width: float = 400,
    zone: str = "America/New_York",
    web: bool = True,
    platform: ft.PagePlatform = ft.PagePlatform.LINUX,
) -> Harness:
    def open_api(base_url: str) -> ApiClient:
        return cast(ApiClient, api)

    def main(page: ft.Page) -> None:
        page.render_views(App, AppSettings(api_url="http://backend.test"), open_api)

    return Harness(
        main,
        route=route,
        width=width,
        web=web,
        platform=platform,
        replies={"get": lambda given: zone if given["key"] == "rendezvous.device_zone" else None},
    )


async def sign_in(app: Harness, email: str, password: str = PASSWORD) -> None:
    await app.type(email, label="E-mail")
    await app.type(password, label="Password")
    await app.click("Sign in")


async def open_settings(app: Harness) -> None:
    await sign_in(app, "ada@example.com")
    await app.until(lambda: path(app) == "/upcoming")
    await app.go("/settings")


def path(app: Harness) -> str:
    return str(app.page.route)


def two_accounts() -> FakeAccountApi:
    """Ada offers, Grace books."""
    fake = FakeAccountApi()
    fake.add_account("ada@example.com", PASSWORD, "Ada Lovelace", "professional")
    fake.add_account("grace@example.com", PASSWORD, "Grace Hopper", "user")
    return fake
