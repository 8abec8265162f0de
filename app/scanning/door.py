"""From a request's body to the reads in it, each on its own: a bad one holds up no other."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

from flask_babel import gettext

from app.accounts.capture import captured_by
from app.scanning.scan import RAW_MOST, Fault, Scan, Sent
from app.scanning.schemas import BATCH_MOST, SCAN, envelope
from app.web.catalogue import N_
from app.web.errors import DoesNotFit
from app.web.errors import Fault as Misfit
from app.web.json_body import json_body
from app.web.schema import read

BATCH = "scans"


def sent() -> tuple[list[Sent], bool]:
    """The reads in this request, and whether it is a single one.

    Raises DoesNotFit where it is no read or no list of reads, or where one does not say which
    read it is; whatever else is wrong with one is its own.
    """
    # A device may read anything, a NUL too: the read is written down escaped, not thrown away.
    body = json_body(hidden=True)
    single = not (isinstance(body, Mapping) and BATCH in body)
    items = [body] if single else _items(cast("Mapping[str, object]", body))
    kept: list[Sent] = []
    misfits: list[Misfit] = []
    people: dict[str, int | None] = {}
    for place, item in enumerate(items):
        path = "" if single else f"{BATCH}.{place}."
        if not isinstance(item, Mapping):
            misfits.append(
                Misfit(path=path.rstrip("."), message=str(gettext(N_("This must be an object"))))
            )
            continue
        scan, unfit = _scan(item)
        # What can be read says which read it is; of what cannot, that much is asked for.
        which, faults = (_which(scan), {}) if scan is not None else envelope(item)
        misfits += [Misfit(path=path + name, message=text) for name, text in faults.items()]
        if not faults:
            kept.append(_sent(item, which, scan, unfit, people))
    if misfits:
        raise DoesNotFit(*misfits[:100])
    return kept, single


def _items(body: Mapping[str, object]) -> list[object]:
    items = body[BATCH]
    others = [name for name in body if name != BATCH]
    if others:
        raise DoesNotFit(
            Misfit(path=ascii(others[0])[:40], message=str(gettext(N_("Nobody knows this name"))))
        )
    if not isinstance(items, list):
        raise DoesNotFit(Misfit(path=BATCH, message=str(gettext(N_("This must be a list")))))
    if not 1 <= len(items) <= BATCH_MOST:
        words = str(gettext(N_("This must hold from %(least)s to %(most)s")))
        raise DoesNotFit(Misfit(path=BATCH, message=words % {"least": 1, "most": BATCH_MOST}))
    return items


def _which(scan: Scan) -> dict[str, Any]:
    return {"id": scan.id, "device_id": scan.device_id, "device_seq": scan.device_seq}


def _sent(
    item: Mapping[str, object],
    which: Mapping[str, Any],
    scan: Scan | None,
    faults: tuple[Fault, ...],
    people: dict[str, int | None],
) -> Sent:
    token = scan.capture if scan else None
    if token is not None and token not in people:
        people[token] = captured_by(token)
    made_by = people[token] if token is not None else None
    return Sent(
        **which,
        body_hash=_hash(item),
        raw=str(item.get("raw", ""))[:RAW_MOST].encode("utf-8", "surrogatepass"),
        scan=scan,
        faults=faults,
        made_by=made_by,
        unknown=token is not None and made_by is None,
    )


def _scan(item: Mapping[str, object]) -> tuple[Scan | None, tuple[Fault, ...]]:
    try:
        return read(SCAN, item), ()
    except DoesNotFit as error:
        return None, tuple(Fault(path=f.path, message=f.message) for f in error.faults)


def _hash(item: Mapping[str, object]) -> bytes:
    """The same for the same read, however its names are ordered and however often it was sent.

    Whether it had to wait is not part of what was read: a device learns of that between two tries.
    """
    read_itself = {name: value for name, value in item.items() if name != "queued"}
    return hashlib.sha256(json.dumps(read_itself, sort_keys=True).encode("ascii")).digest()
