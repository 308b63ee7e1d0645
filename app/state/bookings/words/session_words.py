"""What a session's status and payment are called, and how they look: a word and a tone each, pure."""

from app.state.core.status_word import StatusWord

_STATUS = {
    "held": StatusWord("Held for you", "wait", "hourglass"),
    "confirmed": StatusWord("Confirmed", "note", "check"),
    "completed": StatusWord("Completed", "quiet", "done"),
    "cancelled": StatusWord("Cancelled", "quiet", "cancel"),
    "expired": StatusWord("Hold ran out", "quiet", "hourglass"),
    "no_show": StatusWord("Missed", "bad", "absent"),
}
_PAYMENT = {
    "pending": StatusWord("Not paid yet", "wait", "card"),
    "paid": StatusWord("Paid", "good", "paid"),
    "failed": StatusWord("Payment failed", "bad", "problem"),
    "refund_pending": StatusWord("Refund on its way", "wait", "refund"),
    "refunded": StatusWord("Refunded", "quiet", "refund"),
    "partially_refunded": StatusWord("Partly refunded", "quiet", "refund"),
    "refund_failed": StatusWord("Refund delayed", "bad", "problem"),
}
_NEVER_PAID = {("cancelled", "pending"), ("expired", "pending")}


def status_word(status: str) -> StatusWord:
    """A status that this version does not know is shown as it came, readably."""
    return _STATUS.get(status) or StatusWord(_readable(status), "quiet", "unknown")


def payment_word(status: str, payment_status: str) -> StatusWord:
    """How the payment stands; nothing is owed any more for a time that was given back."""
    if (status, payment_status) in _NEVER_PAID:
        return StatusWord("Not paid", "quiet", "card")
    return _PAYMENT.get(payment_status) or StatusWord(_readable(payment_status), "quiet", "unknown")


def _readable(raw: str) -> str:
    return raw.replace("_", " ").strip().capitalize() or "Unknown"
