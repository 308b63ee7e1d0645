"""Alembic's environment: runs inside the connection that `backend.migrations.upgrade` hands over.

A new migration is a new file in versions/ with the next number; `upgrade` finds it.
"""

from alembic import context

from backend.kit.database import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata)
context.run_migrations()
