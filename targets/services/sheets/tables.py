"""The tables themselves: made with their rows, weighed anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart import audit
from orgchart.errors import Fault, Invalid, VersionConflict
from orgchart.models import Person, Unit
from targets.amounts import plain
from targets.models import Breakdown, Indicator, Plan, SheetMethod, SheetRow, TaskSheet
from targets.queries.sheets import grid
from targets.services.plans import reopen_draft
from targets.services.sheets.cells import hold_sheets, subject_of


@dataclass(frozen=True, slots=True)
class RowEntry:
    """A row of a new sheet; see SheetRow. `indicator` None: the sheet's."""

    breakdown: Breakdown
    unit: Unit | None = None
    indicator: Indicator | None = None
    weight: Decimal | None = None
    part: Decimal | None = None
    total: Decimal | None = None
    season: tuple[str, ...] = ()
    unit_kind: str = ""


@transaction.atomic
def create_sheet(
    *,
    plan: Plan,
    code: str,
    name_zh: str,
    name_en: str,
    indicator: Indicator | None,
    dimension: str,
    rows: Sequence[RowEntry],
    by: Person | None,
    at: datetime,
    kind: str = "units",
    total: Decimal | None = None,
    season: Sequence[str] = (),
    position: int = 0,
) -> TaskSheet:
    """Add a table to a plan, without cells. Raises Invalid for a code that exists."""
    if TaskSheet.objects.filter(plan=plan, code=code).exists():
        raise Invalid(_("The plan has a table %(code)s already.") % {"code": code})
    sheet = TaskSheet.objects.create(
        plan=plan, code=code, name_zh=name_zh, name_en=name_en, kind=kind, indicator=indicator,
        dimension=dimension, total=total, season=list(season), position=position,
    )  # fmt: skip
    SheetRow.objects.bulk_create(
        SheetRow(
            sheet=sheet, unit=row.unit, breakdown=row.breakdown,
            indicator=row.indicator or indicator, weight=row.weight, part=row.part,
            total=row.total, season=list(row.season), unit_kind=row.unit_kind, position=number,
        )
        for number, row in enumerate(rows)
    )  # fmt: skip
    audit.record(
        by=by, at=at, action="create_sheet", subject=subject_of(sheet), district=plan.district,
        changes=[{"key": {"sheet": code}, "before": None, "after": name_zh}],
    )  # fmt: skip
    return sheet


def check_method(method: str, totals: Iterable[Decimal | None]) -> None:
    """Raise Invalid where rows with totals of their own are to be spread by months."""
    if method != SheetMethod.ROW_FIRST and any(total is not None for total in totals):
        sentence = _("Rows with annual totals of their own are spread row by row.")
        raise Invalid(sentence, [Fault("/method", sentence)])


@dataclass(frozen=True, slots=True)
class RowWeight:
    """What a person sets for a row: percentages, or an annual total instead of them."""

    row_id: int
    weight: Decimal | None = None
    part: Decimal | None = None
    total: Decimal | None = None
    history: Decimal | None = None
    capacity: Decimal | None = None


@transaction.atomic
def weigh_sheet(
    *,
    sheet: TaskSheet,
    version: int | None,
    total: Decimal | None,
    season: Sequence[Decimal],
    weights: Sequence[RowWeight],
    by: Person,
    at: datetime,
    method: str | None = None,
) -> TaskSheet:
    """Set what the sheet is broken down by; the cells stay until it is broken down again.

    Rows not listed stay; so does the method while None. Raises Invalid where rows with totals
    of their own are to be spread by months, VersionConflict when somebody weighed it meanwhile.
    """
    [sheet] = hold_sheets({sheet.pk})
    if version is not None and version != sheet.version:
        raise VersionConflict(_("Somebody else changed weights or season meanwhile."))
    rows = {row.pk: row for row in sheet.rows.select_related("unit", "indicator", "breakdown")}
    changes = []

    def note(key: dict[str, str], before: object, after: object) -> bool:
        if before == after:
            return False
        texts = [None if value is None else str(value) for value in (before, after)]
        changes.append({"key": key, "before": texts[0], "after": texts[1]})
        return True

    method = method or sheet.method
    check_method(method, (entry.total for entry in weights))
    note({"field": "method"}, sheet.method, method)
    new_season = [str(value) for value in season]
    if [Decimal(value) for value in sheet.season] != list(season):
        note({"field": "season"}, " ".join(sheet.season), " ".join(new_season))
    note({"field": "total"}, sheet.total, total)
    changed = []
    for entry in weights:
        row = rows.get(entry.row_id)
        if row is None:
            raise Invalid(_("The table has no such row."))
        place = {"unit": row.unit.code if row.unit else "", "breakdown": row.breakdown.code}
        noted = [
            note({**place, "field": name}, getattr(row, name), getattr(entry, name))
            for name in ("weight", "part", "total", "history", "capacity")
        ]
        if any(noted):
            row.weight, row.part, row.total = entry.weight, entry.part, entry.total
            row.history, row.capacity = entry.history, entry.capacity
            changed.append(row)

    if changes:
        TaskSheet.objects.filter(pk=sheet.pk).update(
            season=new_season, total=total, method=method, version=sheet.version + 1
        )
        SheetRow.objects.bulk_update(changed, ["weight", "part", "total", "history", "capacity"])
        reopen_draft(sheet.plan)
        audit.record(
            by=by, at=at, action="weigh_sheet", subject=subject_of(sheet),
            district=sheet.plan.district, changes=changes,
        )  # fmt: skip
        sheet.refresh_from_db(fields=["season", "total", "method", "version"])
    return sheet


@transaction.atomic
def adopt_total(
    *, sheet: TaskSheet, total: Decimal | None, by: Person, at: datetime, source: str = "web"
) -> TaskSheet:
    """Make the sums of the cells the totals of the sheet and of its rows with their own.

    `total` is the sum that the person saw, None where a sheet is not added up. Raises
    VersionConflict when the cells make another by now, Invalid for a sheet without totals.
    """
    [sheet] = hold_sheets({sheet.pk})
    table = grid(sheet, None)
    if total is not None and total != table.total:
        raise VersionConflict(
            _("The cells make %(total)s by now: somebody else changed some. Reload the sheet.")
            % {"total": plain(table.total, table.lines[0].decimals)}
        )
    own = [line for line in table.lines if line.required is not None and line.total is not None]
    if sheet.total is None and not own:
        raise Invalid(_("This table has no total to change."))
    changes: list[dict[str, object]] = []
    rows = []
    for line in own:
        now = (line.total or Decimal(0)) - line.rolled
        before = (line.required or Decimal(0)) - line.rolled
        if now == before:
            continue
        rows.append(SheetRow(pk=line.row_id, total=now))
        key = {"unit": line.unit_code, "breakdown": line.breakdown_code, "field": "total"}
        changes.append({"key": key, "before": str(before), "after": str(now)})
    if sheet.total is not None and table.total is not None:
        now = table.total - sum((line.rolled for line in table.lines), Decimal(0))
        if now != sheet.total:
            key = {"field": "total"}
            changes.append({"key": key, "before": str(sheet.total), "after": str(now)})
        sheet.total = now
    if changes:
        SheetRow.objects.bulk_update(rows, ["total"])
        sheet.version += 1
        sheet.save(update_fields=["total", "version"])
        reopen_draft(sheet.plan)
        audit.record(
            by=by, at=at, action="change_total", subject=subject_of(sheet),
            district=sheet.plan.district, changes=changes, source=source,
        )  # fmt: skip
    return sheet
