"""Plans, the annual target table as finished rows, and what changed between versions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from orgchart.models import Unit
from targets.amounts import plain
from targets.models import AnnualTarget, Driver, Indicator, Plan, PlanRelease, Rollup, Term
from targets.rules import growth as rules
from targets.rules.annual import DETAILS
from targets.rules.growth import AnnualFigure, NoGrowth

# The cells of a row that are typed into.
FIELDS = ("base", "city_growth", "city_target", "department_growth", "department_target")
NO_GROWTH = {
    NoGrowth.MISSING_BASE: lambda: _("Last year's figure is missing."),
    NoGrowth.ZERO_BASE: lambda: _("Last year's figure is 0."),
    NoGrowth.NEGATIVE_BASE: lambda: _("Last year's figure is negative."),
}


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a row, finished: `growth` is None where there can be none, and `why` says why."""

    driver: Driver
    target: Decimal
    growth: Fraction | None
    why: str
    increment: Decimal | None
    figure: AnnualFigure

    @property
    def is_by_growth(self) -> bool:
        return self.driver == Driver.GROWTH


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A row of table 3-0. `version` None: derived from its terms and not entered.

    `pressure` is department − city, `ratio` department ÷ city, `terms` the names of the summands.
    """

    code: str
    name: str
    measure: str
    decimals: int
    version: int | None
    base: Decimal | None
    city: Layer | None
    department: Layer | None
    pressure: Decimal | None
    ratio: Fraction | None
    reason: str
    terms: tuple[str, ...] = ()

    @property
    def is_derived(self) -> bool:
        return self.version is None

    @property
    def is_below_city(self) -> bool:
        return self.pressure is not None and self.pressure < 0


@dataclass(frozen=True, slots=True)
class TargetTable:
    """Table 3-0; `details` are the further rows that tables 3-1 to 3-3 keep."""

    year: int
    rows: tuple[TargetRow, ...]
    details: tuple[TargetRow, ...] = ()

    @property
    def all_rows(self) -> tuple[TargetRow, ...]:
        return self.rows + self.details

    def row(self, code: str) -> TargetRow | None:
        return next((row for row in self.rows if row.code == code), None)


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that a version changed; `before` None: it was not there."""

    name: str
    decimals: int
    layer: str
    before: Decimal | None
    after: Decimal | None

    @property
    def change(self) -> Decimal | None:
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A released version, or the draft (`at` None), and what it changed against the one before."""

    version: int
    at: datetime | None
    by: str
    reason: str
    differences: tuple[Difference, ...]


def plans_of(district: Unit) -> list[Plan]:
    """Return the district's plans, the latest year first."""
    return list(Plan.objects.filter(district=district).select_related("district"))


def plan_for(district: Unit, year: int) -> Plan | None:
    """Return the plan in force for work in `year`: its own, else the latest before, else any."""
    plans = plans_of(district)
    return next((plan for plan in plans if plan.year <= year), plans[-1] if plans else None)


def layer_figure(row: AnnualTarget, layer: str) -> AnnualFigure | None:
    """Return a layer's figure by its driver; None while nothing was typed.

    Raises GrowthUndefined when the driver is a growth over a base that allows none.
    """
    if getattr(row, f"{layer}_driver") == Driver.GROWTH:
        rate = getattr(row, f"{layer}_growth")
        return (
            None if rate is None
            else rules.from_growth(row.base, rate, row.indicator.stored_decimals)
        )  # fmt: skip
    target = getattr(row, f"{layer}_target")
    if target is None:
        return None
    return rules.from_target(row.base, target, row.indicator.stored_decimals)


def annual_table(plan: Plan) -> TargetTable:
    """Return table 3-0: stored rows and the sums that follow from them, in indicator order.

    Targets of a sum are added as rounded; its growth comes from the sums (rules §2).
    """
    stored = {
        row.indicator_id: row
        for row in AnnualTarget.objects.filter(plan=plan).select_related("indicator")
    }
    summands = _sums_over(plan.district_id, set(stored))

    rows = [(row.indicator, entered(row)) for row in stored.values()]
    rows += [
        (indicator, _summed(indicator, [stored[pk] for pk in sources]))
        for indicator, sources in summands
    ]
    rows.sort(key=lambda pair: (pair[0].position, pair[0].pk))
    return TargetTable(
        plan.year,
        tuple(row for _indicator, row in rows if row.code not in DETAILS),
        tuple(row for _indicator, row in rows if row.code in DETAILS),
    )


def _sums_over(district_id: int, known: set[int]) -> list[tuple[Indicator, list[int]]]:
    """Return the derived sums all of whose terms are among the `known` indicators."""
    terms: dict[int, list[Term]] = {}
    derived: dict[int, Indicator] = {}
    for term in Term.objects.filter(
        indicator__district_id=district_id,
        indicator__is_derived=True,
        indicator__rollup=Rollup.SUM,
    ).select_related("indicator"):
        terms.setdefault(term.indicator_id, []).append(term)
        derived[term.indicator_id] = term.indicator
    return [
        (derived[pk], [term.source_id for term in group])
        for pk, group in terms.items()
        if all(term.sign == 1 and term.source_id in known for term in group)
    ]


