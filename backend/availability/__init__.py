"""The hours that professionals offer."""
