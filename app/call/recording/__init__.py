"""Recording of a call into one file on this person's device, with the other's consent."""
