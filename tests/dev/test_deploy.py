"""deploy/, as far as it can be held without Docker: every name in one file means something in the others."""

import ipaddress
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from app.settings import AppSettings
from backend.main import create_app
from backend.settings import Settings
from deploy.backend_packages import packages, web_packages
from tests.stage.deployed.caddy import SENDS_ON
from tests.stage.deployed.compose import COMPOSE_TEXT, DEPLOY, FILLED_IN, VARIABLE, Compose
from tests.stage.livekit_server import free_ports, livekit_binary
from tests.waiting import eventually
from tools import livekit
from tools.paths import ROOT

COMPOSE = Compose()
service = COMPOSE.service


def example() -> dict[str, str]:
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_variable_is_in_the_example_and_every_one_there_is_used() -> None:
    assert {found[1] for found in VARIABLE.finditer(COMPOSE_TEXT)} == set(example())


def test_nothing_that_has_to_be_given_has_a_default_and_what_is_missing_is_named() -> None:
    for found in VARIABLE.finditer(COMPOSE_TEXT):
        required = example()[found[1]] == ""
        assert found[2] == (":?" if required else ":-"), found[0]
        assert found[3], f"{found[1]} says nothing"
    assert set(FILLED_IN) == {name for name, value in example().items() if not value}


def test_the_backends_environment_names_its_settings_and_is_enough_to_serve() -> None:
    given = service("backend")["environment"]
    assert set(given) <= {name.upper() for name in Settings.model_fields}
    settings = Settings(**{name.lower(): value for name, value in given.items()})
    settings.check_ready_to_serve()
    assert settings.database_url == f"postgresql+psycopg://rendezvous:{'p' * 48}@postgres/rendezvous"
    assert not settings.rendezvous_demo


def test_the_web_apps_environment_names_its_settings_and_leads_to_the_backend() -> None:
    given = {name.removeprefix("RENDEZVOUS_").lower(): value for name, value in service("web")["environment"].items()}
    assert set(given) <= set(AppSettings.model_fields)
    settings = AppSettings(**given)
    assert settings.view == "web"
    assert settings.api_url == f"http://backend:{service('backend')['environment']['PORT']}"
    assert settings.public_url == service("backend")["environment"]["WEB_APP_URL"]


def test_backend_and_web_app_believe_the_network_that_their_proxy_is_in() -> None:
    assert service("backend")["environment"]["TRUSTED_PROXIES"] == COMPOSE.subnet
    assert service("web")["environment"]["RENDEZVOUS_TRUSTED_PROXIES"] == COMPOSE.subnet
    assert ipaddress.ip_network(COMPOSE.subnet).is_private


def test_only_caddy_and_the_call_are_reached_from_outside() -> None:
    published = {name: each.get("ports") for name, each in COMPOSE.read["services"].items() if each.get("ports")}
    assert set(published) == {"caddy", "livekit"}
    assert all(name == "inside" for each in COMPOSE.read["services"].values() for name in each["networks"])


def test_caddy_passes_on_to_services_and_ports_that_are_there() -> None:
    text = (DEPLOY / "Caddyfile").read_text()
    assert f"dynamic a backend {service('backend')['environment']['PORT']} " in text
    assert f"dynamic a web {service('web')['environment']['RENDEZVOUS_PORT']} " in text
    assert "lb_policy cookie " in text.partition("{$WEB_DOMAIN}")[2]
    assert service("caddy")["environment"]["LIVEKIT_NODES"] == f"livekit:{COMPOSE.livekit_config['port']}"
    assert set(re.findall(r"\{\$(\w+)\}", text)) == set(service("caddy")["environment"])
    assert "./Caddyfile:/etc/caddy/Caddyfile:ro" in service("caddy")["volumes"]


def test_caddy_is_of_a_version_that_sends_a_post_on_where_a_backend_is_gone() -> None:
    version = service("caddy")["image"].removeprefix("caddy:").split(".")
    assert tuple(int(number) for number in version) >= SENDS_ON[: len(version)]


