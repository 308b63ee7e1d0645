"""What runs in the process that writes: from messages and shared frames to the finished file."""
