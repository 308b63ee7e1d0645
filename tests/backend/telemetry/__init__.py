"""What operators see: the log, the figures, the reports."""
