"""What is said of sessions: their state, who kept the appointment, what a cancellation costs."""
