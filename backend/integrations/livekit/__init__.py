"""LiveKit: rooms, tokens and webhooks behind the ports of `backend.calls`."""
