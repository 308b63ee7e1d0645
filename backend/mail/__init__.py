"""Mail: an outbox that is filled in the transaction of what it tells of, and sent by the worker (decision 36)."""
