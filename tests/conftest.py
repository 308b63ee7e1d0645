"""How Hypothesis looks for examples: at random everywhere. By itself it tries the same few in every run of a CI."""

import os

from hypothesis import settings

settings.register_profile("ci", deadline=None, derandomize=False, print_blob=True)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
