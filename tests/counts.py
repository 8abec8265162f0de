"""How much: little in `make test`, all of it in `make soak`; how many examples of a property."""

import os

from hypothesis import HealthCheck, settings

SOAK = os.environ.get("UNBROKEN_SOAK") == "1"


def counted(*, reduced: int, full: int) -> settings:
    """Settings for a property: the same examples every time, no deadline of its own."""
    return settings(
        max_examples=full if SOAK else reduced,
        deadline=None,
        derandomize=not SOAK,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
