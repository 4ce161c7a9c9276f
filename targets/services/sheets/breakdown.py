"""Breaking a sheet down into monthly tasks that add up exactly (plan §4, rules §3)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart.errors import Fault, Invalid, VersionConflict
from orgchart.models import Person
from targets.models import SheetKind, SheetMethod, SheetRow, Task, TaskSheet
from targets.months import months_of
from targets.queries.closed import closed_months
from targets.queries.weighing import reported_cells
from targets.rules import breakdown as rules
from targets.rules.breakdown import Impossible, Obstacle
from targets.services.sheets.cells import TaskEntry, hold_sheets, tasks_at, write_tasks
from targets.services.sheets.tables import check_method
from targets.templatetags.amounts import amount as written

HUNDRED = Decimal(100)


@transaction.atomic
def break_down(
    *,
    sheet: TaskSheet,
    by: Person,
    at: datetime,
    version: int | None = None,
    row_ids: Collection[int] | None = None,
    method: str | None = None,
    source: str = "web",
) -> list[Task]:
    """Spread the sheet's totals over its rows and months, and return the tasks that changed.

    By the sheet's method (rules §3); rows first: total → unit → breakdown → month. Rows with a
    total of their own keep it and take no part in the weights. Locked cells and closed months
    keep their values, the rest of the row (or of the month) moves. With `row_ids` only these
    rows are written. Raises Invalid where weights do not make 100 or locks leave no way,
    VersionConflict when the sheet's weights are not those of `version`.
    """
    [sheet] = hold_sheets({sheet.pk})
    if version is not None and version != sheet.version:
        raise VersionConflict(_("Somebody else changed weights or season meanwhile."))
    rows = list(sheet.rows.select_related("unit", "indicator", "breakdown"))
    if method is not None and method != sheet.method:
        check_method(method, (row.total for row in rows))
        sheet.method = method
        sheet.save(update_fields=["method"])
    months = months_of(sheet.plan.year)
    stored = tasks_at(_cells(rows, months))
    closed = closed_months(sheet.plan.district_id, months, hold=True)
    _check(sheet, rows)

    spread = _spread(sheet, rows, stored, set())
    if closed:
        spread = _holding(sheet, rows, stored, closed, spread)
    values, places = {}, {}
    anew = [row for row in rows if row.rolled and (row_ids is None or row.pk in row_ids)]
    for row in anew:
        row.rolled = Decimal(0)
    SheetRow.objects.bulk_update(anew, ["rolled"])
    for row, amounts in zip(rows, spread, strict=True):
        for month, units in zip(months, amounts, strict=True):
            place = (month, row.unit_id or 0, row.indicator_id, row.breakdown_id)
            value = rules.unscaled(units, row.indicator.stored_decimals)
            if month in closed or (row_ids is not None and row.pk not in row_ids):
                continue
            if place not in stored or stored[place].value != value:
                values[place], places[place] = value, row

    return write_tasks(
        sheets=[sheet], values=values, stored=stored, rows=places, by=by, at=at,
        action="break_down", source=source,
    )  # fmt: skip


@transaction.atomic
def roll_forward(*, sheet: TaskSheet, reason: str, by: Person, at: datetime) -> list[Task]:
    """Spread what the published months fell short over the open ones; return the tasks changed.

    Actuals replace the tasks of published months, and what is left of the row's year goes to
    its open months by their present tasks (rules §3); locked cells stand. Closed months keep
    their tasks, so the row then exceeds its year by what was rolled, which `SheetRow.rolled`
    keeps; the trail keeps the plan before. Rows with a task or an actual lacking stay. Raises
    Invalid without a reason, while nothing is published, and for tables that are entered.
    """
    [sheet] = hold_sheets({sheet.pk})
    if not reason.strip():
        sentence = _("Write why the shortfall is rolled forward.")
        raise Invalid(sentence, [Fault("/reason", sentence)])
    rows = list(sheet.rows.select_related("unit", "indicator", "breakdown"))
    if not is_broken_down(sheet) or any(row.indicator.is_percent for row in rows):
        raise Invalid(_("The tasks of this table are entered, not broken down."))
    months = months_of(sheet.plan.year)
    stored = tasks_at(_cells(rows, months))
    closed = closed_months(sheet.plan.district_id, months, hold=True)
    actuals = reported_cells(sheet, {row.indicator_id for row in rows})
    if not actuals:
        raise Invalid(_("No month of the year is published yet: nothing to roll forward."))

    values, places, rolled = {}, {}, []
    for row in rows:
        amounts = _rolled(row, months, stored, closed, actuals)
        if not amounts:
            continue
        gained = sum((value - stored[place].value for place, value in amounts.items()), Decimal(0))
        if gained:
            row.rolled += gained
            rolled.append(row)
        for place, value in amounts.items():
            if stored[place].value != value:
                values[place], places[place] = value, row
    SheetRow.objects.bulk_update(rolled, ["rolled"])
    return write_tasks(
        sheets=[sheet], values=values, stored=stored, rows=places, by=by, at=at,
        action="roll_forward", reason=reason.strip(),
    )  # fmt: skip


def _rolled(
    row: SheetRow,
    months: Sequence[date],
    stored: dict[tuple[date, int, int, int], Task],
    closed: Collection[date],
    actuals: dict[tuple[date, int, int, int], Decimal],
) -> dict[tuple[date, int, int, int], Decimal]:
    """Return cell → new task of a row's open months; none while a task or an actual is lacking."""
    decimals = row.indicator.stored_decimals
    places = [(month, row.unit_id or 0, row.indicator_id, row.breakdown_id) for month in months]
    done = [place for place in places if place[0] in closed]
    if not done or any(place not in stored for place in places):
        return {}
    if any(place not in actuals for place in done):
        return {}
    task = {place: rules.scaled(stored[place].value, decimals) for place in places}
    year = sum(task.values()) - rules.scaled(row.rolled, decimals)
    later = [place for place in places if place not in done]
    free = [place for place in later if not stored[place].is_locked]
    kept = [rules.scaled(actuals[place], decimals) for place in done]
    kept += [task[place] for place in later if place not in free]
    spread = rules.roll_forward(year, kept, [task[place] for place in free])
    return {
        place: rules.unscaled(units, decimals) for place, units in zip(free, spread, strict=True)
    }


