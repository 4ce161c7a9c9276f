"""Do the cuts of the plan agree: segments with units, sheets with annual targets, the floor."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum
from django.utils.translation import gettext as _

from targets.models import Plan, SegmentTask, SheetKind, SheetRow, Task, TaskSheet
from targets.months import months_of
from targets.queries.annual import Check
from targets.queries.plans import TargetTable
from targets.rules import floor as floor_rules


@dataclass(frozen=True, slots=True)
class Match:
    """Units of a kind against the segments that cut them a second time (rules §13.4)."""

    kind: str
    units: int
    name: str
    tasks: Decimal
    segments: tuple[tuple[str, Decimal], ...]

    @property
    def difference(self) -> Decimal:
        return sum((value for _name, value in self.segments), Decimal(0)) - self.tasks


@dataclass(frozen=True, slots=True)
class Floor:
    """What the department's net target needs at its own effective rate (plan table 3-1)."""

    net: Decimal
    rate: Fraction
    gross_adds: int
    planned: Decimal

    @property
    def short(self) -> Decimal:
        """What is planned below the floor; 0 when it is reached."""
        return max(Decimal(0), self.gross_adds - self.planned)


def segment_matches(plan: Plan, indicator_id: int) -> list[Match]:
    """Return one match per kind of unit that segment rows of the indicator are set against.

    Three queries; nothing without segment rows. A difference is shown, never forbidden.
    """
    rows = list(
        SheetRow.objects.filter(
            sheet__plan=plan, sheet__kind=SheetKind.SEGMENT, indicator_id=indicator_id
        )
        .exclude(unit_kind="")
        .select_related("breakdown")
        .order_by("sheet__position", "position", "pk")
    )
    if not rows:
        return []
    sums = dict(
        SegmentTask.objects.filter(row__in=rows)
        .order_by()
        .values("row_id")
        .annotate(year=Sum("value"))
        .values_list("row_id", "year")
    )
    tasks: dict[str, list[tuple[str, Decimal]]] = {}
    for kind, _pk, name, year in _unit_years(plan, indicator_id):
        tasks.setdefault(kind, []).append((name, year))
    matches = []
    for kind in dict.fromkeys(row.unit_kind for row in rows):
        units = tasks.get(kind, [])
        matches.append(
            Match(
                kind, len(units), units[0][0] if len(units) == 1 else "",
                sum((year for _name, year in units), Decimal(0)),
                tuple((row.breakdown.name, sums.get(row.pk) or Decimal(0))
                      for row in rows if row.unit_kind == kind),
            )
        )  # fmt: skip
    return matches


def _unit_years(plan: Plan, indicator_id: int) -> Iterable[tuple[str, int, str, Decimal]]:
    rows = (
        SheetRow.objects.filter(
            sheet__plan=plan, sheet__kind=SheetKind.UNITS, indicator_id=indicator_id
        )
        .select_related("unit")
        .order_by("position", "pk")
    )
    units = {row.unit_id: row.unit for row in rows if row.unit is not None}
    years = dict(
        Task.objects.filter(
            month__in=months_of(plan.year), unit_id__in=units, indicator_id=indicator_id
        )
        .order_by()
        .values("unit_id")
        .annotate(year=Sum("value"))
        .values_list("unit_id", "year")
    )
    for pk, unit in units.items():
        yield unit.kind, pk, unit.short, years.get(pk) or Decimal(0)


@dataclass(frozen=True, slots=True)
class AgainstTargets:
    """A sheet against both layers of its annual target."""

    department: Decimal | None
    department_growth: Fraction | None
    city: Decimal | None
    city_growth: Fraction | None
    pressure: Decimal | None
    ratio: Fraction | None
    sheet: Decimal | None

    @property
    def is_met(self) -> bool:
        """Whether the sheet holds what the department's target asks, to the last unit."""
        return self.sheet is not None and self.sheet == self.department


def against_targets(
    sheet: TaskSheet, table: TargetTable, total: Decimal | None
) -> AgainstTargets | None:
    """Return the sheet against table 3-0; None when the table has no row for it."""
    row = table.row(sheet.indicator.code) if sheet.indicator else None
    if row is None:
        return None
    return AgainstTargets(
        department=row.department.target if row.department else None,
        department_growth=row.department.growth if row.department else None,
        city=row.city.target if row.city else None,
        city_growth=row.city.growth if row.city else None,
        pressure=row.pressure, ratio=row.ratio, sheet=total,
    )  # fmt: skip


def gross_adds_floor(
    table: TargetTable, gross_code: str = "mobile_gross_adds", net_code: str = "mobile_net_adds"
) -> Floor | None:
    """Return the floor of gross additions at the rate that the department's targets imply.

    The rate is net ÷ gross of the targets; None while one of them is missing or not positive.
    """
    gross, net = table.row(gross_code), table.row(net_code)
    if gross is None or net is None or gross.department is None or net.department is None:
        return None
    rate = floor_rules.effective_rate(net.department.target, gross.department.target)
    if rate is None or not 0 < rate <= 1:
        return None
    needed = floor_rules.gross_adds_floor(net.department.target, rate)
    return Floor(net.department.target, rate, needed.gross_adds, gross.department.target)


def floor_at(floor: Floor, rate: Decimal) -> Floor:
    """Return the floor of the same targets at another rate. Raises ValueError (rules §1)."""
    needed = floor_rules.gross_adds_floor(floor.net, rate)
    return Floor(floor.net, Fraction(rate), needed.gross_adds, floor.planned)


def overall_checks(plan: Plan, table: TargetTable) -> list[Check]:
    """Set each row of table 3-0 against the units' tasks, and these against the segments.

    Two queries. Segments and units are two cuts of one total: a difference is shown, never
    forbidden (plan §11.5).
    """
    codes = {row.code: row for row in table.rows}
    tasks: dict[str, dict[str, Decimal]] = {}
    for code, kind, year in (
        Task.objects.filter(
            month__in=months_of(plan.year), unit__district_id=plan.district_id,
            indicator__code__in=codes,
        )
        .order_by()
        .values("indicator__code", "unit__kind")
        .annotate(year=Sum("value"))
        .values_list("indicator__code", "unit__kind", "year")
    ):  # fmt: skip
        tasks.setdefault(code, {})[kind] = year
    segments: dict[str, dict[str, Decimal]] = {}
    for code, kind, year in (
        SegmentTask.objects.filter(row__sheet__plan=plan, row__indicator__code__in=codes)
        .exclude(row__unit_kind="")
        .order_by()
        .values("row__indicator__code", "row__unit_kind")
        .annotate(year=Sum("value"))
        .values_list("row__indicator__code", "row__unit_kind", "year")
    ):
        segments.setdefault(code, {})[kind] = year
    found = []
    for code, row in codes.items():
        if code in tasks:
            target = row.department.target if row.department else None
            found.append(
                Check(row.name, _("units' tasks"), sum(tasks[code].values(), Decimal(0)),
                      _("department's target"), target, row.decimals)
            )  # fmt: skip
        if code in segments:
            cut = sum((tasks.get(code, {}).get(kind, Decimal(0)) for kind in segments[code]),
                      Decimal(0))  # fmt: skip
            found.append(
                Check(row.name, _("customer segments"), sum(segments[code].values(), Decimal(0)),
                      _("tasks of the units they cut"), cut, row.decimals)
            )  # fmt: skip
    return found
