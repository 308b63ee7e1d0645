"""What goes over the wire."""

from pydantic import BaseModel, ConfigDict

from backend.auth.schemas import Password
from backend.kit.text import JsonInt, Payload


class DeletionAnswer(BaseModel):
    """What deleting the account does to the sessions that are coming: so many are cancelled, so much goes back to their
    users, and `kept` cannot be cancelled any more (begun, or disputed).
    """

    model_config = ConfigDict(title="Deletion")

    sessions: int
    refund: str
    currency: str
    kept: int


class DeleteAccount(Payload):
    """The password again, so that nobody deletes it from a device that was left open. `sessions`: as many as shown."""

    password: Password
    sessions: JsonInt
