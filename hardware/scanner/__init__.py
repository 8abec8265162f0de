"""Handheld barcode scanners: what they send, how they are answered, and one that is simulated."""
