"""Goal 7: a year's breakdown of 100 districts, rules time, all three methods, and its growth."""

from collections.abc import Sequence
from fractions import Fraction

from bench.measure import Row, Work, compared, medians
from targets.rules.breakdown import Method, Part, Request, break_down
from targets.rules.breakdown import Row as SheetRow

DISTRICTS, UNITS, PARTS = 100, 10, 3  # 30 rows a district, 12 months a row
SEASON = tuple(
    Fraction(weight)
    for weight in (960, 720, 880, 800, 820, 760, 780, 860, 1020, 820, 780, 800)
)  # fmt: skip
ROUNDS = 5


def request(number: int, method: Method, units: int = UNITS) -> Request:
    """Return a district of three rows a unit; no two districts share total and weights."""
    rows = tuple(
        SheetRow(
            f"u{unit}",
            Fraction(700 + (number * 31 + unit * 97) % 900),
            tuple(Part(f"p{part}", Fraction(20 + (unit + part * 7) % 40)) for part in range(PARTS)),
        )
        for unit in range(units)
    )
    return Request(7_000 * units + number * 37, rows, SEASON, method)


def _all(asked: Sequence[Request]) -> Work:
    return Work(lambda: [break_down(one) for one in asked])


def breaking_down() -> list[Row]:
    """Break 3,000 rows down by each method: in 100 districts, ten times ten, and one table."""
    found = []
    for method in Method:
        requests = [request(number, method) for number in range(DISTRICTS)]
        # The tenth is done ten times, so that a noisy machine disturbs both alike.
        many, tenth, one = medians(
            [_all(requests), _all(requests[::10] * 10), _all([request(0, method, 1_000)])], ROUNDS
        )
        name = f"break down {DISTRICTS * UNITS * PARTS:,} rows × 12, {method}"
        found += [
            Row(f"{name}: one second", many.clock, 1.0, 1),
            *compared(f"{name}: ten times a tenth", many, tenth, 1.2),
            Row(f"{name}, one table: one second", one.clock, 1.0, 1),
        ]
    return found
