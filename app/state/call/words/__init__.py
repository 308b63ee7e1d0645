"""What the call says, in words. Pure functions of what is known; the call page takes its words from here too."""
