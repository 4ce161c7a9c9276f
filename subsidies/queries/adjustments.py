"""Corrections of sealed lines: those that wait for a sheet, and those of a line."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from orgchart.models import Unit
from subsidies.models import (
    CommissionAdjustment,
    CommissionLine,
    SheetKind,
    SheetState,
    StatementObjection,
)
from targets.months import month_text

_UNSETTLED = Q(sheet=None) | Q(sheet__state=SheetState.RETURNED)


def adjustments_of(district: Unit) -> QuerySet[CommissionAdjustment]:
    """Return the district's adjustments with their lines and people, the latest first."""
    return (
        CommissionAdjustment.objects.filter(line__statement__sheet__district=district)
        .select_related(
            "entered_by",
            "sheet",
            "line__statement__sheet",
            "line__statement__unit",
            "line__statement__dealer",
            "line__statement__person",
        )
        .order_by("-entered_at", "-pk")
    )


def pending_adjustments(
    district: Unit, month: date, kind: str = SheetKind.DEALERS
) -> dict[int, list[CommissionAdjustment]]:
    """Return {payee id: adjustments} of earlier months' lines that a sheet of `month` settles.

    Those of a dealer without a return wait for its next statement, like its debts.
    """
    found: dict[int, list[CommissionAdjustment]] = defaultdict(list)
    for row in (
        adjustments_of(district)
        .filter(
            _UNSETTLED,
            withdrawn_at=None,
            line__statement__sheet__month__lt=month,
            line__statement__sheet__kind=kind,
        )
        .order_by("entered_at", "pk")
    ):
        found[row.line.statement.payee.pk].append(row)
    return found


def reference_of(row: CommissionAdjustment) -> str:
    """Return what a settled line says of its origin: "2026-03/instalment_3/17"."""
    return f"{month_text(row.line.statement.sheet.month)}/{row.line.code}/{row.pk}"


def adjusted(line: CommissionLine) -> Decimal:
    """Return the sum of a line's adjustments that were not withdrawn."""
    found = CommissionAdjustment.objects.filter(line=line, withdrawn_at=None)
    return found.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def objections_of(
    district: Unit, lines: QuerySet[CommissionLine] | None = None
) -> QuerySet[StatementObjection]:
    """Return the objections to the lines (None: all), open ones first."""
    found = StatementObjection.objects.filter(line__statement__sheet__district=district)
    if lines is not None:
        found = found.filter(line__in=lines)
    return found.select_related(
        "line__statement__sheet",
        "line__statement__dealer",
        "line__statement__person",
        "line__statement__unit",
        "raised_by",
        "answered_by",
        "adjustment",
    )
