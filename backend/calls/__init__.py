"""Entering the room of a booking."""
