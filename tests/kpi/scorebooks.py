"""Random scorecards with random figures: stored as users would, scored by the rules alone."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from kpi.models import Actual, Event, EventKind, Scorecard, ScorecardState
from kpi.rules import curves, ranking, scoring
from kpi.rules.scoring import Result, Rule, ZeroTarget
from kpi.services.entries import ItemEntry
from kpi.services.scorecards import save_scorecard
from orgchart.models import UnitKind
from targets.amounts import LIMIT
from targets.models import Task
from tests.district import MARCH, NOW, START, District

GRIDS = [UnitKind.GRID]
OFFICES = [UnitKind.SUBURBAN_OFFICE, UnitKind.GROUP_CENTER]
# code: the cells it is entered by
ENTERED = {
    "mobile_revenue": ["all"],
    "fixed_revenue": ["all"],
    "mobile_gross_adds": ["all"],
    "mobile_net_adds": ["all"],
    "churn_rate": ["all"],
    "fixed_net_adds": ["fixed_line", "broadband"],
}
TERMS = {
    "total_revenue": (["mobile_revenue", "fixed_revenue"], []),
    "effective_rate": (["mobile_net_adds"], ["mobile_gross_adds"]),
}
SUMS = [*ENTERED, "total_revenue"]
PRICED = [EventKind.LATE_REPORT, EventKind.AUDIT_FINDING, EventKind.NEW_GROUP]

Cell = tuple[str, str, str]  # unit, indicator, breakdown
ABSENT, TAKEN_BACK = "absent", "taken back"


def _decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


AMOUNTS = st.one_of(
    st.sampled_from([Decimal(0), Decimal(1), Decimal(-1), Decimal("0.0001"), LIMIT, -LIMIT]),
    _decimals("-50", "200", 2),
    _decimals("-3", "3", 4),
    st.integers(-30, 2000).map(Decimal),
)
TASKS = st.one_of(AMOUNTS, AMOUNTS, st.sampled_from([Decimal(0), ABSENT]))
ACTUALS = st.one_of(AMOUNTS, AMOUNTS, AMOUNTS, st.sampled_from([ABSENT, TAKEN_BACK]))
WEIGHTS = st.one_of(st.integers(1, 60).map(Decimal), _decimals("0.5", "40", 2))


@st.composite
def _proportional(draw: Callable[..., Any]) -> dict[str, Any]:
    floor = draw(st.sampled_from(["0", "0.6", "0.65", "0.995"]))
    return {
        "cap": draw(st.sampled_from([None, "1", "1.2", "1.5", "3"])),
        "floor": floor,
        "floor_means": draw(st.sampled_from(["threshold", "base_score"])),
    }


@st.composite
def _bands(draw: Callable[..., Any]) -> dict[str, Any]:
    limits = draw(st.lists(_decimals("-1", "2", 4), min_size=1, max_size=5, unique=True))
    rows = [[str(limit), str(draw(_decimals("0", "40", 2)))] for limit in limits]
    if draw(st.booleans()):
        rows.append([None, str(draw(_decimals("0", "5", 2)))])
    return {"bands": rows}


@st.composite
def _min_max(draw: Callable[..., Any]) -> dict[str, Any]:
    low, low_points = draw(st.integers(-20, 90)), draw(st.integers(0, 20))
    return {
        "low": str(Decimal(low) / 100),
        "low_points": str(low_points),
        "high": str(Decimal(low + draw(st.sampled_from([10, 25, 40, 50]))) / 100),
        "high_points": str(low_points + draw(st.integers(0, 12))),
    }


PRICES = st.dictionaries(
    st.sampled_from([str(kind) for kind in PRICED]),
    st.sampled_from(["0", "0.25", "0.5", "1", "1.3333"]),
    min_size=1,
)
CAPPED = st.sampled_from(["1", "1.2", "2"]).map(lambda cap: {"cap": cap})
ADJUSTMENTS = st.sampled_from(["-12.34", "-1", "0.01", "3", "250.5"]).map(Decimal)
PARAMS: dict[Rule, st.SearchStrategy[dict[str, Any]]] = {
    Rule.PROPORTIONAL: _proportional(),
    Rule.BANDS: _bands(),
    Rule.INVERSE: CAPPED,
    Rule.INVERSE_LINEAR: CAPPED,
    Rule.DEDUCTION: PRICES.map(lambda per: {"per": per}),
    Rule.MIN_MAX: _min_max(),
    Rule.RELATIVE: st.just({}),
}


@st.composite
def _entry(draw: Callable[..., Any], number: int) -> ItemEntry:
    rule = draw(st.sampled_from(list(Rule)))
    indicator = None
    if rule is Rule.BANDS:
        indicator = draw(st.sampled_from(["effective_rate", *SUMS]))
    elif rule is not Rule.DEDUCTION:
        indicator = draw(st.sampled_from(SUMS))
    return ItemEntry(
        code=f"K{number}",
        name_zh=f"指标{number}",
        rule=rule,
        indicator=indicator,
        weight=draw(WEIGHTS),
        params=draw(PARAMS[rule]),
    )


@st.composite
def _entries(draw: Callable[..., Any]) -> list[ItemEntry]:
    items = [draw(_entry(number)) for number in range(1, draw(st.integers(1, 5)) + 1)]
    parting = draw(st.permutations([1, 2, 3, None, None])) if draw(st.booleans()) else [None] * 5
    items = [replace(one, tie_break=n) for one, n in zip(items, parting, strict=False)]
    if draw(st.booleans()):
        params = {"per": draw(PRICES), "cap": draw(st.sampled_from(["0.5", "3", "10"]))}
        items.append(
            ItemEntry(code="B1", name_zh="加分", role="bonus", rule="bonus", params=params)
        )
    return items


@dataclass(frozen=True, slots=True)
class Book:
    """A month: cards with the kinds they score, and everything that the units have reported."""

    cards: list[tuple[list[str], ZeroTarget, list[ItemEntry]]]
    tasks: dict[Cell, Decimal | str]
    actuals: dict[Cell, Decimal | str]
    adjustments: dict[Cell, Decimal]  # of published months, posted to this one
    events: dict[tuple[str, str], int]  # unit, kind → how often
    missing_reason: str


@st.composite
def books(draw: Callable[..., Any], units: tuple[str, ...]) -> Book:
    """Draw a month of these units, under one card or two."""
    kinds = draw(st.sampled_from([[GRIDS + OFFICES], [GRIDS, OFFICES], [GRIDS]]))
    cells = [(u, i, b) for u in units for i, members in ENTERED.items() for b in members]
    return Book(
        cards=[(k, draw(st.sampled_from(list(ZeroTarget))), draw(_entries())) for k in kinds],
        tasks={cell: draw(TASKS) for cell in cells},
        actuals={cell: draw(ACTUALS) for cell in cells},
        adjustments=draw(st.dictionaries(st.sampled_from(cells), ADJUSTMENTS, max_size=4)),
        events=draw(
            st.dictionaries(
                st.tuples(st.sampled_from(units), st.sampled_from([str(k) for k in EventKind])),
                st.sampled_from([1, 2, 3, 7]),
                max_size=6,
            )
        ),
        missing_reason=draw(st.sampled_from(["", "", "逾期未报"])),
    )


def store(book: Book, district: District, month: date = MARCH) -> list[Scorecard]:
    """Write the month down; raises Invalid for a card whose numbers cannot be scored exactly."""
    cards = []
    for number, (kinds, policy, entries) in enumerate(book.cards):
        card = save_scorecard(
            district=district.root,
            code=f"v{number}",
            name_zh="评分办法",
            unit_kinds=kinds,
            valid_from=START,
            zero_target=policy,
            items=entries,
            by=None,
            at=NOW,
        )
        card.state = ScorecardState.PUBLISHED  # whatever its weights make
        card.save()
        cards.append(card)

    def key(cell: Cell) -> dict[str, Any]:
        unit, indicator, breakdown = cell
        return {
            "month": month,
            "unit": district.units[unit],
            "indicator": district.indicators[indicator],
            "breakdown": district.breakdowns[breakdown],
        }

    Task.objects.bulk_create(
        Task(**key(cell), value=value) for cell, value in book.tasks.items() if value != ABSENT
    )
    Actual.objects.bulk_create(
        Actual(
            **key(cell),
            value=None if value == TAKEN_BACK else value,
            adjustment=book.adjustments.get(cell, 0),
            as_of=month,
            reported_at=NOW,
        )
        for cell, value in book.actuals.items()
        if value != ABSENT
    )
    Event.objects.bulk_create(
        Event(
            month=month, unit=district.units[unit], kind=kind, count=count, noted_at=NOW,
        )
        for (unit, kind), count in book.events.items()
    )  # fmt: skip
    district.month.missing_reason = book.missing_reason
    district.month.save()
    return cards


def _task(book: Book, unit: str, code: str) -> Decimal | None:
    """A task is the sum of its cells; none where no cell has one."""
    found = [book.tasks[unit, code, member] for member in ENTERED[code]]
    values = [value for value in found if value != ABSENT]
    return sum(values, Decimal(0)) if values else None


def _actual(book: Book, unit: str, code: str) -> Decimal | None:
    """A figure is whole when no cell is taken back and none with a task is absent."""
    total, is_known = Decimal(0), False
    for member in ENTERED[code]:
        value, task = book.actuals[unit, code, member], book.tasks[unit, code, member]
        if value == TAKEN_BACK or (value == ABSENT and task != ABSENT):
            return None
        if value != ABSENT:
            total += value + book.adjustments.get((unit, code, member), 0)
            is_known = True
    return total if is_known else None


def _sum(values: list[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


def _within(value: Decimal | None, limit: Decimal = LIMIT) -> Decimal | None:
    """A sum beyond all amounts is not scored."""
    return None if value is None or abs(value) > limit else value


def result(book: Book, unit: str, entry: ItemEntry, best: Mapping[str, Decimal]) -> Result:
    """What the unit reported for an item, as the rules take it."""
    zero = bool(book.missing_reason)
    if entry.indicator is None:
        priced = entry.params["per"]
        happened = {k: n for (u, k), n in book.events.items() if u == unit and k in priced}
        return Result(events=happened)
    above, below = TERMS.get(entry.indicator, ([entry.indicator], []))
    actual = _sum([_actual(book, unit, code) for code in above])
    if below:
        actual = _within(actual, 100 * LIMIT)
        divisor = _within(_sum([_actual(book, unit, code) for code in below]))
        if actual is None or divisor is None:
            return Result(closed_at_zero=zero)
        if divisor == 0:
            return Result(is_void=True, closed_at_zero=zero)
        return Result(actual=Fraction(actual) / Fraction(divisor), closed_at_zero=zero)
    return Result(
        target=_within(_sum([_task(book, unit, code) for code in above])),
        actual=_within(actual),
        best=best.get(entry.code),
        closed_at_zero=zero,
    )


def _rule_item(entry: ItemEntry, policy: ZeroTarget) -> scoring.Item:
    numbers = {
        name: None if value is None else Decimal(value)
        for name, value in entry.params.items()
        if name in {"cap", "floor", "low", "low_points", "high", "high_points"}
    }
    given = scoring.Parameters(
        **numbers,
        floor_means=curves.FloorMeaning(entry.params.get("floor_means", "threshold")),
        bands=tuple(
            (None if limit is None else Decimal(limit), Decimal(points))
            for limit, points in entry.params.get("bands", ())
        ),
        per={kind: Decimal(price) for kind, price in entry.params.get("per", {}).items()},
    )
    return scoring.item(entry.code, entry.weight, Rule(entry.rule), given, policy)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the rules say of a unit: the points of each line, the card (None without a target)."""

    points: dict[str, Decimal | None]
    card: scoring.Card | None
    bonus: Decimal
    total: Decimal | None
    rank: int | None


