"""What every domain stands on; knows no domain and no setting."""
