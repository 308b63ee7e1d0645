"""What payments, refunds, disputes and payouts mean for bookings, and what has to be asked of the provider for them.

    payment_events       a payment was made, or can no longer be made
    refunding            what has to go back, through refund_outbox and sending_refunds
    provider_sync        what the provider says of a payment, whoever changed it there
    disputing            the professional's part while a bank has the money
    releasing            when the professional's part is theirs; paying_out moves it
    reconciling          the nightly comparison with the provider's own list
    earnings             what a professional sees of all this

As in the rest of `service`, nothing here commits, unless a function says that it opens its own short transactions.
"""
