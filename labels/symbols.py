"""The bars of a code as a row of modules; whoever draws them knows no symbology."""

from barcode.codex import Code128

# Empty modules a reader needs on both sides of a Code 128.
QUIET_MODULES = 10
# Narrower bars are not read reliably from a curved tube.
MODULE_MM_LEAST = 0.19


def code128(text: str) -> str:
    """A Code 128 as `1` for ink and `0` for paper, without the quiet zones."""
    rows: list[str] = Code128(text).build()
    return rows[0]


def bars(modules: str) -> tuple[tuple[int, int], ...]:
    """The inked runs of a row of modules: where each begins and how wide it is."""
    found = []
    start = modules.find("1")
    while start >= 0:
        end = modules.find("0", start)
        end = len(modules) if end < 0 else end
        found.append((start, end - start))
        start = modules.find("1", end)
    return tuple(found)
