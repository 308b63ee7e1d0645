"""Test money and accounts of the demo, with pages of their own, behind the ports of `backend.payments`."""
