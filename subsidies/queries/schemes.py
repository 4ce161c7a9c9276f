"""Commission schemes: the versions, the drafts, and when a new one may begin; each kind apart."""

from datetime import date

from orgchart.models import Unit
from subsidies.models import CommissionScheme, CommissionSheet, SchemeDraft, SheetKind, SheetState
from targets.months import month_after


def versions(district: Unit, kind: str = SheetKind.DEALERS) -> list[CommissionScheme]:
    """Return the published versions, the latest first."""
    return list(
        CommissionScheme.objects.filter(district=district, kind=kind)
        .select_related("published_by")
        .order_by("-valid_from", "-pk")
    )


def drafts(district: Unit, kind: str = SheetKind.DEALERS) -> list[SchemeDraft]:
    """Return what is being written."""
    found = SchemeDraft.objects.filter(district=district, kind=kind)
    return list(found.select_related("saved_by"))


def last_month_with_sheet(district: Unit, kind: str = SheetKind.DEALERS) -> date | None:
    """Return the latest month with a sheet that is not void: no version may begin in it."""
    return (
        CommissionSheet.objects.filter(district=district, kind=kind)
        .exclude(state=SheetState.VOID)
        .order_by("-month")
        .values_list("month", flat=True)
        .first()
    )


def earliest_start(district: Unit, today: date, kind: str = SheetKind.DEALERS) -> date:
    """Return the first month a new version may begin with; without a past, this one."""
    settled = last_month_with_sheet(district, kind)
    every = CommissionScheme.objects.filter(district=district, kind=kind)
    latest = every.order_by("-valid_from").first()
    taken = [
        month.replace(day=1)
        for month in (settled, latest.valid_from if latest else None)
        if month is not None
    ]
    return month_after(max(taken)) if taken else today.replace(day=1)


def version_before(
    district: Unit, valid_from: date, kind: str = SheetKind.DEALERS
) -> CommissionScheme | None:
    """Return the version that one beginning in that month follows."""
    return (
        CommissionScheme.objects.filter(district=district, kind=kind, valid_from__lt=valid_from)
        .order_by("-valid_from", "-pk")
        .first()
    )
