"""What keys do in a call, and where they are listed."""
