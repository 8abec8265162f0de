"""The web floor alone, to which a test adds the routes it asks about."""

from pathlib import Path

import pytest
from flask import Flask

from tests.app.web.house import make_house


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_house(tmp_path)