def is_broken_down(sheet: TaskSheet) -> bool:
    """Return whether the sheet's tasks follow from totals, rather than being entered."""
    return sheet.kind == SheetKind.UNITS and (
        sheet.total is not None or sheet.rows.filter(total__isnull=False).exists()
    )


def _cells(rows: Sequence[SheetRow], months: Sequence[date]) -> list[TaskEntry]:
    return [
        TaskEntry(row.unit_id or 0, row.indicator_id, row.breakdown_id, month, None, None)
        for row in rows
        for month in months
    ]


def _check(sheet: TaskSheet, rows: Sequence[SheetRow]) -> None:
    """Raise Invalid unless every percentage that must make 100 does."""
    weighed = [row for row in rows if row.total is None]
    if sheet.kind != SheetKind.UNITS or not rows or (weighed and sheet.total is None):
        raise Invalid(_("The tasks of this table are entered, not broken down."))
    faults = [
        Fault("/rows", _("%(row)s has no weight.") % {"row": _row_name(row)})
        for row in weighed
        if row.weight is None or row.part is None
    ]
    if faults:
        raise Invalid(faults[0].detail, faults)

    units: dict[int | None, list[SheetRow]] = {}
    for row in weighed:
        units.setdefault(row.unit_id, []).append(row)
    weights = sum((group[0].weight or Decimal(0) for group in units.values()), Decimal(0))
    if units and weights != HUNDRED:
        faults.append(Fault("/weights", _("Unit weights make %(sum)s, not 100.")
                            % {"sum": _trimmed(weights)}))  # fmt: skip
    for group in units.values():
        parts = sum((row.part or Decimal(0) for row in group), Decimal(0))
        if parts != HUNDRED:
            faults.append(
                Fault("/parts", _("The parts of %(unit)s make %(sum)s, not 100.")
                      % {"unit": group[0].unit, "sum": _trimmed(parts)})
            )  # fmt: skip
    season = sum(map(Decimal, sheet.season), Decimal(0))
    own_seasons = all(row.season for row in rows)
    if not own_seasons and (len(sheet.season) != 12 or season != HUNDRED):
        faults.append(Fault("/season", _("The season makes %(sum)s, not 100.")
                            % {"sum": _trimmed(season)}))  # fmt: skip
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)


def _spread(
    sheet: TaskSheet,
    rows: Sequence[SheetRow],
    stored: dict[tuple[date, int, int, int], Task],
    closed: Collection[date],
) -> list[tuple[int, ...]]:
    """Return twelve integers per row, in the rows' order."""
    decimals = rows[0].indicator.stored_decimals
    locks: dict[int, dict[int, int]] = {row.pk: {} for row in rows}
    for row in rows:
        for index, month in enumerate(months_of(sheet.plan.year)):
            task = stored.get((month, row.unit_id or 0, row.indicator_id, row.breakdown_id))
            if month in closed or (task is not None and task.is_locked):
                kept = task.value if task is not None else Decimal(0)
                locks[row.pk][index] = rules.scaled(kept, decimals)
    try:
        given = sum((row.total for row in rows if row.total is not None), Decimal(0))
        weighed = [row for row in rows if row.total is None]
        if sheet.total is not None and not weighed and given != sheet.total:
            raise Invalid(
                _("The rows' totals make %(sum)s, the table's total is %(total)s.")
                % {"sum": written(given, decimals), "total": written(sheet.total, decimals)}
            )
        months = (
            _by_weight(sheet, weighed, (sheet.total or Decimal(0)) - given, locks, closed)
            if weighed
            else {}
        )
        for row in rows:
            if row.total is not None:
                season = [Fraction(value) for value in row.season or sheet.season]
                try:
                    months[row.pk] = rules.respread(
                        rules.scaled(row.total, decimals), season, locks[row.pk]
                    )
                except Impossible as error:
                    error.unit, error.breakdown = _codes(row)
                    raise
    except Impossible as error:
        raise Invalid(_sentence(error, rows, decimals)) from error
    return [months[row.pk] for row in rows]


