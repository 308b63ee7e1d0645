"""What the phone build is made of: the base dependencies whose markers hold there, and all that these ask for."""

import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PHONES = {
    "Android": {"platform_system": "Android", "sys_platform": "android", "os_name": "posix"},
    "iOS": {"platform_system": "iOS", "sys_platform": "ios", "os_name": "posix"},
}
ARM64 = {"platform_machine": "arm64", "python_version": "3.13", "python_full_version": "3.13.0", "extra": ""}


def project() -> dict[str, object]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def base_requirements() -> list[Requirement]:
    """What everyone who installs the app gets, on whichever system."""
    table = project()["project"]
    assert isinstance(table, dict)
    return [Requirement(line) for line in table["dependencies"]]


def holds_on(phone: str, requirement: Requirement) -> bool:
    """Whether it is installed there."""
    return requirement.marker is None or requirement.marker.evaluate({**PHONES[phone], **ARM64})


def all_on(phone: str) -> dict[str, str]:
    """Every package of the phone build by name, with the version that the lock file has here."""
    found: dict[str, str] = {}
    wanted = [each for each in base_requirements() if holds_on(phone, each)]
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        if name in found:
            continue
        installed = installed_as(name)
        found[name] = installed.version if installed else str(requirement.specifier).removeprefix("==")
        wanted += [each for each in _asks_for(installed) if holds_on(phone, each)]
    return found


def installed_as(name: str) -> Distribution | None:
    """The package in this environment; None for what is installed on phones alone."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _asks_for(installed: Distribution | None) -> Iterator[Requirement]:
    return map(Requirement, installed.requires or ()) if installed else iter(())


def is_pure(installed: Distribution | None) -> bool:
    """Whether its wheel runs anywhere: the tag ends in `none-any`."""
    tags = ((installed.read_text("WHEEL") or "") if installed else "").splitlines()
    return any(line.startswith("Tag:") and line.endswith("-none-any") for line in tags)


def left_out_modules(phone: str) -> set[str]:
    """The modules that an app on the phone cannot import, of all that is installed here for the app."""
    there = all_on(phone)
    everywhere = {canonicalize_name(each.name) for each in base_requirements()}
    native = everywhere - there.keys()
    return {
        module
        for module, packages in packages_distributions().items()
        if {canonicalize_name(each) for each in packages} & native
    }
