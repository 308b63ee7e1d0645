"""`python -m backend`: starts on a fresh folder, and says in one sentence why when it cannot."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from backend.main import create_app
from backend.settings import BadSettings, Settings, load_settings
from tests.stage import backend_process
from tests.stage.backend_process import BackendProcess


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """On a database of its own in this folder."""
    return backend_process.environment(**{"DATABASE_URL": f"sqlite:///{folder / 'data' / 'rendezvous.db'}", **settings})


def refused(folder: Path, **settings: str) -> str:
    """What is said on stderr by a backend that cannot start."""
    run = subprocess.run(
        [sys.executable, "-m", "backend"],
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2, run.stderr
    assert "Traceback" not in run.stderr
    return run.stderr.strip().splitlines()[-1]


def demo(folder: Path) -> BackendProcess:
    """A demo backend on a database in this folder."""
    database = f"sqlite:///{folder / 'data' / 'rendezvous.db'}"
    return BackendProcess(folder / "log.txt", DATABASE_URL=database, RENDEZVOUS_DEMO="1").start()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendProcess]:
    """A demo backend that serves."""
    backend = demo(tmp_path_factory.mktemp("backend"))
    try:
        assert backend.url
        yield backend
    finally:
        backend.kill()


def test_a_demo_backend_starts_on_an_empty_folder(started: BackendProcess) -> None:
    address = started.url
    assert httpx.get(f"{address}/health", timeout=60).json() == {"status": "ok"}
    assert len(httpx.get(f"{address}/demo/people", timeout=60).json()["items"]) == 2


def test_without_livekit_it_is_ready_for_everything_but_calls_and_says_so(started: BackendProcess) -> None:
    answer = httpx.get(f"{started.url}/ready", timeout=60)
    assert (answer.status_code, answer.json()) == (200, {"database": True, "livekit": False})


def test_the_access_log_has_no_queries(started: BackendProcess) -> None:
    address = started.url
    httpx.get(f"{address}/professionals", params={"q": "panic attacks"}, timeout=60)
    httpx.get(f"{address}/health", timeout=60)
    written = started.log.read_text()
    assert "GET /professionals 200" in written
    assert "panic" not in written


def test_a_port_in_use_is_named(started: BackendProcess, tmp_path: Path) -> None:
    port = started.url.rpartition(":")[2]
    sentence = refused(tmp_path, RENDEZVOUS_DEMO="1", PORT=port)
    assert sentence == f"Port {port} is in use by another program. Stop it, or set PORT to a free port."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_it_in_order(tmp_path: Path) -> None:
    backend = demo(tmp_path)
    assert backend.url
    backend.process.send_signal(signal.SIGINT)
    assert backend.process.wait(60) == 0
    assert "Traceback" not in backend.log.read_text()


def test_without_the_demo_it_names_everything_that_is_missing(tmp_path: Path) -> None:
    sentence = refused(tmp_path, LIVEKIT_URL="ws://127.0.0.1:7880")
    assert sentence == (
        "Not set: STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, SMTP_URL, MAIL_FROM. "
        "Set them, or RENDEZVOUS_DEMO=1 to run the demo."
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://swordfish@host/name"),
        ("DATABASE_URL", "nonsense"),
        ("HOLD_MINUTES", "0"),
        ("RATE_LIMITS", "swordfish"),
        ("REDIS_URL", "https://:swordfish@127.0.0.1:6379"),
        ("RENDEZVOUS_DEMO", "maybe"),
        ("PUBLIC_URL", "swordfish.example.com"),
        ("PUBLIC_URL", "ftp://swordfish.example.com"),
        ("PUBLIC_URL", "https://ada:swordfish@example.com"),
        ("PUBLIC_URL", "https://example.com/?q=swordfish"),
        ("PUBLIC_URL", "http://[::swordfish"),
        ("SMTP_URL", "http://swordfish@example.com"),
        ("SMTP_URL", "smtp+plain://us:swordfish@example.com"),
        ("SMTP_URL", "smtp://:0/swordfish"),
        ("MAIL_FROM", "swordfish"),
        ("MAIL_FROM", "swordfish@example.com\r\nBcc: all@example.com"),
        ("STRIPE_SECRET_KEY", "pk_live_swordfish"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_one,swordfish"),
    ],
)
def test_a_bad_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as refusal:
        load_settings()
    assert name in str(refusal.value)
    assert "swordfish" not in str(refusal.value)


def test_bad_settings_end_in_one_sentence(tmp_path: Path) -> None:
    assert refused(tmp_path, PORT="many").startswith("These settings cannot be used: PORT")


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    sentence = refused(tmp_path, RENDEZVOUS_DEMO="1", DATABASE_URL=f"sqlite:///{tmp_path / 'file' / 'x.db'}")
    assert sentence.startswith("The database cannot be used")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("this is a letter, not a database" * 100)
    sentence = refused(tmp_path, RENDEZVOUS_DEMO="1", DATABASE_URL=f"sqlite:///{tmp_path / 'x.db'}")
    assert sentence.startswith("The database cannot be used")


def test_missing_variables_are_named_one_by_one() -> None:
    settings = Settings(
        livekit_url="ws://127.0.0.1:7880",
        livekit_api_key="key",
        stripe_secret_key=SecretStr("sk_test_1"),
        stripe_webhook_secret=SecretStr("whsec_1"),
        smtp_url=SecretStr("smtp://mail.example.com"),
        mail_from="no-reply@example.com",
    )
    with pytest.raises(BadSettings, match=r"Not set: LIVEKIT_API_SECRET\."):
        settings.check_ready_to_serve()


def test_without_a_mail_server_it_does_not_serve_outside_the_demo(database_url: str) -> None:
    without = ready_settings(smtp_url=SecretStr(""), database_url=database_url)
    with pytest.raises(BadSettings, match="SMTP_URL"):
        without.check_ready_to_serve()
    with pytest.raises(BadSettings, match="SMTP_URL"):
        create_app(without, run_worker=False)


def test_a_demo_with_a_mail_server_needs_a_sender() -> None:
    with pytest.raises(BadSettings, match="MAIL_FROM"):
        Settings(rendezvous_demo=True, smtp_url=SecretStr("smtp://mail.example.com")).check_ready_to_serve()


def test_with_every_key_it_is_ready_to_serve() -> None:
    ready_settings().check_ready_to_serve()


def test_the_demo_never_takes_real_money(database_url: str) -> None:
    app = create_app(ready_settings(rendezvous_demo=True, database_url=database_url), run_worker=False)
    assert app.state.payment_gateway.name == "sandbox"


def test_outside_the_demo_payments_are_real(database_url: str) -> None:
    app = create_app(ready_settings(database_url=database_url), run_worker=False)
    assert app.state.payment_gateway.name == "stripe"


def test_outside_the_demo_there_is_no_app_without_stripes_keys(database_url: str) -> None:
    with pytest.raises(BadSettings, match="STRIPE_WEBHOOK_SECRET"):
        create_app(ready_settings(stripe_webhook_secret=SecretStr(""), database_url=database_url), run_worker=False)


def ready_settings(**changes: Any) -> Settings:
    """Everything that serving outside the demo needs."""
    needed: dict[str, Any] = {
        "livekit_url": "ws://127.0.0.1:7880",
        "livekit_api_key": "key",
        "livekit_api_secret": SecretStr("secret" * 6),
        "stripe_secret_key": SecretStr("sk_test_1"),
        "stripe_webhook_secret": SecretStr("whsec_1, whsec_2"),
        "smtp_url": SecretStr("smtps://us:secret@mail.example.com"),
        "mail_from": "no-reply@example.com",
    }
    return Settings(**(needed | changes))


def test_limits_are_not_taken_off_where_real_money_is_paid(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(BadSettings, match="RATE_LIMITS=off is for tests"):
        ready_settings(rate_limits="off").check_ready_to_serve()
    ready_settings(rate_limits="off", stripe_api_base="http://127.0.0.1:1").check_ready_to_serve()
    settings = Settings(rate_limits="off", rendezvous_demo=True, database_url=database_url)
    settings.check_ready_to_serve()
    app = create_app(settings, run_worker=False)
    assert not app.state.limits.on
    assert any("RATE_LIMITS=off" in record.getMessage() for record in caplog.records)


def test_all_backends_digest_addresses_with_one_secret_that_is_none_of_the_others() -> None:
    one, other = ready_settings(port=1), ready_settings(port=2)
    assert one.key_of_limits == other.key_of_limits
    assert ready_settings(stripe_secret_key=SecretStr("sk_test_2")).key_of_limits != one.key_of_limits
    assert ready_settings(limits_secret=SecretStr("own")).key_of_limits != one.key_of_limits
    assert b"sk_test_1" not in one.key_of_limits


def test_several_webhook_secrets_are_told_apart() -> None:
    assert ready_settings().stripe_webhook_secrets == ["whsec_1", "whsec_2"]


def test_a_postgresql_address_gets_its_driver() -> None:
    assert Settings(database_url="postgres://localhost/x").database_url == "postgresql+psycopg://localhost/x"


def test_the_public_address_follows_the_port_that_the_system_chose() -> None:
    assert Settings(port=0).listening_on(4711).public_url == "http://127.0.0.1:4711"
    assert Settings(port=0, public_url="https://rv.example/").listening_on(4711).public_url == "https://rv.example"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:4711"),
        ("::1", "http://[::1]:4711"),
        ("2001:db8::7", "http://[2001:db8::7]:4711"),
        ("::", "http://[::1]:4711"),
        ("0.0.0.0", "http://127.0.0.1:4711"),
        ("localhost", "http://localhost:4711"),
    ],
)
def test_without_a_public_address_it_is_one_that_this_machine_can_open(host: str, url: str) -> None:
    assert Settings(host=host, port=4711).public_url == url
    assert Settings(host=host, port=0).listening_on(4711).public_url == url


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1"])
def test_real_payments_are_not_kept_in_a_file(key: str) -> None:
    with pytest.raises(BadSettings, match="Real payments need PostgreSQL"):
        ready_settings(stripe_secret_key=SecretStr(key)).check_ready_to_serve()
    on_postgresql = ready_settings(stripe_secret_key=SecretStr(key), database_url="postgresql://localhost/x")
    on_postgresql.check_ready_to_serve()


def test_the_documentation_is_open_in_the_demo_and_where_a_setting_says_so(database_url: str) -> None:
    def docs_of(settings: Settings) -> tuple[int, int]:
        client = TestClient(create_app(settings, run_worker=False))
        return client.get("/docs").status_code, client.get("/openapi.json").status_code

    assert docs_of(Settings(database_url=database_url, rendezvous_demo=True)) == (200, 200)
    assert docs_of(Settings(database_url=database_url, rendezvous_demo=True, api_docs="off")) == (404, 404)
    assert docs_of(ready_settings(database_url=database_url)) == (404, 404)
    assert docs_of(ready_settings(database_url=database_url, api_docs="on")) == (200, 200)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_listening_everywhere_outside_the_demo_needs_a_public_address(host: str) -> None:
    with pytest.raises(BadSettings, match=r"Not set: PUBLIC_URL\."):
        ready_settings(host=host).check_ready_to_serve()
    ready_settings(host=host, public_url="https://rv.example").check_ready_to_serve()
    ready_settings(host=host, rendezvous_demo=True).check_ready_to_serve()


def test_the_path_of_the_public_address_is_known() -> None:
    assert Settings(public_url="https://rv.example/a/b/").public_path == "/a/b"
    assert Settings(public_url="https://rv.example/").public_path == ""


def test_over_ipv6_it_serves_at_the_address_that_it_names(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'data' / 'rendezvous.db'}"
    backend = BackendProcess(tmp_path / "log.txt", DATABASE_URL=database, RENDEZVOUS_DEMO="1", HOST="::1").start()
    try:
        assert backend.url.startswith("http://[::1]:")
        assert httpx.get(f"{backend.url}/health", trust_env=False, timeout=60).json() == {"status": "ok"}
    finally:
        backend.kill()
