"""`python -m backend`: serves. Settings come from the environment."""

import sys

from backend.kit.telemetry.logs import configure_logs
from backend.kit.telemetry.reporting import report_errors
from backend.serving import CannotStart, serve
from backend.settings import BadSettings, load_settings


def main() -> int:
    """The process's exit status: 0 after a normal stop, 2 with one sentence on stderr if it cannot start."""
    try:
        settings = load_settings()
        configure_logs(settings.log_format)
        report_errors(settings.sentry_dsn.get_secret_value())
        serve(settings)
    except (BadSettings, CannotStart) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        pass  # uvicorn has stopped in order; Ctrl-C is a normal way to end
    return 0


if __name__ == "__main__":
    sys.exit(main())
