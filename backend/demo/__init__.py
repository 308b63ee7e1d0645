"""The demo: only there with RENDEZVOUS_DEMO=1."""
