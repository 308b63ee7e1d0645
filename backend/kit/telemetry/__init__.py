"""What operators see of a running backend: its log (`logs`), its figures (`metrics`), and one line a request
(`requests`). Nothing of it may hold what people write: every line passes `scrubbing` on its way out.
"""
