"""Entering the room of a session."""
