"""What was read: one of our codes, a command card, somebody else's code, or nothing usable."""

import re
from collections.abc import Mapping

from app.custody.ledger import Sort
from app.scanning.scan import Read, Say
from app.scanning.steps import STEPS
from labels import code

SORTS: Mapping[str, Sort] = {
    "TB": Sort.TUBE,
    "KT": Sort.KIT,
    "BX": Sort.BOX,
    "RK": Sort.RACK,
    "PK": Sort.PACKAGE,
    "SF": Sort.PLACE,
    "FZ": Sort.PLACE,
}
# What a foreign form may stand for; other kinds are read and have no chain here.
FOREIGN_SORTS: Mapping[str, Sort] = {
    "kit": Sort.KIT,
    "tube": Sort.TUBE,
    "aliquot": Sort.TUBE,
    "box": Sort.BOX,
    "package": Sort.PACKAGE,
}

# Which kinds of foreign code a step expects.
FORMS: Mapping[str, tuple[str, ...]] = {name: step.foreign for name, step in STEPS.items()}

_REFUSALS: Mapping[type[code.CodeRefused], Say] = {
    code.TooLong: Say.TOO_LONG,
    code.WrongCheckCharacter: Say.CHECK_CHARACTER,
    code.DoubledRead: Say.DOUBLED,
    code.UnknownNamespace: Say.NOT_OURS,
    code.NotACode: Say.NOT_OURS,
}


def read(raw: str, foreign: Mapping[str, re.Pattern[str]], kinds: Mapping[str, str]) -> Read | Say:
    """What the device read, or why it is nothing that can be used.

    `foreign` are the forms that are expected here, `kinds` what each of them stands for.
    """
    try:
        found = code.recognise(raw, foreign)
    except code.CodeRefused as error:
        return next(_REFUSALS[kind] for kind in type(error).__mro__ if kind in _REFUSALS)
    if isinstance(found, code.Foreign):
        kind = kinds[found.namespace]
        return Read(text=found.text, namespace=found.namespace, kind=kind, foreign=True)
    ours = found.code
    return Read(
        text=ours.text,
        namespace=ours.namespace,
        kind=ours.kind,
        command=code.command(ours.text),
    )


def sort_of(found: Read) -> Sort | None:
    """What sort of subject this is a code of; None for what has no chain."""
    return FOREIGN_SORTS.get(found.kind) if found.foreign else SORTS.get(found.namespace)