def finished(figure: AnnualFigure | None) -> Layer | None:
    """Return a layer with its growth, or the sentence why there is none."""
    if figure is None:
        return None
    reason = figure.growth if isinstance(figure.growth, NoGrowth) else None
    return Layer(
        driver=Driver(figure.driver.value),
        target=figure.target,
        growth=None if isinstance(figure.growth, NoGrowth) else figure.growth,
        why=NO_GROWTH[reason]() if reason else "",
        increment=figure.increment,
        figure=figure,
    )


def _row(
    indicator: Indicator,
    base: Decimal | None,
    city: AnnualFigure | None,
    department: AnnualFigure | None,
    **fields: Any,
) -> TargetRow:
    both = city is not None and department is not None
    return TargetRow(
        code=indicator.code,
        name=indicator.name,
        measure=indicator.measure,
        decimals=indicator.stored_decimals,
        base=base,
        city=finished(city),
        department=finished(department),
        pressure=rules.pressure(city.target, department.target) if both else None,  # type: ignore[union-attr]
        ratio=rules.share(department.target, city.target) if both else None,  # type: ignore[union-attr]
        **fields,
    )


def entered(row: AnnualTarget) -> TargetRow:
    """Return a stored row, finished."""
    return _row(
        row.indicator, row.base, layer_figure(row, "city"), layer_figure(row, "department"),
        version=row.version, reason=row.reason,
    )  # fmt: skip


def _summed(indicator: Indicator, rows: Sequence[AnnualTarget]) -> TargetRow:
    def total(layer: str) -> AnnualFigure | None:
        figures = [layer_figure(row, layer) for row in rows]
        known = [figure for figure in figures if figure is not None]
        return rules.total(known) if len(known) == len(figures) else None

    bases = [row.base for row in rows if row.base is not None]
    return _row(
        indicator, sum(bases, Decimal(0)) if len(bases) == len(rows) else None,
        total("city"), total("department"),
        version=None, reason="", terms=tuple(row.indicator.name for row in rows),
    )  # fmt: skip


def shown_fields(row: TargetRow) -> dict[str, str | None]:
    """Return the figures of a row as its sheet shows them, growth in percent.

    After the typed FIELDS come the pressure and the department's increment.
    """
    fields = {"base": plain(row.base, row.decimals)}
    for name, layer in (("city", row.city), ("department", row.department)):
        growth = layer.growth if layer else None
        fields[f"{name}_growth"] = (
            None if growth is None else plain(rules.rounded(growth * 100, 2), 2)
        )
        fields[f"{name}_target"] = plain(layer.target, row.decimals) if layer else None
    fields["pressure"] = plain(row.pressure, row.decimals)
    fields["increment"] = plain(row.department.increment, row.decimals) if row.department else None
    return fields


def snapshot(table: TargetTable) -> dict[str, dict[str, str | None]]:
    """Return what a release keeps: {indicator code: {"city", "department"}} as text."""
    return {
        row.code: {
            "city": plain(row.city.target, row.decimals) if row.city else None,
            "department": plain(row.department.target, row.decimals) if row.department else None,
        }
        for row in table.all_rows
    }


def versions(plan: Plan, table: TargetTable) -> list[VersionLine]:
    """Return the draft, if it differs or nothing was released, then the releases, newest first.

    Each line lists the figures it changed against the version before it.
    """
    releases = list(PlanRelease.objects.filter(plan=plan).select_related("by").order_by("version"))
    lines, before = [], None
    for release in releases:
        lines.append(
            VersionLine(
                release.version, release.at, release.by.name if release.by else "",
                release.reason, tuple(_differences(table, before, release.targets)),
            )
        )  # fmt: skip
        before = release.targets
    if plan.state != "released":
        changed = tuple(_differences(table, before, snapshot(table)))
        lines.append(VersionLine(plan.version + 1, None, "", "", changed))
    return lines[::-1]


def _differences(
    table: TargetTable, before: dict[str, Any] | None, after: dict[str, Any]
) -> Iterable[Difference]:
    """Yield what changed; a first version changes nothing."""
    if before is None:
        return
    known = {row.code: row for row in table.all_rows}
    for code in [*after, *(code for code in before if code not in after)]:
        for layer in ("city", "department"):
            old, new = before.get(code, {}).get(layer), after.get(code, {}).get(layer)
            if old != new:
                row = known.get(code)
                yield Difference(
                    row.name if row else code, row.decimals if row else 0, layer,
                    None if old is None else Decimal(old), None if new is None else Decimal(new),
                )  # fmt: skip
