"""The app knows the backend's errors by name: here both lists are held together."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import get_args

import backend
from app.api.error_names import ErrorName
from backend.kit.errors import BusinessError

NOT_FOR_THE_APP = {"BadSignature", "CallLinkExpired", "CallLinkInvalid"}
"""What only a payment provider, or the call page, is told."""


def every_error(base: type[BusinessError] = BusinessError) -> Iterator[type[BusinessError]]:
    for each in base.__subclasses__():
        yield each
        yield from every_error(each)


def test_the_app_names_exactly_the_errors_that_the_backend_has() -> None:
    for module in pkgutil.walk_packages(backend.__path__, "backend."):
        if not module.name.startswith("backend.migrations") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    on_the_wire = {each.wire_name or each.__name__ for each in every_error() if each.__module__.startswith("backend.")}
    assert set(get_args(ErrorName)) == on_the_wire - NOT_FOR_THE_APP
