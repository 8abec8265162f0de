"""Participants: pseudonyms, what they consented to, and whether they withdrew. Never a name."""
