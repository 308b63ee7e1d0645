"""The port to a payment provider and what is kept of its events."""
