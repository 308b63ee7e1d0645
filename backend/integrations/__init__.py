"""Adapters to other servers; each implements a port that a domain declares."""
