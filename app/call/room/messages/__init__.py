"""What the two devices tell each other besides picture and sound: sealed, one topic for each subject."""
