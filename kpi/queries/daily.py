"""A month day by day: the courses of units and of the district, and how they keep pace."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kpi.models import Actual, DailyFigure, PaceRule
from kpi.queries.cells import Key, reporting_units
from kpi.rules.daily import Course, course, together
from orgchart.models import Unit
from targets.models import Breakdown, Indicator, Rollup, Task, Term
from targets.months import last_day

FOCUS = "mobile_gross_adds"  # what pages about pace open with


@dataclass(frozen=True, slots=True)
class UnitCourse:
    """A unit's task of a month and its course; the district's own part has the district."""

    unit: Unit
    task: Decimal | None
    course: Course


@dataclass(frozen=True, slots=True)
class MonthCourse:
    """An indicator's month by unit, in the order of the units."""

    indicator: Indicator
    month: date
    units: tuple[UnitCourse, ...]

    @property
    def last_day(self) -> date | None:
        """The latest day that any unit reported."""
        return max((one.course.last[0] for one in self.units if one.course.last), default=None)

    def reported(self, day: date) -> list[UnitCourse]:
        """Return the units of which something stood on a day."""
        return [one for one in self.units if one.course.on(day) is not None]

    def whole(self, day: date) -> UnitCourse | None:
        """Return everybody who had reported by a day together; None while nobody has."""
        known = self.reported(day)
        if not known:
            return None
        tasks = [one.task for one in known if one.task is not None]
        return UnitCourse(
            known[0].unit,
            sum(tasks, Decimal(0)) if tasks else None,
            together([one.course for one in known], [1] * len(known)),
        )


def paced_indicators(district_id: int) -> list[Indicator]:
    """Return the indicators whose months add up, entered or sums of such: only they have a pace."""
    rows = Indicator.objects.filter(district_id=district_id, rollup=Rollup.SUM)
    entered = set(
        Indicator.objects.filter(district_id=district_id).exclude(entry="").values_list("pk")
    )
    sources: dict[int, set[tuple[int]]] = defaultdict(set)
    for indicator_id, source_id in Term.objects.filter(
        indicator__district_id=district_id
    ).values_list("indicator_id", "source_id"):
        sources[indicator_id].add((source_id,))
    return [row for row in rows if sources[row.pk] and sources[row.pk] <= entered]


def paced_units(
    district_id: int, month: date, unit_ids: Collection[int] | None = None
) -> list[Unit]:
    """Return the units of a month's pace; with None, all and the district for its old outlets."""
    units = reporting_units(district_id, month, unit_ids)
    return units if unit_ids is not None else [*units, Unit.objects.get(pk=district_id)]


def month_course(indicator: Indicator, month: date, units: Sequence[Unit]) -> MonthCourse:
    """Return the month of an indicator by unit; five queries, however many units.

    A figure without a daily one counts as of the day of the month's actual.
    """
    terms = list(Term.objects.filter(indicator=indicator).select_related("source"))
    whole = Breakdown.objects.get(district_id=indicator.district_id, code=Breakdown.WHOLE_CODE)
    chosen = {
        "month": month,
        "unit_id__in": [unit.pk for unit in units],
        "indicator_id__in": [term.source_id for term in terms],
    }
    tasks: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    due: dict[tuple[int, int], set[int]] = defaultdict(set)
    for task in Task.objects.filter(**chosen).select_related("breakdown", "indicator"):
        tasks[task.unit_id, task.indicator_id] += task.value
        if task.breakdown.dimension == task.indicator.entry:
            due[task.unit_id, task.indicator_id].add(task.breakdown_id)
    points = _points(chosen)
    for unit_id, indicator_id, breakdown_id in points:
        due[unit_id, indicator_id].add(breakdown_id)

    found = []
    for unit in units:
        cells: list[tuple[Course, int]] = []
        for term in terms:
            members = due[unit.pk, term.source_id] or ({whole.pk} if unit.is_business else set())
            cells += [
                (course(points.get((unit.pk, term.source_id, member), {})), term.sign * term.factor)
                for member in members
            ]
        known = [tasks.get((unit.pk, term.source_id)) for term in terms]
        task = None
        # The district's old outlets have tasks of some terms only, and figures of the same.
        has_task = all if unit.is_business else any
        if has_task(value is not None for value in known):
            task = sum(
                (value * term.sign * term.factor
                 for value, term in zip(known, terms, strict=True) if value), Decimal(0),
            )  # fmt: skip
        if cells or task is not None:
            found.append(UnitCourse(unit, task, together(*_unzipped(cells))))
    return MonthCourse(indicator, month, tuple(found))


def _unzipped(cells: Sequence[tuple[Course, int]]) -> tuple[list[Course], list[int]]:
    return [one for one, _ in cells], [weight for _, weight in cells]


def _points(chosen: dict[str, object]) -> dict[Key, dict[date, Decimal | None]]:
    """Return the figures by cell and day; the month's actual is one of them, and the last."""
    found: dict[Key, dict[date, Decimal | None]] = defaultdict(dict)
    for *key, day, value in DailyFigure.objects.filter(**chosen).values_list(
        "unit_id", "indicator_id", "breakdown_id", "day", "value"
    ):
        found[tuple(key)][day] = value
    for *key, day, value in Actual.objects.filter(**chosen).values_list(
        "unit_id", "indicator_id", "breakdown_id", "as_of", "value"
    ):
        cell = found[tuple(key)]
        for later in [each for each in cell if each > day]:
            del cell[later]
        cell[day] = value
    return found


def daily_rows(
    district_id: int, month: date, unit_ids: Collection[int] | None = None
) -> list[DailyFigure]:
    """Return the daily figures of a month by unit, indicator, breakdown and day."""
    rows = DailyFigure.objects.filter(month=month, unit__district_id=district_id)
    if unit_ids is not None:
        rows = rows.filter(unit_id__in=unit_ids)
    return list(rows.select_related("unit", "indicator", "breakdown", "reported_by"))


def pace_rule(district: Unit, month: date) -> PaceRule:
    """Return the rule in force on the month's last day; the built-in one where none was set."""
    row = PaceRule.objects.filter(district=district, valid_from__lte=last_day(month)).first()
    return row or PaceRule(district=district, valid_from=month)
