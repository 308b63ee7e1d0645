"""Which text a field shows while its model's echo of the typing is still on the way."""


class TypedText:
    """One field's memory. Without it a render that lags a keystroke behind would take that keystroke back: Flet sends
    every difference between what a render says and what the client last reported.
    """

    def __init__(self) -> None:
        self._on_the_way: list[str] = []
        self._given: str | None = None

    def typed(self, text: str) -> None:
        """The client reported this text; the model is about to hear of it."""
        self._on_the_way.append(text)

    def shown(self, given: str, in_field: str | None) -> str:
        """What to draw: `given` when the model wrote something of its own, else what stands in the field already."""
        if given in self._on_the_way:
            del self._on_the_way[: self._on_the_way.index(given) + 1]
        elif given != self._given:
            self._on_the_way.clear()
            in_field = None
        self._given = given
        return given if in_field is None else in_field