def expected(book: Book, kinds: Mapping[str, str]) -> dict[str, Expected]:
    """Score the book by the rules alone; `kinds` are the units with their kinds."""
    found: dict[str, tuple[dict[str, Decimal | None], scoring.Card | None, Decimal]] = {}
    breaks: dict[str, list[ItemEntry | None]] = {}
    for card_kinds, policy, entries in book.cards:
        units = [unit for unit, kind in kinds.items() if kind in card_kinds]
        scored = [entry for entry in entries if entry.role == "item"]
        best = defaultdict[str, Decimal](lambda: -2 * LIMIT)
        for entry in (entry for entry in scored if entry.rule == Rule.RELATIVE):
            for unit in units:
                actual = result(book, unit, entry, {}).actual
                if actual is not None:
                    best[entry.code] = max(best[entry.code], Decimal(str(actual)))
        parting = {entry.tie_break: entry for entry in scored}
        for unit in units:
            found[unit] = _scored(book, unit, policy, scored, entries, best)
            breaks[unit] = [parting.get(n) for n in (1, 2, 3)]

    totals = {}
    for unit, (_, card, bonus) in found.items():
        vetoed = (unit, str(EventKind.VETO)) in book.events
        total = None
        if card is not None and card.total is not None:
            total = Decimal(0) if vetoed else card.total + bonus
        totals[unit] = ranking.Standing(
            unit, total, vetoed=vetoed, tie_breaks=_parting(card, breaks[unit])
        )
    ranks = {place.unit: place.rank for place in ranking.rank(list(totals.values()))}
    return {
        unit: Expected(points, card, bonus, totals[unit].total, ranks[unit])
        for unit, (points, card, bonus) in found.items()
    }


