"""Breaking a total down exactly: largest remainder, locks, re-spread, roll-forward (rules §3).

Amounts are integers in the smallest unit of the indicator: value × 10^decimals.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm

from targets.rules.margins import fit_margins

MONTHS = 12


class Method(StrEnum):
    """Which sums are fixed before the cells: the rows', the months', or both."""

    ROW_FIRST = "row_first"
    MONTH_FIRST = "month_first"
    BOTH_MARGINS = "both_margins"


class Obstacle(StrEnum):
    """Why a breakdown is impossible."""

    NO_WEIGHT = "no_weight"
    NEGATIVE_WEIGHT = "negative_weight"
    LOCKED_EXCEEDS_TOTAL = "locked_exceeds_total"
    ALL_LOCKED_UNEQUAL = "all_locked_unequal"
    UNKNOWN_CELL = "unknown_cell"
    LOCKED_TWICE = "locked_twice"
    LOCKS_WITH_BOTH_MARGINS = "locks_with_both_margins"


@dataclass
class Impossible(Exception):
    """No breakdown meets the request; the fields say why, in integer units.

    `unit` and `breakdown` name the row (the unit alone when its parts are the trouble); both
    are empty when a month's sum is.
    """

    obstacle: Obstacle
    total: int = 0
    locked: int = 0
    unit: str = ""
    breakdown: str = ""
    month: int | None = None

    def __str__(self) -> str:
        row = "/".join(filter(None, (self.unit, self.breakdown)))
        axis = "row" if row or self.month is None else "month"
        place = " in " + (row or f"month {self.month}") if row or self.month else ""
        cell = f"{row} month {self.month}".strip()
        match self.obstacle:
            case Obstacle.LOCKED_EXCEEDS_TOTAL:
                return f"locked {self.locked} exceeds {axis} total {self.total}{place}"
            case Obstacle.ALL_LOCKED_UNEQUAL:
                return (
                    f"all cells are locked and sum to {self.locked}, "
                    f"not to the {axis} total {self.total}{place}"
                )
            case Obstacle.NO_WEIGHT:
                return f"no weight to spread {self.total} by{place}"
            case Obstacle.NEGATIVE_WEIGHT:
                return f"a weight is negative{place}"
            case Obstacle.UNKNOWN_CELL:
                return f"no such cell to lock: {cell}"
            case Obstacle.LOCKED_TWICE:
                return f"locked twice: {cell}"
            case Obstacle.LOCKS_WITH_BOTH_MARGINS:
                return "locked cells need one free margin: choose row first or month first"


@dataclass(frozen=True, slots=True)
class Part:
    """A breakdown of a unit (a tier, a product) and its weight within the unit."""

    breakdown: str
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Row:
    """A unit, its weight within the total, and its parts."""

    unit: str
    weight: Fraction
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Lock:
    """A cell (month 1-12) that keeps its value, in integer units."""

    unit: str
    breakdown: str
    month: int
    value: int


@dataclass(frozen=True, slots=True)
class Request:
    """What to break down: total in integer units, rows, twelve season weights, locks.

    `held` months (1-12) are over: a lock stands on each of their cells, their sum is what the
    locks make, and the open months share the rest.
    """

    total: int
    rows: tuple[Row, ...]
    season: tuple[Fraction, ...]
    method: Method = Method.ROW_FIRST
    locks: tuple[Lock, ...] = ()
    held: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A finished row: twelve months in integer units."""

    unit: str
    breakdown: str
    months: tuple[int, ...]

    @property
    def total(self) -> int:
        """The year: the sum of the months."""
        return sum(self.months)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A finished table; every sum is taken from its cells."""

    rows: tuple[SheetRow, ...]

    @property
    def months(self) -> tuple[int, ...]:
        """The twelve column sums: what the district's month is (rules §3)."""
        return tuple(sum(column) for column in zip(*(row.months for row in self.rows), strict=True))

    @property
    def total(self) -> int:
        """The grand total."""
        return sum(row.total for row in self.rows)

    @property
    def unit_totals(self) -> dict[str, int]:
        """The year of each unit, in row order."""
        totals: Counter[str] = Counter()
        for row in self.rows:
            totals[row.unit] += row.total
        return dict(totals)


def scaled(value: Decimal, decimals: int) -> int:
    """Return value × 10^decimals. Raises ValueError when that is not whole."""
    units = Fraction(value) * 10**decimals
    if units.denominator != 1:
        raise ValueError(f"{value} has more than {decimals} decimals")
    return int(units)


