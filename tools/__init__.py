"""What dev.py does, a file a concern. Standard library only: it runs before anything is installed."""
