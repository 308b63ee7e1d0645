"""What serves the app: accounts, hours, bookings and the keys to a call."""