def _holding(
    sheet: TaskSheet,
    rows: Sequence[SheetRow],
    stored: dict[tuple[date, int, int, int], Task],
    closed: Collection[date],
    free: list[tuple[int, ...]],
) -> list[tuple[int, ...]]:
    """Return the rows with the closed months as they are.

    A row whose closed months come out as they are anyway stays as it is: holding them as locks
    would only deal the left-over units of the open months anew.
    """
    months = months_of(sheet.plan.year)

    def stands(row: SheetRow, amounts: tuple[int, ...]) -> bool:
        for month, units in zip(months, amounts, strict=True):
            task = stored.get((month, row.unit_id or 0, row.indicator_id, row.breakdown_id))
            value = rules.unscaled(units, row.indicator.stored_decimals)
            if month in closed and (task is None or task.value != value):
                return False
        return True

    if all(stands(row, amounts) for row, amounts in zip(rows, free, strict=True)):
        return free
    held = _spread(sheet, rows, stored, closed)
    if sheet.method != SheetMethod.ROW_FIRST:
        return held  # rows of two tables would break the months' sums
    return [
        amounts if stands(row, amounts) else kept
        for row, amounts, kept in zip(rows, free, held, strict=True)
    ]


def _by_weight(
    sheet: TaskSheet, rows: Sequence[SheetRow], total: Decimal,
    locks: dict[int, dict[int, int]], closed: Collection[date],
) -> dict[int, tuple[int, ...]]:  # fmt: skip
    units: dict[str, list[SheetRow]] = {}
    for row in rows:
        units.setdefault(_codes(row)[0], []).append(row)
    request = rules.Request(
        total=rules.scaled(total, rows[0].indicator.stored_decimals),
        rows=tuple(
            rules.Row(
                unit,
                Fraction(group[0].weight or 0),
                tuple(rules.Part(row.breakdown.code, Fraction(row.part or 0)) for row in group),
            )
            for unit, group in units.items()
        ),
        season=tuple(Fraction(value) for value in sheet.season),
        method=rules.Method(sheet.method),
        locks=tuple(
            rules.Lock(*_codes(row), month=index + 1, value=value)
            for row in rows
            for index, value in locks[row.pk].items()
        ),
        held=frozenset(month.month for month in closed),
    )
    by_place = {_codes(row): row.pk for row in rows}
    return {
        by_place[line.unit, line.breakdown]: line.months for line in rules.break_down(request).rows
    }


def _codes(row: SheetRow) -> tuple[str, str]:
    return (row.unit.code if row.unit else "", row.breakdown.code)


def _row_name(row: SheetRow) -> str:
    return f"{row.unit} {row.breakdown}"


def _sentence(error: Impossible, rows: Sequence[SheetRow], decimals: int) -> str:
    """Say in the reader's language why no breakdown is possible, with the row's names."""
    names = [_row_name(row) for row in rows if _codes(row) == (error.unit, error.breakdown)] or [
        str(row.unit) for row in rows if row.unit and row.unit.code == error.unit
    ]
    values = {
        "locked": written(rules.unscaled(error.locked, decimals), decimals),
        "total": written(rules.unscaled(error.total, decimals), decimals),
        "row": names[0] if names else "",
        "month": error.month or "",
    }
    if error.month and not names:
        return _in_month(error, values)
    match error.obstacle:
        case Obstacle.LOCKED_EXCEEDS_TOTAL:
            return _("Locked %(locked)s exceeds the row total %(total)s (%(row)s).") % values
        case Obstacle.ALL_LOCKED_UNEQUAL:
            return _("All cells are locked and make %(locked)s, not the row total %(total)s "
                     "(%(row)s).") % values  # fmt: skip
        case Obstacle.NO_WEIGHT:
            return _("There is no weight to spread %(total)s by (%(row)s).") % values
        case Obstacle.LOCKS_WITH_BOTH_MARGINS:
            return _(
                "With rows and months both fixed no cell can be locked: "
                "choose rows first or months first."
            )
        case Obstacle.NEGATIVE_WEIGHT:
            return _("A weight is negative (%(row)s).") % values
        case _:
            return _("These locks leave no way to break the table down.")


def _in_month(error: Impossible, values: dict[str, object]) -> str:
    match error.obstacle:
        case Obstacle.LOCKED_EXCEEDS_TOTAL:
            return _("Locked %(locked)s exceeds the total %(total)s of month %(month)s.") % values
        case Obstacle.ALL_LOCKED_UNEQUAL:
            return (
                _("All cells of month %(month)s are locked and make %(locked)s, not %(total)s.")
                % values
            )
        case _:
            return _("There is no weight to spread %(total)s of month %(month)s by.") % values


def _trimmed(value: Decimal) -> str:
    """Return the number without trailing zeros and without an exponent."""
    return f"{value.normalize():f}"
