"""Recording: consent, what is written, and its file."""
