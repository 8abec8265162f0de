"""ZPL drawn by somebody else's program, as a referee; where node and the package are present."""

import base64
import io
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from labels.layout import Layout

HERE = Path(__file__).parent
PACKAGES = HERE.parents[2] / "var" / "referee"  # `make referee` puts the package there
_DPMM = {203: 8, 300: 12, 600: 24}
PATIENCE = 240

needs_referee = pytest.mark.skipif(
    shutil.which("node") is None or not (PACKAGES / "node_modules" / "zpl-renderer-js").is_dir(),
    reason="needs node and `make referee`",
)


def drawn(labels: Sequence[tuple[Layout, bytes]]) -> list[list[Image.Image]]:
    """What is drawn of each text, on a label as large as its layout; one picture a format."""
    told = subprocess.run(
        ["node", str(HERE / "render.mjs"), str(PACKAGES)],
        input="\n".join(_job(one, text) for one, text in labels).encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    return [list(map(_picture, json.loads(line))) for line in told.stdout.splitlines()]


def _job(one: Layout, text: bytes) -> str:
    dpmm = _DPMM[one.dpi]
    size = {"widthMm": one.width / dpmm, "heightMm": one.height / dpmm, "dpmm": dpmm}
    return json.dumps({"zpl": text.decode("ascii"), **size})


def _picture(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text))).convert("L")
