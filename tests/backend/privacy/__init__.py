"""A person's own data: exported, deleted."""
