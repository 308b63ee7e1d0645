"""Exporting and deleting, each in a transaction of the caller's."""
