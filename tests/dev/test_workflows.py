"""The workflows call what is there: commands, suites, files. Nothing of ours runs them here."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import dev
from tools import testing

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
COMMAND = re.compile(r"python dev\.py (\w[\w-]*)((?: [a-z][\w-]*)*)")
NOT_FOR_LINUX_ALONE = {"screens", "contract", "call"}


def workflow(name: str) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8"))
    return loaded


def commands(name: str) -> list[str]:
    steps = [step for job in workflow(name)["jobs"].values() for step in job["steps"]]
    return [str(step["run"]) for step in steps if "run" in step]


@pytest.mark.parametrize("name", ["ci", "release"])
def test_every_command_of_ours_is_one(name: str) -> None:
    found = [match for command in commands(name) for match in COMMAND.finditer(command)]
    assert found
    for match in found:
        command, words = match[1], match[2].split()
        assert command in dev.COMMANDS or command == "test"
        assert set(words) <= testing.SUITES.keys()


def test_linux_runs_what_ci_runs_and_the_others_what_needs_no_linux() -> None:
    jobs = workflow("ci")["jobs"]
    assert any(step.get("run") == ".ci/run" for step in jobs["linux"]["steps"])
    systems = jobs["elsewhere"]["strategy"]["matrix"]["system"]
    assert sorted(system.split("-")[0] for system in systems) == ["macos", "windows"]
    suites = [match[2].split() for command in commands("ci") for match in COMMAND.finditer(command) if match[2]]
    assert [set(each) for each in suites] == [NOT_FOR_LINUX_ALONE]


def test_a_tag_builds_for_every_system() -> None:
    release = workflow("release")
    assert release[True]["push"]["tags"] == ["v*"]  # YAML 1.1 reads `on` as true
    jobs = release["jobs"]
    desktops = {each["name"] for each in jobs["desktop"]["strategy"]["matrix"]["include"]}
    assert desktops == {"linux", "windows", "macos"}
    assert {"android", "ios", "web"} <= jobs.keys()
    assert set(jobs["release"]["needs"]) == jobs.keys() - {"release"}
    builds = " ".join(commands("release"))
    assert all(f"flet build {what}" in builds for what in ("apk", "aab", "ipa", "ios-simulator"))
    assert builds.count("python dev.py bake") == 3  # the desktop package bakes by itself


def test_secrets_are_read_into_the_environment_and_never_stand_in_a_command() -> None:
    for name in ("ci", "release"):
        assert not any("secrets." in command for command in commands(name))


@pytest.mark.parametrize("name", ["ci", "release"])
def test_a_workflow_may_only_read_unless_it_publishes(name: str) -> None:
    loaded = workflow(name)
    assert loaded["permissions"] == {"contents": "read"}
    writing = [job for job, of in loaded["jobs"].items() if of.get("permissions", {}).get("contents") == "write"]
    assert writing == (["release"] if name == "release" else [])
