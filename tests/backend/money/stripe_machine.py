"""Between us and Stripe, everything that can go wrong, on top of what people do."""

import random

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.backend.money.machine import PICK, MoneyMachine
from tests.backend.money.stripe_world import StripeWorld


class StripeMachine(MoneyMachine):
    """With what can go wrong between us and Stripe."""

    world: StripeWorld

    @rule(times=st.integers(1, 3), seed=st.integers(0, 99))
    def notices_arrive(self, times: int, seed: int) -> None:
        """Each once, twice or thrice, in any order."""
        self.world.tell(times=times, shuffle=random.Random(seed))

    @rule()
    def notices_get_lost(self) -> None:
        """All but that a bank returned a refund: Stripe repeats an event for days, and nothing else reports that."""
        waiting = self.world.server.webhooks.waiting
        waiting[:] = [event for event in waiting if event.kind == "refund.failed"]

    @rule(pick=PICK, bank=st.sampled_from(["arrives", "fails", "returns"]))
    def the_bank_answers(self, pick: int, bank: str) -> None:
        refunds = self.world.refunds("succeeded" if bank == "returns" else "pending")
        if refunds:
            status = "succeeded" if bank == "arrives" else "failed"
            self.world.settle_refund(refunds[pick % len(refunds)]["id"], status)

    @rule(pick=PICK, comes=st.booleans())
    def a_delayed_payment_ends(self, pick: int, comes: bool) -> None:
        waiting = self.world.delayed()
        if waiting:
            self.world.server.ledger.settle_delayed(waiting[pick % len(waiting)], paid=comes)

    @rule(
        request=st.sampled_from(
            [
                "POST /v1/refunds",
                "POST /v1/checkout",
                "POST /v1/transfers",
                "GET /v1/refunds",
                "GET /v1/checkout",
                "GET /v1/transfers",
            ]
        ),
        kind=st.sampled_from(["lost", "fault", "busy"]),
        acts=st.booleans(),
        times=st.integers(1, 3),
    )
    def requests_go_wrong(self, request: str, kind: str, acts: bool, times: int) -> None:
        """Some of the next; `acts`: Stripe did it all the same. The SDK repeats each once by itself."""
        for _ in range(times):
            self.world.server.traffic.next_request(request, kind, acts=acts)

    @rule()
    def stripe_refuses_the_next_refund(self) -> None:
        self.world.server.ledger.refuse_next_refund = "insufficient_funds"

    @rule()
    def stripe_refuses_the_next_transfer(self) -> None:
        self.world.server.ledger.refuse_next_transfer = "balance_insufficient"

    @rule(down=st.booleans())
    def stripe_is_down(self, down: bool) -> None:
        self.world.server.traffic.down = down

    @rule()
    def stripe_forgets_its_keys(self) -> None:
        """As it does after a day."""
        self.world.clock.move(days=1)
        self.world.server.traffic.forget_keys()

    @rule(which=st.integers(0, 1), ready=st.booleans())
    def stripe_reviews_a_connected_account(self, which: int, ready: bool) -> None:
        self.world.set_connected_account(which, ready=ready)
        self.world.tell()
