"""The balance of one payment after all refunds, disputes and transfers, whoever ordered them: pure, in cents.

A payment's money is always in three places: back with the payer, with the professional, or with the platform. The
platform's part is what the other two leave.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class RefundEntry:
    """A refund that is done or on its way. `waiting`: not known to the provider yet, so that it has moved nothing.

    `covered_minor`: so much of what came back from the professional is for it: all of one that we ordered, whether it
    took that back itself or found it there; of another what it took back itself.
    """

    amount_minor: int
    done: bool
    waiting: bool = False
    covered_minor: int = 0


@dataclass(frozen=True)
class DisputeEntry:
    """A dispute about the payment. `restored_minor`: so much of what it took went back to the professional."""

    amount_minor: int
    open: bool = False
    lost: bool = False
    won: bool = False
    restored_minor: int = 0


@dataclass(frozen=True)
class PaymentLedger:
    """`owed_minor`: what has to go back by our own decisions. The next three are the provider's (`PaymentSnapshot`).

    `transferred_at_once`: with the payment, so that refunds and disputes reverse that transfer. Else the professional
    is paid later, and what they are to have is `share_minor` whenever anything changes.
    """

    amount_minor: int
    fee_minor: int
    owed_minor: int = 0
    reversed_minor: int = 0
    fee_returned_minor: int = 0
    transferred_minor: int = 0
    refunds: Sequence[RefundEntry] = ()
    disputes: Sequence[DisputeEntry] = ()
    transferred_at_once: bool = True

    @property
    def done_minor(self) -> int:
        """What the payer has back for good."""
        return self._refunded(done=True) + self._taken(lost_only=True)

    @property
    def back_minor(self) -> int:
        """What the payer has back, gets back, or has taken back by their bank."""
        return min(self.amount_minor, self._refunded() + self._taken())

    @property
    def is_disputed(self) -> bool:
        """Whether a bank has taken money and has not decided."""
        return any(dispute.open for dispute in self.disputes)

    @property
    def to_order_minor(self) -> int:
        """What is owed and neither back nor on its way. While a dispute is open nothing can be refunded."""
        if self.is_disputed:
            return 0
        return max(0, min(self.owed_minor, self.amount_minor) - self._refunded() - self._taken())

    @property
    def disputed_minor(self) -> int:
        """What banks have taken from the platform."""
        return self._taken()

    @property
    def to_reverse_minor(self) -> int:
        """What has to be taken back from the professional for waiting refunds and disputes, with the fee's part.

        A refund that fails at the bank leaves the professional's part with the platform: it serves the next one.
        """
        if not self.transferred_at_once:
            return 0
        return max(0, min(self._needed - self._surplus, self.amount_minor - self.reversed_minor))

    @property
    def to_restore_minor(self) -> int:
        """What a dispute that we won took from the professional, less what refunds need; with the fee's part."""
        if not self.transferred_at_once:
            return 0
        won = sum(dispute.amount_minor - dispute.restored_minor for dispute in self.disputes if dispute.won)
        return max(0, min(won, self._surplus - self._needed))

    @property
    def to_transfer_minor(self) -> int:
        """What of `to_restore_minor` is the professional's: all but the fee's part."""
        return self.to_restore_minor - self.fee_minor * self.to_restore_minor // self.amount_minor

    @property
    def share_minor(self) -> int:
        """What the professional is to have of a payment that is transferred later: what does not go back, less the fee.

        The fee goes back by its share, as the price does. What is owed counts as gone even where it is stuck.
        """
        gone = max(self.back_minor, min(self.owed_minor, self.amount_minor))
        return self.amount_minor - gone - (self.fee_minor - self.fee_minor * gone // self.amount_minor)

    @property
    def to_pay_out_minor(self) -> int:
        """What is to be transferred to the professional; below zero: to be taken back from them."""
        if self.transferred_at_once:
            return 0
        return self.share_minor - (self.transferred_minor - self.reversed_minor)

    @property
    def may_pay_out(self) -> bool:
        """Whether nothing is open that may still change what the professional is to have."""
        return not self.is_disputed and all(refund.done for refund in self.refunds)

    @property
    def payee_minor(self) -> int:
        """What the professional has once everything that waits is done. Below zero if more was taken than given."""
        if not self.transferred_at_once:
            return self.share_minor
        has = self.amount_minor - self.reversed_minor - self.fee_minor + self.fee_returned_minor
        more = self.to_reverse_minor
        whole = more > 0 and self.reversed_minor + more == self.amount_minor
        fee_back = self.fee_minor - self.fee_returned_minor if whole else self.fee_minor * more // self.amount_minor
        return has + self.transferred_minor - more + fee_back + self.to_transfer_minor

    def _refunded(self, *, done: bool = False) -> int:
        return sum(refund.amount_minor for refund in self.refunds if refund.done or not done)

    def _taken(self, *, lost_only: bool = False) -> int:
        taken = sum(each.amount_minor for each in self.disputes if each.lost or (each.open and not lost_only))
        return min(taken, self.amount_minor - min(self.amount_minor, self._refunded(done=True)))

    @property
    def _needed(self) -> int:
        return sum(refund.amount_minor for refund in self.refunds if refund.waiting) + self._taken()

    @property
    def _surplus(self) -> int:
        """What came back from the professional for refunds that failed and for disputes."""
        kept = sum(refund.covered_minor for refund in self.refunds if not refund.waiting)
        return self.reversed_minor - kept - sum(dispute.restored_minor for dispute in self.disputes)
