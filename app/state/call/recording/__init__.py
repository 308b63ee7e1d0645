"""Recording in a call, as its screens see it: where to, how it stands, and what is told and remembered of it."""
