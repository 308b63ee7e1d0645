"""The app for browsers: one process serves many people, each in a session of their own."""
