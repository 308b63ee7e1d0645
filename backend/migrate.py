"""`python -m backend.migrate`: brings the database at DATABASE_URL to the newest form; run before a new version starts.

By a role that may change tables; the backend itself needs only to read and write rows. Safe while others run it too.
"""

import sys

from sqlalchemy.exc import DatabaseError

from backend.kit.database import Database, unusable
from backend.kit.telemetry.logs import configure_logs
from backend.migrations import current_revision, newest_revision, upgrade
from backend.settings import BadSettings, load_settings


def main() -> int:
    """The exit status: 0 with the revision on stdout, 2 with one sentence on stderr."""
    try:
        settings = load_settings()
        configure_logs(settings.log_format)
        database = Database(settings.database_url)
        try:
            before = current_revision(database)
            upgrade(database)
        finally:
            database.dispose()
    except BadSettings as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (DatabaseError, OSError) as error:
        sys.stderr.write(f"{unusable(error)}\n")
        return 2
    newest = newest_revision()
    change = "as it was" if before == newest else f"before it was {f'at {before}' if before else 'empty'}"
    sys.stdout.write(f"The database is at {newest}; {change}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
