"""How often something may be done: `table` has every limit, `counting` counts, `lines` says whose line an address is.

Decision 19 says what this stops and what it does not.
"""
