"""stripe-mock, Stripe's own server that holds requests against its OpenAPI document: found, or built once.

https://github.com/stripe/stripe-mock. It keeps no state; what Stripe does is the fake's in tests/fakes.
"""

import os
import shutil
from pathlib import Path

from tools import golang
from tools.console import Trouble
from tools.paths import BIN, WINDOWS

VERSION = "0.203.0"
BUILT = golang.Program(
    name=f"stripe-mock {VERSION}",
    module=f"github.com/stripe/stripe-mock@v{VERSION}",
    binary="stripe-mock",
    packages=170,
    takes="some seconds, once",
    otherwise="name a stripe-mock with RENDEZVOUS_STRIPE_MOCK",
)


def server() -> Path:
    """The program: named by RENDEZVOUS_STRIPE_MOCK, on PATH, in the project's cache, or built now.

    Raises `Trouble` when it has to be built and cannot be.
    """
    if named := os.environ.get("RENDEZVOUS_STRIPE_MOCK"):
        if not Path(named).is_file():
            raise Trouble(f"RENDEZVOUS_STRIPE_MOCK names {named}, which is not there. Correct it or unset it.")
        return Path(named)
    if found := shutil.which("stripe-mock"):
        return Path(found)
    cached = BIN / f"stripe-mock-{VERSION}{'.exe' if WINDOWS else ''}"
    if not cached.is_file():
        golang.build(BUILT, cached)
    return cached
