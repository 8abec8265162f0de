"""The clinic of the scanning tests, whose chair has a printer."""

from tests.app.scanning.conftest import bench, clock

__all__ = ["bench", "clock"]
