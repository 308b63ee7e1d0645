"""`make run`: LiveKit, the backend and one app process per demo person, on loopback, until Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from tools import callpage, environment, livekit, machine, web_client
from tools.calls import PREPARING, Calls, LivekitAddress, livekit_elsewhere
from tools.console import Step, Trouble
from tools.paths import DATA, ROOT, RUN_FILE
from tools.processes import Programs, alive, answers, free_port, open_own

BACKEND_PORT, APP_PORT = 8700, 8550
ROLES = ("professional", "user")
"""One app each; the backend's pages lead into the last one's."""
# The second person's app shares the machine with the first: it leaves the camera alone, and nothing howls.
TEST_PICTURE = {"RENDEZVOUS_CAMERA": "test-picture"}
SECOND_PERSON = {**TEST_PICTURE, "RENDEZVOUS_MICROPHONE": "muted"}


@dataclass(frozen=True)
class DemoPerson:
    """One demo person and the app that runs for them; `app_url` is empty for a desktop window."""

    role: str
    name: str
    email: str
    password: str
    app_url: str


def set_up() -> None:
    """Everything that has to be there before a start; milliseconds when it already is."""
    print("Setting up", flush=True)
    environment.ensure()
    callpage.ensure()
    if not livekit_elsewhere():
        livekit.server()


def run() -> int:
    """Starts everything, says where it is, and stays until Ctrl-C or until one part ends. Returns the exit code."""
    _refuse_a_second_run()
    began = time.monotonic()
    print("Setting up", flush=True)
    environment.ensure_created()
    calls = Calls()
    environment.ensure()
    callpage.ensure_beside()
    DATA.mkdir(parents=True, exist_ok=True)
    if trouble := machine.sound_trouble():
        print(f"  {trouble}")
    programs = Programs()
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        print("Starting", flush=True)
        people = _start_all(programs, calls, began)
        while (ended := programs.dead()) is None:
            if calls.come(programs):
                print(f"\nCalls are ready ({time.monotonic() - began:.1f} s): press Start on both.\n", flush=True)
            time.sleep(0.5)
        if ended.process.returncode == 0 and ended.name.startswith("app-") and not people[0].app_url:
            print(f"\n{ended.name} was closed.")  # a desktop window: closing it ends the run
            return 0
        raise Trouble(f"{ended.name} stopped. Its last words ({ended.log}):\n{ended.last_words()}")
    except KeyboardInterrupt:
        print("\nStopping", flush=True)
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of them running
        programs.stop()
        RUN_FILE.unlink(missing_ok=True)


def _start_all(programs: Programs, calls: Calls, began: float) -> list[DemoPerson]:
    taken: set[int] = set()
    backend_port = free_port(BACKEND_PORT, taken)  # chosen first: LiveKit sends its webhooks there
    call = calls.choose_ports(taken, f"http://127.0.0.1:{backend_port}/livekit/webhook")
    calls.come(programs)
    app_ports = [free_port(APP_PORT + number, taken) for number in range(len(ROLES))]
    browser = _uses_browser()
    making = web_client.begin() if browser else None
    backend_url = _start_backend(programs, call, backend_port, _page_of(app_ports[-1]) if browser else "")
    if making is not None:
        web_client.finish(making)
    people = _start_apps(programs, backend_url, app_ports, browser)
    _write_run_file(backend_url, call, people)
    _say(people, backend_url, time.monotonic() - began, calls.are_there)
    return people


def _write_run_file(backend_url: str, call: LivekitAddress, people: list[DemoPerson]) -> None:
    RUN_FILE.write_text(
        json.dumps(
            {
                "pid": os.getpid(),
                "backend_url": backend_url,
                "livekit_url": call.url,
                "people": [asdict(person) for person in people],
            },
            indent=2,
        )
    )


def _page_of(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _start_backend(programs: Programs, call: LivekitAddress, port: int, web_app_url: str) -> str:
    with Step("Backend"):
        url = f"http://127.0.0.1:{port}"
        settings = os.environ | {
            "PORT": str(port),
            "PUBLIC_URL": url,
            "WEB_APP_URL": web_app_url,
            "LIVEKIT_URL": call.url,
            "LIVEKIT_API_KEY": call.keys.key,
            "LIVEKIT_API_SECRET": call.keys.secret,
            "RENDEZVOUS_DEMO": "1",
            "CALLS_PREPARING_FILE": str(PREPARING),
        }
        settings.setdefault("DATABASE_URL", f"sqlite:///{(DATA / 'rendezvous.db').as_posix()}")
        migrate(settings)
        backend = programs.start("backend", environment.command("-m", "backend"), settings)
        programs.wait_for(backend, lambda: answers(f"{url}/ready"), 60)
    return url


def migrate(settings: Mapping[str, str]) -> None:
    """Brings the database to the newest form, in a process of its own as in production. Raises `Trouble`."""
    words = environment.command("-m", "backend.migrate")
    done = subprocess.run(words, env=dict(settings), cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(done.stderr.strip())


def _start_apps(programs: Programs, backend_url: str, ports: list[int], browser: bool) -> list[DemoPerson]:
    with open_own(f"{backend_url}/demo/people", timeout_s=10) as answer:
        found = json.load(answer)["items"]
    pair = [next(person for person in found if person["role"] == role) for role in ROLES]
    camera_is_missing = machine.camera_is_missing()
    people = []
    for number, (person, port) in enumerate(zip(pair, ports, strict=True)):
        with Step(f"App of {person['name']} ({person['role']})"):
            settings = os.environ | {
                "RENDEZVOUS_API_URL": backend_url,
                "RENDEZVOUS_VIEW": "web" if browser else "desktop",
                "RENDEZVOUS_PORT": str(port),
                "RENDEZVOUS_CALL_ENGINE": "native",
                **web_client.settings(),
                "RENDEZVOUS_PROFILE": f"demo-{person['role']}",
                **(SECOND_PERSON if number else {}),
                **(TEST_PICTURE if camera_is_missing and "RENDEZVOUS_CAMERA" not in os.environ else {}),
            }
            name = f"app-{person['role']}"
            app = programs.start(name, environment.command("-m", "app"), settings)
            url = _page_of(port) if browser else ""
            if browser:
                programs.wait_for(app, lambda url=url: answers(url), 60)  # type: ignore[misc]  # the default binds this round's url
            people.append(DemoPerson(person["role"], person["name"], person["email"], person["password"], url))
    return people


def _uses_browser() -> bool:
    """Whether the apps are shown in the browser; says why when they are."""
    reason = _no_window_because()
    if reason:
        print(f"  The app is shown in the browser: {reason}.")
    return reason is not None


def _no_window_because() -> str | None:
    if os.environ.get("RENDEZVOUS_VIEW") == "web":
        return "RENDEZVOUS_VIEW=web asks for it"
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "this machine has no display"
    with Step("Flet's desktop client (fetched once)"):
        words = environment.command("-c", "from app.desktop.client import ensure_client; ensure_client()")
        done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT)
    return None if done.returncode == 0 else "Flet's desktop client could not be fetched"


def _say(people: list[DemoPerson], backend_url: str, took_s: float, calls_are_ready: bool) -> None:
    print(f"\nRendezvous runs ({took_s:.1f} s). Two people have a paid session that can start now:\n")
    for person in people:
        where = person.app_url or "its own window"
        print(f"  {person.name:<18} {person.role:<14} {where}")
    then = "press Start on both." if calls_are_ready else "look around; calls follow, see below."
    if not os.environ.get("SMTP_URL"):
        print(f"\nNo mail is sent. What would be is here: {backend_url}/sandbox/mails")
    print(f"\nSign in as each with one click, {then} Ctrl-C ends everything.\n", flush=True)
    if people[0].app_url and _can_open_browser():
        for person in people:
            webbrowser.open(person.app_url)


def _can_open_browser() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _refuse_a_second_run() -> None:
    if not RUN_FILE.exists():
        return
    said = json.loads(RUN_FILE.read_text())
    if alive(said["pid"]):
        where = ", ".join(person["app_url"] for person in said["people"] if person["app_url"]) or "in its own windows"
        raise Trouble(
            f"Rendezvous already runs: {where}. End it with Ctrl-C where it was started, "
            "or set RENDEZVOUS_HOME to another folder to run a second one."
        )
    RUN_FILE.unlink()


def _as_interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
