"""What a professional says about themselves."""
