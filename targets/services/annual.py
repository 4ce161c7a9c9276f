"""Annual targets at once: last year taken over from what was published, a save taken back."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart import audit
from orgchart.errors import Locked
from orgchart.models import AuditEntry, Person
from targets.models import AnnualTarget, Driver, Indicator, Plan
from targets.queries.annual import last_save
from targets.queries.published import published_year
from targets.rules.annual import DETAILS, FOLLOWING, OVERALL
from targets.services.plans import (
    LAYERS,
    TargetEntry,
    kept_fields,
    reopen_draft,
    save_annual_targets,
)


@transaction.atomic
def fill_last_year(*, plan: Plan, by: Person, at: datetime) -> int:
    """Put last year's published figures into the tables; return how many rows changed.

    Only what all twelve months report is filled; other figures stay as they were typed.
    Raises Locked when nothing of last year can be filled.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    published = published_year(plan.district_id, plan.year - 1)
    if not published.values:
        raise Locked(
            _("%(year)s has %(count)s published months. Its figures are taken over when all "
              "twelve are published.") % {"year": published.year, "count": len(published.months)}
        )  # fmt: skip
    versions = dict(
        AnnualTarget.objects.filter(plan=plan).values_list("indicator__code", "version")
    )
    known = Indicator.objects.filter(
        district_id=plan.district_id, code__in=DETAILS | set(OVERALL), is_derived=False
    )
    entries = [
        TargetEntry(one.code, versions.get(one.code), base=published.values[one.code])
        for one in known
        if one.code in published.values and "base" not in FOLLOWING.get(one.code, ())
    ]
    return len(save_annual_targets(plan=plan, entries=entries, by=by, at=at, source="published"))


@transaction.atomic
def undo_annual_targets(*, plan: Plan, entry: int, by: Person, at: datetime) -> AuditEntry:
    """Take back the last save of the plan's annual targets: the trail entry with this id.

    The figures before it return, each with the driver it had; what is taken back can be taken
    back in turn. Raises Locked when something was saved since.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    save = last_save(plan)
    if save is None or save.pk != entry:
        raise Locked(_("Something was saved since; open the page again to see it."))
    rows = {
        row.indicator.code: row
        for row in AnnualTarget.objects.select_for_update(of=("self",))
        .filter(plan=plan)
        .select_related("indicator")
    }
    touched = {}
    for change in save.changes:
        code, name = change["key"]["indicator"], change["key"]["field"]
        row = rows.get(code)
        if row is None or kept_fields(row)[name] != change["after"]:
            raise Locked(_("Something was saved since; open the page again to see it."))
        touched[code] = row
    for change in save.changes:
        _put_back(touched[change["key"]["indicator"]], change["key"]["field"], change["before"])
    for row in touched.values():
        for layer in LAYERS:
            is_growth = getattr(row, f"{layer}_growth") is not None
            setattr(row, f"{layer}_driver", Driver.GROWTH if is_growth else Driver.TARGET)
        row.version += 1
        row.save()
    reopen_draft(plan)
    return audit.record(
        by=by, at=at, action="undo_annual_targets", subject=f"plans/{plan.year}/targets",
        district=plan.district,
        changes=[
            change | {"before": change["after"], "after": change["before"]}
            for change in save.changes
        ],
    )  # fmt: skip


def _put_back(row: AnnualTarget, name: str, value: str | None) -> None:
    if name == "reason":
        row.reason = value or ""
    else:
        setattr(row, name, None if value is None else Decimal(value))
