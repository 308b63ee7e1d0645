"""What phones ask before an https link opens the app."""

import pytest
from fastapi.testclient import TestClient

from backend.auth.service import PasswordHasher
from backend.discovery.endpoints.app_links import PATHS
from backend.main import create_app
from backend.settings import BadSettings, Settings, load_settings
from tests.backend.stage import MovableClock
from tools import phone_template

FINGERPRINT = ":".join(["AB"] * 32)
ANDROID, IOS = f"app.rendezvous.rendezvous {FINGERPRINT.lower()}", "ABCDE12345.app.rendezvous.rendezvous"


def test_both_systems_learn_which_app_is_ours(
    settings: Settings, clock: MovableClock, passwords: PasswordHasher
) -> None:
    named = settings.model_copy(update={"android_app": ANDROID, "ios_app": IOS})
    with TestClient(create_app(named, now=clock, passwords=passwords, run_worker=False)) as client:
        (android,) = client.get("/.well-known/assetlinks.json").json()
        ios = client.get("/.well-known/apple-app-site-association")
    assert android["target"]["package_name"] == "app.rendezvous.rendezvous"
    assert android["target"]["sha256_cert_fingerprints"] == [FINGERPRINT]
    assert ios.headers["Content-Type"] == "application/json"
    assert ios.json()["applinks"]["details"][0]["appIDs"] == [IOS]


def test_where_no_app_is_named_nothing_is_said(client: TestClient) -> None:
    for path in ("/.well-known/assetlinks.json", "/.well-known/apple-app-site-association"):
        assert client.get(path).status_code == 404


def test_the_same_paths_open_the_app_on_both() -> None:
    assert [path.removesuffix("*") for path in PATHS] == list(phone_template.PATHS)


@pytest.mark.parametrize(
    ("name", "value"), [("ANDROID_APP", "app.rendezvous.rendezvous"), ("ANDROID_APP", "x AB:CD"), ("IOS_APP", "x.y")]
)
def test_a_wrong_name_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=name):
        load_settings()
