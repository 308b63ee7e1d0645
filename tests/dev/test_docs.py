"""Documents can be read in a terminal, and name files that are there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WIDEST = 120
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").glob("*.md"), ROOT / "benchmarks/README.md"]
)
A_FILE = re.compile(r"`((?:app|backend|tests|tools|benchmarks|deploy|docs|assets)/[\w./-]+\.\w+)`")
A_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
MADE_BY_A_RUN = ("benchmarks/results/",)
OF_THEIR_TIME = ("0022-", "0023-", "0024-")  # tables of renames: the left column is what is no more


def prose(document: Path) -> Iterator[tuple[int, str]]:
    """Lines that are neither code nor rows of a table, with their numbers."""
    code = False
    for number, line in enumerate(document.read_text("utf-8").splitlines(), 1):
        if line.startswith("```"):
            code = not code
        elif not code and not line.startswith("|"):
            yield number, line


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_line_of_prose_is_wider_than_a_terminal(document: Path) -> None:
    assert [number for number, line in prose(document) if len(line) > WIDEST] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_is_there(document: Path) -> None:
    text = document.read_text("utf-8")
    named = [] if document.name.startswith(OF_THEIR_TIME) else A_FILE.findall(text)
    missing = [name for name in named if not name.startswith(MADE_BY_A_RUN) and not (ROOT / name).exists()]
    linked = [link for link in A_LINK.findall(text) if not (document.parent / link).exists()]
    assert missing + linked == []
