"""Stripe: Checkout, refunds, Connect and its webhooks behind the ports of `backend.payments`."""
