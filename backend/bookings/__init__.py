"""Sessions: holding, confirming, listing and releasing them; what is free is known here."""
