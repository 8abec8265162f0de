"""Receiving: a package opened at a dock, everything in it checked in, compared with its list."""
