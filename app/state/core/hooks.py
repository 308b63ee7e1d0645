"""Flet's hooks with types that hold under mypy strict: Flet's own accept "a value or its factory" and lose the type."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import flet as ft
from flet.components.observable import Observable
from flet.components.utils import current_component

ModelT = TypeVar("ModelT")
ValueT = TypeVar("ValueT")


class Ref(Generic[ValueT]):
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
    """Draws the calling component again when `observed` changes: an observable that belongs to somebody above it.

    Follows `observed` to another object. `ft.use_state` would watch the first one for as long as the component lives,
    which outlasts a change of layout: Flet 1.0.5 keeps the hooks of a component that is swapped for its like. A
    subscription lasts until the next render, as Flet's own to a component's arguments do.
    """
    component: Any = current_component()
    if isinstance(observed, Observable):
        component._attach_observable_subscription(observed)
    return observed


def use_ref(initial: ValueT) -> Ref[ValueT]:
    """A `Ref` that lives as long as the component; for what handlers share and no render shows."""
    make: Any = lambda: Ref(initial)  # noqa: E731  ft.use_ref would call `initial` itself if it were a function
    return cast(Ref[ValueT], ft.use_ref(make).current)
