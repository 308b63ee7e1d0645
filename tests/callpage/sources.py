"""Runs a piece of the page's own sources in node, without a browser."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tools import callpage

ESBUILD = callpage.MODULES / "esbuild" / "bin" / "esbuild"
OF_A_PAGE = """
globalThis.location = { pathname: "/call/session-1", hash: "", href: "http://page.test/call/session-1" };
const storage = () => {
  const kept = new Map();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => void kept.set(name, String(text)),
    removeItem: (name) => void kept.delete(name),
  };
};
globalThis.localStorage = storage();
globalThis.sessionStorage = storage();
"""
"""What a module of the page finds in a browser at its start."""


def answer(folder: Path, modules: tuple[str, ...], script: str, given: object) -> Any:
    """What `script` (TypeScript, the body of an async function) returns; `given` is at hand in it, and all that
    `modules` of `callpage/src` export.
    """
    names = [f"m{number}" for number in range(len(modules))]
    reads = "".join(f'const {name} = await import("./{each}");\n' for name, each in zip(names, modules, strict=True))
    exported = f"const all = {{ {', '.join(f'...{name}' for name in names)} }};\n"
    source = (
        f"{OF_A_PAGE}{reads}{exported}const given = {json.dumps(given)};\n"
        f"const run = async () => {{ {script} }};\nconsole.log(JSON.stringify((await run()) ?? null));\n"
    )
    node = callpage.installed().node
    made = folder / "made.mjs"
    wanted = ("--bundle", "--format=esm", "--platform=node", "--loader=ts", "--log-level=error", f"--outfile={made}")
    subprocess.run(
        [*node, str(ESBUILD), *wanted],
        input=source,
        cwd=callpage.PAGE / "src",
        text=True,
        check=True,
        capture_output=True,
    )
    done = subprocess.run([*node, str(made)], text=True, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
