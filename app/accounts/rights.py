"""Who may do what, where: one line per action. Services ask `demand` before they do anything.

A right is a role held at a site; `*` is every site, and a grant for one site reaches no other.
"""

from collections.abc import Mapping

from app.kernel.errors import Forbidden
from app.kernel.work import Actor, Work

ANY = "*"

PHLEBOTOMIST, TECHNICIAN, MANAGER = "phlebotomist", "technician", "manager"
COORDINATOR, QUALITY, AUDITOR = "site_coordinator", "quality", "auditor"
ADMINISTRATOR, STATION = "administrator", "station"

# What a person can be granted; a station holds its own role at its own site, and no other.
ROLES = (
    PHLEBOTOMIST,
    TECHNICIAN,
    MANAGER,
    COORDINATOR,
    QUALITY,
    AUDITOR,
    ADMINISTRATOR,
)

_P, _T, _M, _C, _Q, _A, _D = ROLES
_S = STATION

# The administrator of accounts has no hand in custody, and who may explain may not own the books.
RIGHTS: Mapping[str, frozenset[str]] = {
    "participant.create": frozenset((_P, _C)),
    "consent.record": frozenset((_P, _C)),
    "withdrawal.record": frozenset((_P, _C, _M)),
    "order.place": frozenset((_P, _C)),
    "kit.open": frozenset((_P, _C)),
    "labels.print": frozenset((_P, _C, _T, _M)),
    "scan.collect": frozenset((_P, _C, _S)),
    "scan.process": frozenset((_P, _C, _T, _S)),
    "scan.pack": frozenset((_P, _C, _T, _S)),
    "package.seal": frozenset((_P, _C, _T, _S)),
    "package.release": frozenset((_P, _C, _T)),
    "package.deliver": frozenset((_T, _M, _S)),
    "package.receive": frozenset((_T, _M)),
    "receipt.close": frozenset((_T, _M)),
    "scan.check_in": frozenset((_T, _M, _S)),
    "condition.note": frozenset((_P, _C, _T, _M, _S)),
    "found.register": frozenset((_P, _C, _T, _M)),
    "place.reserve": frozenset((_T, _M)),
    "place.configure": frozenset((_M, _D)),
    "scan.store": frozenset((_T, _M, _S)),
    "scan.move": frozenset((_T, _M, _S)),
    "correction.make_own": frozenset((_P, _C, _T, _M, _Q, _S)),
    "correction.make": frozenset((_M, _Q)),
    "late_entry.make": frozenset((_P, _C, _T, _M)),
    "alarm.read": frozenset((_P, _C, _T, _M, _Q, _A)),
    "alarm.acknowledge": frozenset((_P, _C, _T, _M, _Q)),
    "alarm.assign": frozenset((_C, _M, _Q)),
    "gap.explain": frozenset((_C, _M, _Q)),
    "subject.read": frozenset((_P, _C, _T, _M, _Q, _A)),
    "timeline.read": frozenset((_P, _C, _T, _M, _Q, _A)),
    "lost.declare": frozenset((_M, _Q)),
    "account.manage": frozenset((_D,)),
    "station.manage": frozenset((_D,)),
    "ledger.verify": frozenset((_M, _Q, _A, _D)),
    "seal.make": frozenset((_Q, _D)),
    "backup.make": frozenset((_D,)),
    "limits.read": frozenset(ROLES),
    "limits.change": frozenset((_Q,)),
    "link.read": frozenset((_C, _Q)),
}


class NotYourTask(Forbidden):
    """None of the caller's roles may do this, at any site."""

    message = "Your role does not include this"
    advice = "Ask someone whose role it is"


class AnotherSite(Forbidden):
    """The caller may do this, but not where it would be done."""

    message = "It belongs to another site"
    advice = "Ask someone at that site"


def demand(work: Work, action: str, *, site: str, programme: str | None = None) -> None:
    """Go on only if the actor may do this at this site; ANY asks for the right at every site.

    Raises NotYourTask, or AnotherSite where the same would be allowed elsewhere.
    """
    if may(work.actor, action, site=site, programme=programme):
        return
    raise AnotherSite if sites_where(work.actor, action, programme=programme) else NotYourTask


def demand_somewhere(work: Work, action: str) -> None:
    """Go on only if the actor may do this at some site: for lists, which then show those sites.

    Raises NotYourTask.
    """
    if not sites_where(work.actor, action):
        raise NotYourTask


def may(actor: Actor, action: str, *, site: str, programme: str | None = None) -> bool:
    """Whether the actor may do this at this site; without a programme, any of theirs will do."""
    sites = sites_where(actor, action, programme=programme)
    return ANY in sites or site in sites


def sites_where(actor: Actor, action: str, *, programme: str | None = None) -> frozenset[str]:
    """The sites at which the actor may do this; with ANY among them, every site. For lists."""
    if actor.system:
        return frozenset((ANY,))
    roles = RIGHTS[action]
    return frozenset(
        site
        for role, site, granted in actor.grants
        if role in roles and (programme is None or granted in (ANY, programme))
    )
