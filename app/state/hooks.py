"""Flet's hooks with types that hold under mypy strict: Flet's own accept "a value or its factory" and lose the type."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import flet as ft

ModelT = TypeVar("ModelT")
ValueT = TypeVar("ValueT")


class Box(Generic[ValueT]):
    """A mutable place that stays the same over renders; changing it draws nothing."""

    __slots__ = ("current",)

    def __init__(self, current: ValueT) -> None:
        self.current = current


def use_model(factory: Callable[[], ModelT]) -> ModelT:
    """The component's own view model, made once; the component is drawn again when it (an observable) changes."""
    make: Any = factory
    value, _ = ft.use_state(make)
    return cast(ModelT, value)


def use_observed(observed: ModelT) -> ModelT:
    """Draws the calling component again when `observed` changes: an observable that belongs to somebody above it."""
    return use_model(lambda: observed)


def use_box(initial: ValueT) -> Box[ValueT]:
    """A `Box` that lives as long as the component; for what handlers share and no render shows."""
    make: Any = lambda: Box(initial)  # noqa: E731  ft.use_ref would call `initial` itself if it were a function
    return cast(Box[ValueT], ft.use_ref(make).current)
