"""What belongs to a person: all of it in one file, and its end. Stands above every domain that keeps some of it."""
