"""Sending: boxes into packages, packages sealed, released to a courier, delivered."""
