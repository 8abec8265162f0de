"""Ink: identifiers and what is drawn on a label; knows no database and no device."""
