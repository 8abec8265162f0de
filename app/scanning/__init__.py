"""What a scan means where it was made, and the journal of every read."""
