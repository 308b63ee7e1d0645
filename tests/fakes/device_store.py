"""What the device keeps for the app, in memory."""


class FakeDeviceStore:
    """A few words in memory, as the device keeps them."""

    def __init__(self, **kept: str) -> None:
        self.kept = kept

    async def get(self, key: str) -> object:
        return self.kept.get(key)

    async def set(self, key: str, value: str) -> object:
        self.kept[key] = value
        return True
