"""The check digits carriers put into their numbers, one function per algorithm."""

from collections.abc import Callable, Mapping, Sequence

S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def gs1_mod10(body: str, weights: Sequence[int]) -> int:
    """From the right 3, 1, 3, 1 …; the complement to ten."""
    del weights  # fixed by the standard
    return -sum(int(digit) * (3, 1)[i % 2] for i, digit in enumerate(reversed(body))) % 10


def weighted_mod11_mod10(body: str, weights: Sequence[int]) -> int:
    """The form's weights over and over from the left; modulo eleven, then ten."""
    total = sum(int(digit) * weights[i % len(weights)] for i, digit in enumerate(body))
    return total % 11 % 10


def ups_mod10(body: str, weights: Sequence[int]) -> int:
    """Letters become digits; every second place counts twice; the complement to ten."""
    del weights  # fixed by the carrier
    values = (int(c) if c.isdigit() else (ord(c) - 3) % 10 for c in body)
    return -sum(value * (1, 2)[i % 2] for i, value in enumerate(values)) % 10


def s10_mod11(body: str, weights: Sequence[int]) -> int:
    """The postal union's own weights; ten becomes zero, eleven becomes five."""
    del weights  # fixed by the standard
    total = sum(int(digit) * weight for digit, weight in zip(body, S10_WEIGHTS, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


def mod7(body: str, weights: Sequence[int]) -> int:
    """The body as one number, modulo seven."""
    del weights  # none
    return int(body) % 7


ALGORITHMS: Mapping[str, Callable[[str, Sequence[int]], int]] = {
    "gs1_mod10": gs1_mod10,
    "weighted_mod11_mod10": weighted_mod11_mod10,
    "ups_mod10": ups_mod10,
    "s10_mod11": s10_mod11,
    "mod7": mod7,
}
