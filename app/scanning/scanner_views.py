"""The page that checks a scanner: codes to scan, and what is wrong with how they arrive."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.scanning.check_codes import CODES, pictures
from app.scanning.scanner_ways import WAYS
from app.web import guard

blueprint = Blueprint("scanner", __name__)


@blueprint.get("/scanner")
@guard.signed_in
def scanner() -> ResponseReturnValue:
    """Codes that are nobody's tube, judged in the browser; nothing of it is sent."""
    return render_template(
        "scanning/scanner.html", pictures=pictures(), ways=WAYS, page={"codes": list(CODES)}
    )
