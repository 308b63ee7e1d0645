"""Bookings: holding, confirming, listing and releasing them, and which slots are free.

What this code calls a booking, people call a session: screens, paths, JSON fields, error names and sentences to people
keep that word. Elsewhere in the backend a session is SQLAlchemy's.
"""
