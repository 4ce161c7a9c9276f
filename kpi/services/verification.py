"""The auditor verifies what a unit has returned, or sends figures back with a reason."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpi.models import Actual, CheckState, Verification
from kpi.queries.cells import Cell, Key, expected_cells
from kpi.services.months import hold_open
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Refused, VersionConflict
from orgchart.models import Person, Role, Unit
from orgchart.queries.notifications import holders
from orgchart.services.notifications import in_both, notify
from targets.months import month_text

Verdict = Verification.Verdict


@transaction.atomic
def verify_returns(
    *, unit: Unit, month: date, seen: Mapping[Key, int], by: Person, at: datetime
) -> Verification:
    """Verify a unit's figures of an open month, exactly as they were `seen` (key → version).

    Raises Locked, Invalid when nothing is reported, VersionConflict when a figure was entered or
    changed since, Refused for a figure that `by` reported.
    """
    hold_open(district_id=unit.district_id, month=month)
    cells = _reported(unit, month)
    if not cells:
        raise Invalid(_("%(unit)s has reported nothing yet.") % {"unit": unit.name})
    _not_own(cells, by)
    if {cell.key: cell.version for cell in cells} != dict(seen):
        raise _changed(unit)
    _mark(cells, month, CheckState.VERIFIED, unit)
    return _record(unit, month, Verdict.VERIFIED, cells, by=by, at=at)


@transaction.atomic
def send_back(
    *,
    unit: Unit,
    month: date,
    keys: Collection[Key],
    seen: Mapping[Key, int],
    reason: str,
    by: Person,
    at: datetime,
) -> Verification:
    """Send figures of an open month back to the unit's manager, who is told why.

    Raises as `verify_returns` does, and Invalid without a reason or a figure.
    """
    hold_open(district_id=unit.district_id, month=month)
    if not reason.strip():
        detail = _("Write why the figures are sent back.")
        raise Invalid(detail, [Fault("/reason", detail)])
    chosen = [cell for cell in _reported(unit, month) if cell.key in keys]
    if not chosen or len(chosen) != len(set(keys)):
        detail = _("Choose the figures that are sent back.")
        raise Invalid(detail, [Fault("/cells", detail)])
    _not_own(chosen, by)
    if any(seen.get(cell.key) != cell.version for cell in chosen):
        raise _changed(unit)
    _mark(chosen, month, CheckState.RETURNED, unit)
    act = _record(unit, month, Verdict.RETURNED, chosen, by=by, at=at, reason=reason.strip()[:200])
    _tell(act, len(chosen))
    return act


def _reported(unit: Unit, month: date) -> list[Cell]:
    """Return the unit's reported cells; the district itself is a unit here."""
    ids = None if unit.pk == unit.district_id else [unit.pk]
    return [
        cell
        for cell in expected_cells(unit.district_id, month, ids)
        if cell.unit.pk == unit.pk and cell.value is not None
    ]


def _not_own(cells: Sequence[Cell], by: Person) -> None:
    if any(cell.actual and cell.actual.reported_by_id == by.pk for cell in cells):
        raise Refused(_("Whoever reported a figure cannot verify it."))


def _changed(unit: Unit) -> VersionConflict:
    return VersionConflict(
        _("%(unit)s changed its figures meanwhile. Look at them again.") % {"unit": unit.name}
    )


def _mark(cells: Sequence[Cell], month: date, state: CheckState, unit: Unit) -> None:
    """Mark the cells in the version they were read in: an entry in between makes it a conflict."""
    as_read = Q()
    for cell in cells:
        _unit_id, indicator_id, breakdown_id = cell.key
        as_read |= Q(indicator_id=indicator_id, breakdown_id=breakdown_id) & _version(cell)
    marked = Actual.objects.filter(as_read, month=month, unit=unit).update(check_state=state)
    if marked != len(cells):
        raise _changed(unit)


def _version(cell: Cell) -> Q:
    return Q(version=cell.version)


def _record(
    unit: Unit,
    month: date,
    verdict: str,
    cells: Sequence[Cell],
    *,
    by: Person,
    at: datetime,
    reason: str = "",
) -> Verification:
    act = Verification.objects.create(
        unit=unit, month=month, verdict=verdict, by=by, at=at, reason=reason
    )
    changes: list[dict[str, Any]] = [
        {
            "key": {
                "unit": unit.code,
                "indicator": cell.indicator.code,
                "breakdown": cell.breakdown.code,
                "month": month_text(month),
            },
            "before": CheckState(cell.actual.check_state).name.lower() if cell.actual else None,
            "after": str(verdict),
        }
        for cell in cells
    ]
    audit.record(
        by=by,
        at=at,
        action=f"returns.{verdict}",
        subject=f"returns/{unit.code}/{month_text(month)}",
        district=unit.district,
        unit=unit,
        changes=changes,
        reason=reason,
    )
    return act


def _tell(act: Verification, count: int) -> None:
    unit = act.unit
    people = holders(unit.district, [Role.MANAGER], business_day(act.at), [unit.pk])
    if unit.pk == unit.district_id:
        people = holders(unit.district, [Role.CLERK], business_day(act.at))

    def say() -> str:
        text = ngettext(
            "%(count)s figure of %(month)s was sent back: %(reason)s",
            "%(count)s figures of %(month)s were sent back: %(reason)s",
            count,
        )
        return text % {"count": count, "month": month_text(act.month), "reason": act.reason}

    zh, en = in_both(say)
    url = f"{reverse('actuals')}?month={month_text(act.month)}&unit={unit.code}"
    notify(people, zh=zh, en=en, url=url, key=f"returns/{act.pk}", at=act.at)
