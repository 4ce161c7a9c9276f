"""Goal 6: a commission sheet of 50,000 lines, beside bare XlsxWriter on the same cells.

Written from statements at hand, and as a reader gets it: read from the database and written.
"""

import gc
import json
import multiprocessing
import resource
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryFile
from types import SimpleNamespace
from typing import Any

import xlsxwriter
from django.db import connection, connections
from django.utils import translation

from bench import district
from bench.measure import Row, Work, compared, medians
from orgchart.models import Dealer, DealerKind, DealerTier, Person, Unit, UnitKind
from subsidies.models import (
    CommissionLine,
    CommissionScheme,
    CommissionSheet,
    SheetState,
    Statement,
)
from subsidies.queries.sheets import (
    COLUMNS,
    STEPS,
    Line,
    PayeeStatement,
    Sheet,
    Step,
    line_codes,
    statement_portions,
    summed,
)
from subsidies.rules import commission as rules
from subsidies.rules.dealer_month import DealerMonth, RevenueGroup
from subsidies.rules.scheme import Scheme
from subsidies.rules.sheet import settle
from subsidies.wording import formula_text, line_name
from subsidies.workbooks import large_workbook

DEALERS, LINES = 6_250, 8
ROUNDS = 3
MEMORY = 80.0  # MB over idle


def document() -> dict[str, Any]:
    """Return the scheme of the demo as it is stored."""
    path = Path(__file__).resolve().parents[1] / "portal" / "demo" / "scheme_2026.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def scheme() -> Scheme:
    """Return the scheme of the demo."""
    return Scheme.from_json(document())


def statements(policy: Scheme, size: int = 500) -> Iterator[list[PayeeStatement]]:
    """Yield portions of computed statements, each dealer with figures of its own."""
    unit = SimpleNamespace(short="网格1", name="网格1", pk=1)
    portion = []
    for number in range(DEALERS):
        gross = 20 + number % 400
        figures = DealerMonth(
            dealer_class="A",
            gross=gross,
            zero_call=number % 7,
            instalment_counts={
                each.month: {band.start: number % 50 for band in each.bands.steps}
                for each in policy.instalments
            },
            revenue_groups=(RevenueGroup(Decimal(number % 90) + Decimal("0.45"), 60),),
        )
        result = rules.statement(policy, figures)
        lines = tuple(
            Line(0, line.key, Decimal(line.quantity), line.rate, line.amount, line.working())
            for line in result.lines
        )
        dealer = SimpleNamespace(name=f"经销商{number}", code=f"d{number}", pk=number)
        portion.append(
            PayeeStatement(
                dealer, None, unit, "A", result.counted_users, result.unit_price, 1,
                result.settlement, lines,
            )
        )  # fmt: skip
        if len(portion) == size:
            yield portion
            portion = []
    if portion:
        yield portion


def _sheet() -> Sheet:
    district = SimpleNamespace(name="XX区营销部")
    steps = tuple(Step(state, None, None, False) for state in STEPS)
    zero = settle(gross=Decimal(0), deductions=Decimal(0), brought_forward=Decimal(0))
    return Sheet(
        1, "dealers", date(2026, 3, 1), 1, SheetState.MADE, "2026", "佣金办法", district, DEALERS,
        zero, steps, "", None, None, "", "",
    )  # fmt: skip


def write(portions: list[list[PayeeStatement]] | None, policy: Scheme) -> None:
    """Write ours: from statements at hand, or computed portion by portion."""
    source = statements(policy) if portions is None else portions
    codes = [line.code for line in next(iter(statements(policy)))[0].lines]
    with TemporaryFile() as target, translation.override("zh-hans"):
        for _count in large_workbook(target, _sheet(), source, codes):
            pass


def write_bare(cells: list[list[list[Any]]]) -> None:
    """Write the same cells with the same number formats, nothing else."""
    with TemporaryFile() as target:
        book = xlsxwriter.Workbook(target, {"constant_memory": True})
        text = book.add_format({"border": 1, "valign": "vcenter"})
        number = book.add_format({"border": 1, "valign": "vcenter", "num_format": "#,##0.00"})
        pages = [book.add_worksheet() for _ in cells]
        for page, rows in zip(pages, cells, strict=True):
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value is None:
                        page.write_blank(at, column, None, number)
                    elif isinstance(value, tuple):
                        page.write_formula(at, column, value[0], number, value[1])
                    elif isinstance(value, str):
                        page.write_string(at, column, value, text)
                    else:
                        page.write_number(at, column, value, number)
        book.close()