def _parting(
    card: scoring.Card | None, breaks: list[ItemEntry | None]
) -> tuple[ranking.Rate | None, ...]:
    """The rates that part equal totals; points where an item is not scored by a rate."""
    if card is None:
        return ()
    lines = {line.code: line for line in card.lines}
    points = (Rule.BANDS, Rule.DEDUCTION)
    return tuple(
        None if entry is None
        else lines[entry.code].completion if entry.rule not in points
        else None if (got := lines[entry.code].points) is None else Fraction(got)
        for entry in breaks
    )  # fmt: skip


def _scored(
    book: Book,
    unit: str,
    policy: ZeroTarget,
    scored: list[ItemEntry],
    entries: list[ItemEntry],
    best: Mapping[str, Decimal],
) -> tuple[dict[str, Decimal | None], scoring.Card | None, Decimal]:
    items = [_rule_item(entry, policy) for entry in scored]
    results = {entry.code: result(book, unit, entry, best) for entry in scored}
    points: dict[str, Decimal | None] = {}
    for item in items:
        try:
            points[item.code] = scoring.line(item, results[item.code]).points
        except scoring.TargetMissing:
            points[item.code] = None
    bonus = Decimal(0)
    for entry in entries:
        if entry.role == "bonus":
            happened = result(book, unit, entry, {}).events
            earned = sum(n * Fraction(entry.params["per"][kind]) for kind, n in happened.items())
            curve = curves.bonus(Decimal(entry.params["cap"]))
            bonus = points[entry.code] = curve.points(*Fraction(earned).as_integer_ratio())
    try:
        card = scoring.score(items, results)
    except scoring.TargetMissing:
        card = None
    return points, card, bonus
