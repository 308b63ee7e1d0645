"""What happens to bookings. Sessions are the caller's and nothing here commits, unless a function says that it opens
its own short transactions: between them another server is asked, which no transaction may wait for."""
