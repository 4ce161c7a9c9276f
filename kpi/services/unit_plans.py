"""A unit's own plan saved: the short one of a month, the long one of a year (plan §8.3)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kpi.closed import closed_months
from kpi.models import LongTarget, ShortPlan
from orgchart import audit
from orgchart.errors import Locked, VersionConflict
from orgchart.models import Person, Unit
from targets.months import month_text

SHORT = ("shop_promotion", "outdoor_promotion", "measures")
LONG = (
    "contracts", "promotions", "promotion_users", "partner_outlets", "exclusive_shops",
    "supply_shops", "groups", "measures",
)  # fmt: skip


@transaction.atomic
def save_short_plan(
    *, unit: Unit, month: date, figures: Mapping[str, Any], version: int, by: Person, at: datetime
) -> ShortPlan:
    """Save the promotions of a month; `version` is the one seen, 0 before the first.

    Raises Locked in a month that is closed, VersionConflict when somebody saved meanwhile.
    """
    assert unit.district_id is not None
    if closed_months(district_id=unit.district_id, months=[month], hold=True):
        raise Locked(_("%(month)s is closed: its plan stays as it is.")
                     % {"month": month_text(month)})  # fmt: skip
    row, _new = ShortPlan.objects.get_or_create(unit=unit, month=month)
    subject = f"unit-plans/{unit.code}/{month_text(month)}"
    return _saved(ShortPlan, row.pk, SHORT, figures, version, subject, unit, by, at)


@transaction.atomic
def save_long_target(
    *, unit: Unit, year: int, figures: Mapping[str, Any], version: int, by: Person, at: datetime
) -> LongTarget:
    """Save what a unit builds in a year. Raises VersionConflict."""
    row, _new = LongTarget.objects.get_or_create(unit=unit, year=year)
    subject = f"unit-plans/{unit.code}/{year}"
    return _saved(LongTarget, row.pk, LONG, figures, version, subject, unit, by, at)


def _saved(
    model: Any, pk: int, names: tuple[str, ...], figures: Mapping[str, Any], version: int,
    subject: str, unit: Unit, by: Person, at: datetime,
) -> Any:  # fmt: skip
    row = model.objects.select_for_update().get(pk=pk)
    if row.version != version:
        raise VersionConflict(
            _("Somebody else saved this plan meanwhile; what is stored now stands beside.")
        )
    changes = [
        {"key": {"field": name}, "before": getattr(row, name), "after": figures[name]}
        for name in names
        if getattr(row, name) != figures[name]
    ]
    if not changes:
        return row
    for name in names:
        setattr(row, name, figures[name])
    row.version += 1
    row.save()
    audit.record(
        by=by, at=at, action="unit_plan.save", subject=subject, district=unit.district,
        unit=unit, changes=changes,
    )  # fmt: skip
    return row
