"""Where stripe-mock comes from, and what is said when it cannot be had."""

import sys
from pathlib import Path

import pytest

from tools import golang, stripe_mock
from tools.console import Trouble


def test_a_named_stripe_mock_that_is_not_there_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDEZVOUS_STRIPE_MOCK", "/nowhere/stripe-mock")
    with pytest.raises(Trouble, match="/nowhere/stripe-mock"):
        stripe_mock.server()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Go is a shell script")
def test_a_build_that_fails_says_what_to_do_and_what_go_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho 'no route to host' >&2\nexit 1\n")
    go.chmod(0o755)
    monkeypatch.setattr(golang, "_go", lambda _progress: go)
    with pytest.raises(Trouble) as trouble:
        golang.build(stripe_mock.BUILT, tmp_path / "bin" / "stripe-mock")
    for words in ("check the network", "RENDEZVOUS_STRIPE_MOCK", "no route to host"):
        assert words in str(trouble.value)
