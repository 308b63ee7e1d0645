"""What a device or a browser tab keeps for its person between two starts."""
