"""An installed app that is too old is told to update; a browser, and whoever says nothing, never is."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.main import create_app
from backend.settings import BadSettings, Settings, load_settings


@pytest.fixture
def app(database_url: str) -> FastAPI:
    settings = Settings(database_url=database_url, rendezvous_demo=True, oldest_app="0.10")
    return create_app(settings, run_worker=False)


@pytest.mark.parametrize("version", ["0.9", "0.9.99", "0", "0.0.1"])
def test_one_that_is_too_old_is_told_so_in_words(client: TestClient, version: str) -> None:
    answer = client.get("/categories", headers={"X-Rendezvous-App": version})
    assert (answer.status_code, answer.json()["error"]) == (426, "UpdateRequired")
    assert "Update the app" in answer.json()["detail"]


@pytest.mark.parametrize("version", ["0.10", "0.10.0", "0.10.1", "1", "2.0", "", "newest", "9" * 40, "-1"])
def test_any_other_is_served(client: TestClient, version: str) -> None:
    assert client.get("/categories", headers={"X-Rendezvous-App": version}).status_code == 200
    assert client.get("/categories").status_code == 200


def test_a_setting_that_is_no_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLDEST_APP", "the newest")
    with pytest.raises(BadSettings, match="OLDEST_APP"):
        load_settings()