def _cells(portions: list[list[PayeeStatement]]) -> list[list[list[Any]]]:
    """Return the cells of both pages as finished values."""
    summary, lines = [], []
    with translation.override("zh-hans"):
        for number, row in enumerate((row for portion in portions for row in portion), start=1):
            totals = row.totals
            summary.append(
                [number, row.unit.short, row.payee.code, row.payee.name, "A", row.counted_users,
                 *[line.amount for line in row.lines], totals.brought_forward,
                 *[(f"=SUM(G{number}:L{number})", amount) for amount in
                   (totals.gross, totals.deductions, totals.net, totals.paid, totals.carried)]]
            )  # fmt: skip
            for line in row.lines:
                lines.append(
                    [row.unit.short, row.payee.code, row.payee.name, line_name(line.code),
                     line.quantity, line.rate, None if line.is_deduction else line.amount,
                     line.amount if line.is_deduction else None, formula_text(line.formula)]
                )  # fmt: skip
    return [summary, lines]


def peak_megabytes(work: Callable[[], object]) -> float:
    """Return by how much a work raises the peak memory of a process of its own."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def run() -> None:
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        work()
        sender.send((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)

    child = context.Process(target=run)
    connections.close_all()  # two processes on one connection end it for both
    child.start()
    megabytes: float = receiver.recv()
    child.join()
    return megabytes


def store(chosen: district.District, policy: Scheme) -> CommissionSheet:
    """Keep the statements as a sheet of the district."""
    root = chosen.root
    clerk = Person.objects.get(user=chosen.head)
    units = list(Unit.objects.filter(district=root, kind=UnitKind.GRID))
    sheet = CommissionSheet.objects.create(
        district=root, month=district.MONTH, made_by=clerk, made_at=district.NOW,
        scheme=CommissionScheme.objects.create(
            district=root, code="2026", name_zh="佣金办法", valid_from=district.START,
            body=document(),
        ),
    )  # fmt: skip
    for portion in statements(policy):
        dealers = Dealer.objects.bulk_create(
            Dealer(district=root, code=row.payee.code, name_zh=row.payee.name,
                   tier=DealerTier.TIER_1, kind=DealerKind.MALL_MERCHANT, commission_class="A",
                   opened_on=district.START)
            for row in portion
        )  # fmt: skip
        kept = Statement.objects.bulk_create(
            Statement(
                sheet=sheet, dealer=dealer, unit=units[number % len(units)], commission_class="A",
                counted_users=row.counted_users, unit_price=row.unit_price, return_version=1,
                **{name: getattr(row.totals, name) for name in COLUMNS},
            )
            for number, (dealer, row) in enumerate(zip(dealers, portion, strict=True))
        )  # fmt: skip
        CommissionLine.objects.bulk_create(
            CommissionLine(
                statement=statement, code=line.code, quantity=line.quantity, rate=line.rate,
                amount=line.amount, formula=line.formula, position=position,
            )
            for statement, row in zip(kept, portion, strict=True)
            for position, line in enumerate(row.lines)
        )  # fmt: skip
    return sheet


def write_stored(sheet: CommissionSheet) -> None:
    """Write a sheet as its readers get it."""
    with TemporaryFile() as target, translation.override("zh-hans"):
        for _count in large_workbook(
            target, summed([sheet])[0], statement_portions(sheet.pk), line_codes(sheet.pk)
        ):
            pass


READ = """
SELECT s.id, s.counted_users, s.gross, s.deductions, s.net, s.paid, s.carried, d.code, d.name_zh,
       u.name_zh, l.code, l.quantity, l.rate, l.amount, l.formula
FROM subsidies_statement s
JOIN orgchart_dealer d ON d.id = s.dealer_id
JOIN orgchart_unit u ON u.id = s.unit_id
JOIN subsidies_commissionline l ON l.statement_id = s.id
WHERE s.sheet_id = %s
ORDER BY u.position, d.code, l.position
"""


def read_bare(sheet: CommissionSheet) -> None:
    """Fetch the same rows and do nothing with them."""
    with connection.cursor() as cursor:
        cursor.execute(READ, [sheet.pk])
        while cursor.fetchmany(4_000):
            pass


def exporting(chosen: district.District) -> list[Row]:
    """Write 50,000 lines from memory, and from the database, which keeps them for the district."""
    policy = scheme()
    stored = store(chosen, policy)
    memory = peak_megabytes(lambda: write_stored(stored))
    portions = list(statements(policy))
    cells = _cells(portions)
    ours, bare, stored_written, read = medians(
        [
            Work(lambda: write(portions, policy)),
            Work(lambda: write_bare(cells)),
            Work(lambda: write_stored(stored)),
            Work(lambda: read_bare(stored)),
        ],
        ROUNDS,
    )
    name = f"commission sheet, {DEALERS * LINES:,} lines"
    return [
        *compared(f"{name} written: bare XlsxWriter", ours, bare, 1.3),
        *compared(f"{name} read and written: bare read + write", stored_written, read + bare, 1.5),
        Row(f"{name}: peak memory over idle", memory, MEMORY, 1, "MB"),
    ]
