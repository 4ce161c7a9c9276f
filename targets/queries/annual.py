"""Tables 3-1, 3-2 and 3-3 of the plan as finished rows, and the lines that reconcile them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from orgchart.models import AuditEntry
from targets.models import AnnualTarget, Indicator, Plan
from targets.queries.plans import TargetRow, TargetTable, entered, finished
from targets.rules import annual as rules
from targets.rules import growth as growth_rules
from targets.rules.annual import Figures

TYPED = ("base", "department_growth", "department_target")


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as shown: rates in percent, rounded once; `why` explains it or its lack."""

    value: Decimal | None
    decimals: int
    is_typed: bool = False
    is_percent: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class DetailRow:
    """A row of a detail table. `version` None: not kept yet, or it follows from other rows."""

    code: str
    name: str
    measure: str
    version: int | None
    is_total: bool
    cells: dict[str, Shown]


@dataclass(frozen=True, slots=True)
class Check:
    """Two figures that should agree; a difference is shown, never forbidden (plan §11.5)."""

    name: str
    left: str
    found: Decimal | None
    right: str
    asked: Decimal | None
    decimals: int
    is_percent: bool = False

    @property
    def difference(self) -> Decimal | None:
        return rules.gap(self.found, self.asked)


@dataclass(frozen=True, slots=True)
class DetailTable:
    code: str
    rows: tuple[DetailRow, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows are made from: indicators by code, finished stored rows by code."""

    indicators: dict[str, Indicator]
    rows: dict[str, TargetRow] = field(default_factory=dict)

    def figures(self, code: str) -> Figures:
        row = self.rows.get(code)
        if row is None:
            return rules.NOTHING
        return Figures(row.base, row.department.target if row.department else None)

    def parts(self, code: str) -> Figures:
        return rules.summed([self.figures(part) for part in rules.PARTS[code]])

    def name(self, code: str) -> str:
        return self.indicators[code].name if code in self.indicators else code


def detail_tables(plan: Plan, table: TargetTable) -> list[DetailTable]:
    """Return tables 3-1 to 3-3; a row appears when the district has its indicator. One query.

    A table without rows is left out.
    """
    codes = {code for codes in rules.TABLES.values() for code in codes} | set(rules.OVERALL)
    known = _Known(
        {
            one.code: one
            for one in Indicator.objects.filter(district_id=plan.district_id, code__in=codes)
        },
        {row.code: row for row in table.all_rows},
    )
    tables = []
    for code, members in rules.TABLES.items():
        rows = tuple(
            _row(known, member) for member in members
            if member in known.indicators
            and all(part in known.indicators for part in rules.PARTS.get(member, ()))
        )  # fmt: skip
        if rows:
            tables.append(DetailTable(code, rows, tuple(_checks(known, code))))
    return tables


def _row(known: _Known, code: str) -> DetailRow:
    indicator = known.indicators[code]
    if code in rules.PARTS:
        return _total_row(known, indicator)
    if code == rules.ARPU:
        return _arpu_row(known, indicator)
    if code in (rules.PLANNING_RATE, rules.QUALITY_RATE):
        return _rate_row(known, indicator)
    stored = known.rows.get(code) or entered(AnnualTarget(indicator=indicator, version=0))
    version = stored.version or None
    if code == rules.AVERAGE_USERS:
        return _average_row(known, indicator, stored, version)
    whole = next((one for one, parts in rules.PARTS.items() if code in parts), None)
    return _plain_row(indicator, stored, version, known.parts(whole) if whole else rules.NOTHING)


def _plain_row(
    indicator: Indicator, row: TargetRow, version: int | None, whole: Figures, *,
    is_total: bool = False,
) -> DetailRow:  # fmt: skip
    layer, decimals, is_typed = row.department, indicator.stored_decimals, not is_total
    target = layer.target if layer else None
    cells = {
        "base": Shown(row.base, decimals, is_typed),
        "base_share": _share(rules.share_of(row.base, whole.base)),
        "department_growth": Shown(
            _percent(layer.growth if layer else None), 2, is_typed, True, layer.why if layer else ""
        ),
        "department_target": Shown(target, decimals, is_typed),
        "target_share": _share(rules.share_of(target, whole.target)),
        "increment": Shown(layer.increment if layer else None, decimals),
    }
    return DetailRow(indicator.code, indicator.name, indicator.measure, version, is_total, cells)


def _share(value: Fraction | None) -> Shown:
    return Shown(_percent(value), 2, is_percent=True)


def _percent(value: Fraction | Decimal | None) -> Decimal | None:
    return None if value is None else growth_rules.rounded(Fraction(value) * 100, 2)


def _following(
    indicator: Indicator, figures: Figures, version: int | None = None, *, whole: Figures,
    is_total: bool,
) -> DetailRow:  # fmt: skip
    """Return a row that nobody enters, its growth taken from its own figures."""
    blank = entered(AnnualTarget(indicator=indicator, version=0))
    figure = (
        None if figures.target is None
        else growth_rules.from_target(figures.base, figures.target, indicator.stored_decimals)
    )  # fmt: skip
    row = TargetRow(
        code=blank.code, name=blank.name, measure=blank.measure, decimals=blank.decimals,
        version=None, base=figures.base, city=None, department=finished(figure), pressure=None,
        ratio=None, reason="",
    )  # fmt: skip
    return _plain_row(indicator, row, version, whole, is_total=is_total)


def _total_row(known: _Known, indicator: Indicator) -> DetailRow:
    """The sum of the parts: added as rounded, growth from the sums (rules §2)."""
    whole = known.parts(indicator.code)
    row = _following(indicator, whole, whole=whole, is_total=True)
    cells = {f"parts_{name}": shown for name, shown in row.cells.items()}
    return DetailRow(row.code, row.name, row.measure, None, True, cells)


def _average_row(
    known: _Known, indicator: Indicator, stored: TargetRow, version: int | None
) -> DetailRow:
    users = known.figures(rules.USERS)
    target = rules.average_users(users.base, users.target)
    rounded = None if target is None else growth_rules.rounded(target, indicator.decimals)
    row = _following(
        indicator, Figures(stored.base, rounded), version, whole=rules.NOTHING, is_total=True
    )
    cells = row.cells | {
        "base": Shown(stored.base, indicator.decimals, is_typed=True),
        "department_target": Shown(
            rounded, indicator.decimals, why=_("the mean of opening and closing users")
        ),
    }
    return DetailRow(row.code, row.name, row.measure, version, False, cells)


def _arpu_row(known: _Known, indicator: Indicator) -> DetailRow:
    """Revenue × 10 000 ÷ 12 ÷ average users; the revenue is that of table 3-0."""
    revenue, users = known.figures("mobile_revenue"), known.figures(rules.USERS)
    average = Figures(
        known.figures(rules.AVERAGE_USERS).base, rules.average_users(users.base, users.target)
    )
    exact = [
        rules.yearly_arpu(revenue.base, average.base),
        rules.yearly_arpu(revenue.target, average.target),
    ]
    figures = Figures(
        *(None if one is None else growth_rules.rounded(one, indicator.decimals) for one in exact)
    )
    row = _following(indicator, figures, whole=rules.NOTHING, is_total=True)
    why = _("mobile revenue × 10,000 ÷ 12 ÷ average users")
    cells = row.cells | {
        name: Shown(row.cells[name].value, indicator.decimals, why=why)
        for name in ("base", "department_target")
    }
    return DetailRow(row.code, row.name, row.measure, None, False, cells)


def _implied(known: _Known) -> tuple[Fraction | None, Fraction | None]:
    """Return the rates A that last year and the department's targets of table 3-0 imply."""
    net, gross = known.figures("mobile_net_adds"), known.figures("mobile_gross_adds")
    return rules.planning_rate(net.base, gross.base), rules.planning_rate(net.target, gross.target)


def _rate_row(known: _Known, indicator: Indicator) -> DetailRow:
    """Measure A (net ÷ gross) or B (users of quality ÷ gross); changes in percentage points."""
    stored = known.rows.get(indicator.code)
    target = stored.department.target if stored and stored.department else None
    is_planning = indicator.code == rules.PLANNING_RATE
    before, implied = _implied(known) if is_planning else (stored.base if stored else None, None)
    base = _percent(before)
    change = rules.gap(_percent(target), base)
    cells = {
        "base": Shown(
            base, 2, not is_planning, True, _("last year's net ÷ gross") if is_planning else ""
        ),
        "department_target": Shown(_percent(target), 2, True, True),
        "change": Shown(change, 2, is_percent=True),
        "implied": Shown(
            _percent(implied), 2, is_percent=True,
            why=_("net ÷ gross of the department's targets in table 3-0") if is_planning else "",
        ),
    }  # fmt: skip
    version = stored.version if stored else None
    return DetailRow(indicator.code, indicator.name, indicator.measure, version, False, cells)


def _checks(known: _Known, table: str) -> Iterable[Check]:
    overall = _("table 3-0")
    whole = {"3-1": "mobile_revenue", "3-3": "fixed_revenue"}.get(table)
    if whole and all(part in known.indicators for part in rules.PARTS[whole]):
        parts, given = known.parts(whole), known.figures(whole)
        label = " + ".join(known.name(part) for part in rules.PARTS[whole])
        yield Check(
            _("%(name)s, last year") % {"name": known.name(whole)},
            label, parts.base, overall, given.base, 2,
        )  # fmt: skip
        yield Check(
            _("%(name)s, target") % {"name": known.name(whole)},
            label, parts.target, overall, given.target, 2,
        )  # fmt: skip
    users, net = {
        "3-1": (rules.USERS, "mobile_net_adds"), "3-3": (rules.FIXED_USERS, "fixed_net_adds"),
    }.get(table, ("", ""))  # fmt: skip
    if users in known.indicators and net in known.indicators:
        figures = known.figures(users)
        yield Check(
            _("%(name)s, target") % {"name": known.name(net)},
            _("closing − opening users"), rules.gap(figures.target, figures.base),
            overall, known.figures(net).target, 0,
        )  # fmt: skip
    if table == "3-2" and rules.PLANNING_RATE in known.indicators:
        target = known.figures(rules.PLANNING_RATE).target
        yield Check(
            known.name(rules.PLANNING_RATE),
            _("planned"), _percent(target), overall, _percent(_implied(known)[1]), 2,
            is_percent=True,
        )  # fmt: skip


def detail_cells(tables: Iterable[DetailTable]) -> list[dict[str, object]]:
    """Return every cell of the tables as the sheet reads it after a save."""
    return [
        {
            "indicator": row.code, "field": name, "version": row.version,
            "value": None if cell.value is None else f"{cell.value:.{cell.decimals}f}",
        }
        for table in tables
        for row in table.rows
        for name, cell in row.cells.items()
    ]  # fmt: skip


def last_save(plan: Plan) -> AuditEntry | None:
    """Return the trail's last entry about the plan's annual targets, the one that can be undone."""
    return (
        AuditEntry.objects.filter(
            district_id=plan.district_id, subject=f"plans/{plan.year}/targets"
        )
        .select_related("by")
        .order_by("-at", "-pk")
        .first()
    )