def test_livekit_makes_no_room_by_itself_and_tells_the_backend_who_comes(tmp_path: Path) -> None:
    config, backend = COMPOSE.livekit_config, service("backend")["environment"]
    assert config["room"]["auto_create"] is False
    assert config["webhook"]["api_key"] == backend["LIVEKIT_API_KEY"]
    (url,) = config["webhook"]["urls"]
    address, _, path = url.removeprefix("http://").partition("/")
    assert address == f"backend:{backend['PORT']}"
    given = {name.lower(): value for name, value in backend.items()} | {"database_url": f"sqlite:///{tmp_path}/x.db"}
    unsigned = TestClient(create_app(Settings(**given), run_worker=False)).post(f"/{path}")
    assert unsigned.status_code == 400
    assert service("livekit")["image"].endswith(f":v{livekit.VERSION}")


def test_livekits_ports_are_published_as_it_uses_them() -> None:
    rtc, turn = COMPOSE.livekit_config["rtc"], COMPOSE.livekit_config["turn"]
    relayed = f"{turn['relay_range_start']}-{turn['relay_range_end']}"
    wanted = [str(rtc["tcp_port"]), f"{rtc['udp_port']}/udp", f"{turn['udp_port']}/udp", f"{relayed}/udp"]
    assert service("livekit")["ports"] == [f"{each.removesuffix('/udp')}:{each}" for each in wanted]


@pytest.fixture
def livekit_as_deployed(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The real server with the deployed configuration, on loopback and without Redis: its address and its log."""
    config = COMPOSE.livekit_config
    del config["redis"]
    config["port"], config["rtc"]["tcp_port"] = free_ports(2)
    config["rtc"] |= {"interfaces": {"includes": ["lo"]}, "enable_loopback_candidate": True, "udp_port": 0}
    config["rtc"] |= {"stun_servers": ["127.0.0.1:9"]}
    config["bind_addresses"] = ["127.0.0.1"]
    given = service("livekit")["environment"] | {"LIVEKIT_CONFIG": json.dumps(config)}
    log = tmp_path / "livekit.log"
    with log.open("wb") as out:
        process = subprocess.Popen([livekit_binary()], env=os.environ | given, stdout=out, stderr=out)
    yield f"http://127.0.0.1:{config['port']}", log
    process.kill()
    process.wait()


def test_the_real_livekit_takes_its_configuration(livekit_as_deployed: tuple[str, Path]) -> None:
    url, log = livekit_as_deployed

    def answers() -> bool:
        try:
            return httpx.get(url, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    eventually(answers, f"LiveKit serves: {log.read_text()}", limit_s=60)
    assert "TURN" in log.read_text()


@pytest.mark.parametrize(("file", "health"), [("Dockerfile", "/ready"), ("Dockerfile.web", "/alive")])
def test_the_images_are_built_of_what_is_there_and_run_as_nobody_in_particular(file: str, health: str) -> None:
    text = (DEPLOY / file).read_text()
    copied = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY") and "--from" not in line]
    assert all((ROOT / name).exists() for names in copied for name in names)
    assert re.search(r"^USER [1-9]\d*:", text, re.MULTILINE)
    assert health in text
    ignored = (DEPLOY / f"{file}.dockerignore").read_text().splitlines()
    assert {f"!{name}" for names in copied for name in names} <= set(ignored)


def test_the_image_has_every_package_of_the_backend_and_none_of_the_apps() -> None:
    wanted = packages((ROOT / "pyproject.toml").read_text())
    names = {re.split(r"[\[><=]", line)[0] for line in wanted}
    assert {"fastapi", "sqlalchemy", "psycopg", "stripe", "pydantic", "pydantic-settings", "tzdata"} <= names
    assert not names & {"flet", "livekit", "opencv-python", "sounddevice"}
    locked = {re.split(r"[\[><= ]", line)[0] for line in (ROOT / "requirements.lock").read_text().splitlines()}
    assert names <= locked


WITHOUT_WHAT_THE_IMAGE_LACKS = """
import sys
for name in ("livekit", "cv2", "sounddevice", "av", "numpy", "keyring", "flet_desktop", "desktop_notifier", "jeepney"):
    sys.modules[name] = None  # importing it raises ImportError
import app.main, app.web.server
"""


def test_the_web_image_has_what_the_page_needs_and_nothing_of_calls_and_windows() -> None:
    names = {re.split(r"[\[><=]", line)[0] for line in web_packages((ROOT / "pyproject.toml").read_text())}
    assert {"flet", "flet-web", "httpx", "brotli", "cryptography", "babel"} <= names
    assert not names & {"livekit", "opencv-python-headless", "sounddevice", "keyring", "flet-desktop", "fastapi"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_WHAT_THE_IMAGE_LACKS], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
