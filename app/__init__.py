"""The client: what a person installs."""
