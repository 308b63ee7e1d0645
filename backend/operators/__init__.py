"""What operators do for people, by `python -m backend.admin`: each action with a reason, kept in the audit log."""
