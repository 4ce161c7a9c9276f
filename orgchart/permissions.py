"""Who may do what: the permission table of the product, as data.

A capability is granted to a role within a scope: ALL of the district, OWN unit, or the
SUPERVISED unit. A person may have several roles; the widest scope counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from orgchart.models import Person, Role, Unit


class Scope(Enum):
    ALL = "all"
    OWN = "own"
    SUPERVISED = "supervised"


_A, _O, _S = Scope.ALL, Scope.OWN, Scope.SUPERVISED
_HEAD, _CLERK, _AUDITOR = Role.HEAD, Role.CLERK, Role.AUDITOR
_MANAGER, _STAFF, _SUPERVISOR, _ADMIN = Role.MANAGER, Role.STAFF, Role.SUPERVISOR, Role.ADMIN

CAPABILITIES: dict[str, dict[str, Scope]] = {
    "organisation.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S, _ADMIN: _A,
    },
    "organisation.write": {_CLERK: _A, _ADMIN: _A},
    "accounts.write": {_ADMIN: _A},
    "targets.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S,
    },
    "targets.write": {_HEAD: _A},
    "targets.release": {_HEAD: _A},
    # Sums and ratios that nothing uses yet; what is in force is rewritten by the head alone.
    "indicators.define": {_HEAD: _A, _CLERK: _A},
    "tasks.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S,
    },
    "tasks.write": {_HEAD: _A, _CLERK: _A},
    "unit_plans.write": {_MANAGER: _O},
    "tasks.answer": {_MANAGER: _O},
    "actuals.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S,
    },
    "actuals.write": {_CLERK: _A, _MANAGER: _O},
    "actuals.verify": {_AUDITOR: _A},
    "adjustments.read": {_HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O},
    "adjustments.request": {_CLERK: _A, _MANAGER: _O},
    "adjustments.verify": {_AUDITOR: _A},
    "adjustments.approve": {_HEAD: _A},
    "events.write": {_CLERK: _A, _AUDITOR: _A},
    "rules.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _A, _STAFF: _A, _SUPERVISOR: _A,
    },
    "rules.write": {_HEAD: _A},
    "rules.propose": {_MANAGER: _O},
    "leaderboard.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _A, _STAFF: _A, _SUPERVISOR: _A,
    },
    "bulletins.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _A, _STAFF: _A, _SUPERVISOR: _A,
    },
    "bulletins.issue": {_CLERK: _A},
    "walls.manage": {_HEAD: _A, _CLERK: _A},
    "reasons.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S,
    },
    "month.read": {_HEAD: _A, _CLERK: _A, _AUDITOR: _A},
    "month.close": {_CLERK: _A},
    "month.publish": {_HEAD: _A, _CLERK: _A},
    "month.reopen": {_HEAD: _A},
    "subsidies.read": {_HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _SUPERVISOR: _S},
    "subsidies.write": {_CLERK: _A},
    "subsidies.approve": {_HEAD: _A},
    # Whose page shows claims at all: readers of units' claims, and writers, who see their own.
    "claims.open": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S,
    },
    "claims.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _SUPERVISOR: _S,
    },
    "claims.write": {_MANAGER: _O, _STAFF: _O},
    "claims.approve": {_HEAD: _A},
    "claims.check": {_CLERK: _A},
    # Whose page shows commissions at all: readers of sheets, and staff, who see their own lines.
    "commissions.open": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O,
    },
    "commissions.read": {_HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O},
    "commissions.make": {_CLERK: _A},
    "commissions.audit": {_AUDITOR: _A},
    "commissions.approve": {_HEAD: _A},
    "commissions.pay": {_CLERK: _A},
    "commissions.object": {_MANAGER: _O, _STAFF: _O},
    "commissions.answer": {_CLERK: _A, _AUDITOR: _A},
    "schemes.write": {_HEAD: _A, _CLERK: _A},
    "schemes.publish": {_HEAD: _A},
    "competition.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _A, _STAFF: _A, _SUPERVISOR: _A,
    },
    "competition.propose": {_CLERK: _A},
    "competition.draft": {_HEAD: _A, _CLERK: _A},
    "competition.object": {_MANAGER: _O},
    "competition.approve": {_HEAD: _A},
    # Results of campaigns that are entered.
    "campaigns.report": {_CLERK: _A, _MANAGER: _O},
    # Field work: accounts and visits; confirming signs a group or gives work to somebody.
    "field.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S,
    },
    "field.write": {_CLERK: _A, _MANAGER: _O, _STAFF: _O},
    "field.confirm": {_CLERK: _A, _MANAGER: _O},
    "field.audit": {_AUDITOR: _A},
    # Takings, statements and sampled papers; the auditor writes (field.audit).
    "audit.read": {_HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _SUPERVISOR: _S},
    # Personal goals: staff see and report their own.
    "goals.read": {_HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _SUPERVISOR: _S},
    "field.rules": {_HEAD: _A, _CLERK: _A},
    # Promotions: planned and reported by the unit, decided by the head.
    "promotions.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S,
    },
    "promotions.write": {_CLERK: _A, _MANAGER: _O, _STAFF: _O},
    "promotions.approve": {_HEAD: _A},
    # What outlets activate day by day, of the whole district.
    "outlets.report": {_CLERK: _A},
    # Call-backs: the full number is for the assigned caller and the unit's manager only.
    "retention.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S,
    },
    "retention.call": {_MANAGER: _O, _STAFF: _O},
    "retention.assign": {_CLERK: _A, _MANAGER: _O},
    # The store: requests go to the unit's manager or the head, the clerk keeps and issues.
    "stock.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S,
    },
    "stock.request": {_MANAGER: _O, _STAFF: _O},
    "stock.approve": {_HEAD: _A, _MANAGER: _O},
    "stock.keep": {_CLERK: _A},
    # Summaries: whose page shows any, whose staff's one reads, who writes and who answers.
    "summaries.open": {_HEAD: _A, _CLERK: _A, _MANAGER: _O, _STAFF: _O, _SUPERVISOR: _S},
    "summaries.read": {_HEAD: _A, _CLERK: _A, _MANAGER: _O, _SUPERVISOR: _S},
    "summaries.write": {_MANAGER: _O, _STAFF: _O},
    "summaries.lead": {_MANAGER: _O},
    "summaries.answer": {_HEAD: _A, _MANAGER: _O},
    "trail.read": {
        _HEAD: _A, _CLERK: _A, _AUDITOR: _A, _MANAGER: _O, _SUPERVISOR: _S, _ADMIN: _A,
    },
    "workbook.import": {_CLERK: _A, _ADMIN: _A},
    "workbook.export": {_HEAD: _A, _CLERK: _A, _AUDITOR: _A, _ADMIN: _A},
}  # fmt: skip


@dataclass(frozen=True)
class Actor:
    """A signed-in person with the roles and units that hold on a day.

    `person` and `district` are read when something is asked of them.
    """

    person: Person
    district: Unit
    district_id: int
    roles: frozenset[str]
    own_unit_ids: frozenset[int]
    supervised_unit_ids: frozenset[int]
    post_name: str  # of the first post
    on: date

    def scopes(self, capability: str) -> set[Scope]:
        grants = CAPABILITIES[capability]
        return {grants[role] for role in self.roles if role in grants}

    def can(self, capability: str, unit: Unit | int | None = None) -> bool:
        """Return whether the capability holds at all, or for the given unit (or its id)."""
        scopes = self.scopes(capability)
        if unit is None or Scope.ALL in scopes:
            return bool(scopes)
        unit_id = unit if isinstance(unit, int) else unit.pk
        return unit_id in (self.unit_ids(capability) or ())

    def unit_ids(self, capability: str) -> frozenset[int] | None:
        """Return the units the capability covers; None means the whole district."""
        scopes = self.scopes(capability)
        if Scope.ALL in scopes:
            return None
        covered: frozenset[int] = frozenset()
        if Scope.OWN in scopes:
            covered |= self.own_unit_ids
        if Scope.SUPERVISED in scopes:
            covered |= self.supervised_unit_ids
        return covered

    def demand(self, capability: str, unit: Unit | int | None = None) -> None:
        """Raise PermissionDenied unless the capability holds."""
        if not self.can(capability, unit):
            raise PermissionDenied(holders_text(capability))


def holders_text(capability: str) -> str:
    """Return the sentence that says whose posts allow it."""
    names = [
        ("%(role)s" if scope is Scope.ALL else _("%(role)s (own unit)"))
        % {"role": Role(role).label}
        for role, scope in CAPABILITIES[capability].items()
    ]
    return _("Your post does not allow this; it is for: %(roles)s.") % {
        "roles": _(", ").join(names)
    }


def require(capability: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard a view function: 403 unless the signed-in person has the capability somewhere."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            request.actor.demand(capability)
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return decorate
