"""Writing mails and sending them."""