def unscaled(units: int, decimals: int) -> Decimal:
    """Return the value that an integer of units stands for."""
    return Decimal(units).scaleb(-decimals)


def largest_remainder(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Split `total` by `weights` into integers that sum to it.

    Units left after rounding down go to the largest remainder, then the larger weight, then the
    earlier position; a negative total mirrors the positive one. Raises Impossible when a weight
    is negative, or all are zero and the total is not.
    """
    exact = [Fraction(weight) for weight in weights]
    scale = lcm(*(weight.denominator for weight in exact))
    whole = [weight.numerator * (scale // weight.denominator) for weight in exact]
    if any(weight < 0 for weight in whole):
        raise Impossible(Obstacle.NEGATIVE_WEIGHT, total=total)

    base = sum(whole)
    if base == 0:
        if total:
            raise Impossible(Obstacle.NO_WEIGHT, total=total)
        return [0] * len(whole)

    amount = abs(total)
    shares = [divmod(amount * weight, base) for weight in whole]
    parts = [share for share, _ in shares]
    order = sorted(range(len(whole)), key=lambda i: (-shares[i][1], -whole[i], i))
    for index in order[: amount - sum(parts)]:
        parts[index] += 1
    return parts if total >= 0 else [-part for part in parts]


def respread(total: int, weights: Sequence[Fraction], locks: Mapping[int, int]) -> tuple[int, ...]:
    """Spread `total` by `weights` around the locked positions (0-based → value), which stand.

    Raises Impossible: the locks exceed the total, all positions are locked and do not sum to it,
    or what is left open has no weight.
    """
    locked = sum(locks.values())
    left = total - locked
    open_positions = [index for index in range(len(weights)) if index not in locks]
    if left * (1 if total >= 0 else -1) < 0:
        raise Impossible(Obstacle.LOCKED_EXCEEDS_TOTAL, total=total, locked=locked)
    if left and not open_positions:
        raise Impossible(Obstacle.ALL_LOCKED_UNEQUAL, total=total, locked=locked)

    parts = dict(locks)
    shares = largest_remainder(left, [weights[index] for index in open_positions])
    parts.update(zip(open_positions, shares, strict=True))
    return tuple(parts[index] for index in range(len(weights)))


def roll_forward(
    total: int,
    actuals: Sequence[int],
    later: Sequence[Fraction | int],
    locks: Mapping[int, int] | None = None,
) -> tuple[int, ...]:
    """Return the remaining months: total − Σ actuals, spread by `later` (the plan's own months).

    `locks` (0-based among the remaining months → value) stand. Nothing is left to ask once
    actuals and locks reach the total; the open months are then 0. Raises Impossible when
    something is left and no open month has a weight.
    """
    stand = locks or {}
    locked = sum(stand.values())
    left = total - sum(actuals) - locked
    if left * (1 if total >= 0 else -1) < 0:
        left = 0
    open_positions = [index for index in range(len(later)) if index not in stand]
    if left and not open_positions:
        raise Impossible(Obstacle.ALL_LOCKED_UNEQUAL, total=left + locked, locked=locked)
    shares = largest_remainder(left, [abs(Fraction(later[index])) for index in open_positions])
    months = {**stand, **dict(zip(open_positions, shares, strict=True))}
    return tuple(months[index] for index in range(len(later)))


def break_down(request: Request) -> Sheet:
    """Break a total down to unit × part × month so that every axis adds up.

    Raises Impossible, naming the row or month where it fails.
    """
    _check(request)
    match request.method:
        case Method.ROW_FIRST:
            return _row_first(request)
        case Method.MONTH_FIRST:
            return _month_first(request)
        case Method.BOTH_MARGINS:
            return _both_margins(request)


def _check(request: Request) -> None:
    if len(request.season) != MONTHS:
        raise ValueError(f"a season has {MONTHS} weights, not {len(request.season)}")
    cells = {(row.unit, part.breakdown) for row in request.rows for part in row.parts}
    if len(cells) != sum(len(row.parts) for row in request.rows):
        raise ValueError("a row is listed twice")
    seen = set()
    for lock in request.locks:
        place = (lock.unit, lock.breakdown)
        if place not in cells or not 1 <= lock.month <= MONTHS:
            raise Impossible(
                Obstacle.UNKNOWN_CELL, unit=place[0], breakdown=place[1], month=lock.month
            )
        if (*place, lock.month) in seen:
            raise Impossible(
                Obstacle.LOCKED_TWICE, unit=place[0], breakdown=place[1], month=lock.month
            )
        seen.add((*place, lock.month))
    if any((*place, month) not in seen for place in cells for month in request.held):
        raise ValueError("a held month has a lock on each of its cells")
    is_free = all(lock.month in request.held for lock in request.locks)
    if not is_free and request.method is Method.BOTH_MARGINS:
        raise Impossible(Obstacle.LOCKS_WITH_BOTH_MARGINS, total=request.total)


def _split(total: int, rows: Sequence[Row]) -> dict[tuple[str, str], int]:
    """Split a total over units, then each unit over its parts."""
    shares = {}
    units = largest_remainder(total, [row.weight for row in rows])
    for row, amount in zip(rows, units, strict=True):
        try:
            parts = largest_remainder(amount, [part.weight for part in row.parts])
        except Impossible as error:
            error.unit = row.unit
            raise
        for part, share in zip(row.parts, parts, strict=True):
            shares[row.unit, part.breakdown] = share
    return shares


def _locks_by_row(request: Request) -> dict[tuple[str, str], dict[int, int]]:
    """Return row → month (0-based) → locked value."""
    found: dict[tuple[str, str], dict[int, int]] = {}
    for lock in request.locks:
        found.setdefault((lock.unit, lock.breakdown), {})[lock.month - 1] = lock.value
    return found


def _month_sums(request: Request) -> tuple[int, ...]:
    """Split the total over the months; what the held ones do not make is the open ones'."""
    held = {month - 1: 0 for month in request.held}
    for lock in request.locks:
        if lock.month in request.held:
            held[lock.month - 1] += lock.value
    return respread(request.total, request.season, held)


def _row_first(request: Request) -> Sheet:
    rows = []
    locks = _locks_by_row(request)
    for (unit, breakdown), amount in _split(request.total, request.rows).items():
        try:
            months = respread(amount, request.season, locks.get((unit, breakdown), {}))
        except Impossible as error:
            error.unit, error.breakdown = unit, breakdown
            raise
        rows.append(SheetRow(unit, breakdown, months))
    return Sheet(tuple(rows))


def _month_first(request: Request) -> Sheet:
    """Split the total over the months, then each month over all rows at once."""
    places = [(row.unit, part.breakdown) for row in request.rows for part in row.parts]
    numbers = {place: number for number, place in enumerate(places)}
    weights = _row_weights(request.rows)
    locks: list[dict[int, int]] = [{} for _ in range(MONTHS)]
    for lock in request.locks:
        locks[lock.month - 1][numbers[lock.unit, lock.breakdown]] = lock.value
    columns = []
    for month, amount in enumerate(_month_sums(request), start=1):
        try:
            columns.append(respread(amount, weights, locks[month - 1]))
        except Impossible as error:
            error.month = month
            raise
    return Sheet(
        tuple(
            SheetRow(*place, months)
            for place, months in zip(places, zip(*columns, strict=True), strict=True)
        )
    )


def _row_weights(rows: Iterable[Row]) -> list[Fraction]:
    """Return each part's weight within the whole: unit weight × share of the unit."""
    weights = []
    for row in rows:
        whole = sum((part.weight for part in row.parts), Fraction(0))
        weights += [row.weight * part.weight / whole if whole else whole for part in row.parts]
    return weights


def _both_margins(request: Request) -> Sheet:
    """Fit the open months between both margins; held months stand and narrow the rows."""
    rows = _split(request.total, request.rows)
    sums = _month_sums(request)
    held = _locks_by_row(request)
    open_months = [index for index in range(MONTHS) if index + 1 not in request.held]
    left = {place: amount - sum(held.get(place, {}).values()) for place, amount in rows.items()}
    for (unit, breakdown), amount in left.items():
        if amount * (1 if request.total >= 0 else -1) < 0:
            row = rows[unit, breakdown]
            raise Impossible(
                Obstacle.LOCKED_EXCEEDS_TOTAL, row, row - amount, unit=unit, breakdown=breakdown
            )
    cells = fit_margins(list(left.values()), [sums[index] for index in open_months])
    lines = []
    for place, fitted in zip(rows, cells, strict=True):
        months = {**held.get(place, {}), **dict(zip(open_months, fitted, strict=True))}
        lines.append(SheetRow(*place, tuple(months[index] for index in range(MONTHS))))
    return Sheet(tuple(lines))
