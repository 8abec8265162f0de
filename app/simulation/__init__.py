"""A programme that behaves, and misbehaves on purpose: the demo, its world and its check."""
