"""Goal 7: a year's breakdown of 100 districts, rules time, all three methods, and its growth."""

from fractions import Fraction

from bench.measure import Row, Work, medians
from targets.rules.breakdown import Method, Part, Request, break_down
from targets.rules.breakdown import Row as SheetRow

DISTRICTS, UNITS, PARTS = 100, 10, 3  # 30 rows a district, 12 months a row
SEASON = tuple(
    Fraction(weight)
    for weight in (960, 720, 880, 800, 820, 760, 780, 860, 1020, 820, 780, 800)
)  # fmt: skip
ROUNDS = 5


def request(number: int, method: Method) -> Request:
    """Return a district of 30 rows; no two districts share total and weights."""
    rows = tuple(
        SheetRow(
            f"u{unit}",
            Fraction(700 + (number * 31 + unit * 97) % 900),
            tuple(Part(f"p{part}", Fraction(20 + (unit + part * 7) % 40)) for part in range(PARTS)),
        )
        for unit in range(UNITS)
    )
    return Request(70_000 + number * 37, rows, SEASON, method)


def breaking_down() -> list[Row]:
    """Break down 3,000 rows by each method, and ten times fewer."""
    found = []
    for method in Method:
        requests = [request(number, method) for number in range(DISTRICTS)]

        def run(asked: list[Request]) -> None:
            for one in asked:
                break_down(one)

        many, few = medians(
            [Work(lambda r=requests: run(r)), Work(lambda r=requests: run(r[::10]))],
            ROUNDS,
        )
        name = f"break down {DISTRICTS * UNITS * PARTS:,} rows × 12, {method}"
        found += [
            Row(f"{name}: one second", many, 1.0, 1),
            Row(f"{name}: ten times a tenth", many, few * 10, 1.2),
        ]
    return found
