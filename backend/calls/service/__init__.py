"""Entering a session's room, and what is known of who was there. Sessions are the caller's and nothing here commits."""
