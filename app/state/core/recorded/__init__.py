"""The files that this device recorded, and opening them."""
