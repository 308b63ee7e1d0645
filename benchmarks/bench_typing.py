"""What one key costs in a form: CPU of the app's process, from the client's report to what is sent back.

One process draws for everybody who has the page open, so a key of one person is time of all others. In process, over
the tests' connection (every message is encoded as for the wire).
"""

import asyncio
import json
import statistics
import time
from pathlib import Path

from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import app_of, open_settings, path, sign_in, two_accounts

KEYS = 60
RESULT = Path(__file__).parent / "results" / "bench_typing.json"


async def key_ms(app: Harness, label: str) -> list[float]:
    """CPU milliseconds of each key in that field."""
    field, text, spent = app.field(label), "", []
    for number in range(KEYS):
        text += "abcde "[number % 6]
        before = time.process_time()
        app.session.apply_patch(field._i, {"value": text})
        await app.fire(field, "change", text)
        spent.append(1000 * (time.process_time() - before))
    return spent


async def measured() -> dict[str, list[float]]:
    """By field: sign-in, then Settings and the profile of a professional."""
    api = two_accounts()
    api.add_professional("account-1")
    found: dict[str, list[float]] = {}
    async with app_of(api) as app:
        await app.shows("Good to see you.")
        found["sign-in, password"] = await key_ms(app, "Password")
    async with app_of(api) as app:
        await app.shows("Good to see you.")
        await open_settings(app)
        found["settings, name"] = await key_ms(app, "Name")
    async with app_of(api) as app:
        await app.shows("Good to see you.")
        await sign_in(app, "ada@example.com")
        await app.until(lambda: path(app) == "/upcoming")
        await app.go("/profile")
        await app.shows("How people find you")
        found["profile, headline"] = await key_ms(app, "Headline")
    return found


def main() -> None:
    table = {
        field: {"p50_ms": round(statistics.median(spent), 1), "worst_ms": round(max(spent), 1)}
        for field, spent in asyncio.run(measured()).items()
    }
    print(f"{'field':24} {'p50 ms':>8} {'worst ms':>9}")
    for field, row in table.items():
        print(f"{field:24} {row['p50_ms']:8} {row['worst_ms']:9}")
    RESULT.write_text(json.dumps(table, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
