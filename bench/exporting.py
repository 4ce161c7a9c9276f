"""Goal 6: a commission sheet of 50,000 lines written, beside bare XlsxWriter on the same cells."""

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
from django.utils import translation

from bench.measure import Row, Work, medians
from subsidies.models import SheetState
from subsidies.queries.sheets import STEPS, Line, PayeeStatement, Sheet, Step
from subsidies.rules import commission as rules
from subsidies.rules.scheme import Scheme
from subsidies.rules.sheet import settle
from subsidies.wording import formula_text, line_name
from subsidies.workbooks import large_workbook

DEALERS, LINES = 6_250, 8
ROUNDS = 3
MEMORY = 80.0  # MB over idle


def scheme() -> Scheme:
    """Return the scheme of the demo."""
    path = Path(__file__).resolve().parents[1] / "portal" / "demo" / "scheme_2026.json"
    return Scheme.from_json(json.loads(path.read_text()))


def statements(policy: Scheme, size: int = 500) -> Iterator[list[PayeeStatement]]:
    """Yield portions of computed statements, each dealer with figures of its own."""
    unit = SimpleNamespace(short="网格1", name="网格1", pk=1)
    portion = []
    for number in range(DEALERS):
        gross = 20 + number % 400
        figures = rules.DealerMonth(
            dealer_class="A",
            gross=gross,
            zero_call=number % 7,
            instalment_counts={
                each.month: {band.start: number % 50 for band in each.bands.steps}
                for each in policy.instalments
            },
            revenue_groups=(rules.RevenueGroup(Decimal(number % 90) + Decimal("0.45"), 60),),
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
    child.start()
    megabytes: float = receiver.recv()
    child.join()
    return megabytes


def exporting() -> list[Row]:
    """Write 50,000 lines, and compute and write them."""
    policy = scheme()
    memory = peak_megabytes(lambda: write(None, policy))
    portions = list(statements(policy))
    cells = _cells(portions)
    ours, bare, computed = medians(
        [
            Work(lambda: write(portions, policy)),
            Work(lambda: write_bare(cells)),
            Work(lambda: write(None, policy)),
        ],
        ROUNDS,
    )
    name = f"commission sheet, {DEALERS * LINES:,} lines"
    return [
        Row(f"{name} written: bare XlsxWriter", ours, bare, 1.3),
        Row(f"{name} computed and written: bare XlsxWriter", computed, bare, 2),
        Row(f"{name}: peak memory over idle", memory, MEMORY, 1, "MB"),
    ]
