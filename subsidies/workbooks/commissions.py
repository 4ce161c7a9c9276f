"""A commission sheet in the department's own form: summary, all lines, a slip per payee."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from orgchart.actors import business_day
from orgchart.book import COUNT, FINE, Book, Page, sheet_names
from orgchart.models import Person
from subsidies.models import SheetState
from subsidies.queries.sheets import COLUMNS, ZERO, PayeeStatement, Sheet
from subsidies.rules.sheet import Settlement
from subsidies.wording import (
    class_name,
    formula_text,
    is_deduction,
    line_name,
    month_name,
    state_name,
)

MOST_SLIPS = 250  # worksheets that people still find their way among


def commission_workbook(
    sheet: Sheet, statements: Sequence[PayeeStatement], *, of: str = ""
) -> bytes:
    """Return the sheet as a workbook; `statements` with their lines, `of` names a single unit."""
    codes = list(dict.fromkeys(line.code for row in statements for line in row.lines))
    with Book(_title(sheet)) as book:
        for _count in fill(book, sheet, [statements], codes, len(statements), of=of):
            pass
    return book.content


def large_workbook(
    target: BinaryIO,
    sheet: Sheet,
    portions: Iterable[Sequence[PayeeStatement]],
    codes: Sequence[str],
    *,
    of: str = "",
) -> Iterator[int]:
    """Write a sheet of any length to `target` in constant memory; yield how many are written.

    `codes` are the lines that occur, in their order. Summary and lines only: the statements of
    so many dealers come as files of their own. The file is complete when the iterator ends.
    """
    with Book(_title(sheet), target) as book:
        yield from fill(book, sheet, portions, codes, MOST_SLIPS + 1, of=of)


def fill(
    book: Book,
    sheet: Sheet,
    portions: Iterable[Sequence[PayeeStatement]],
    codes: Sequence[str],
    count: int,
    *,
    of: str = "",
) -> Iterator[int]:
    """Write summary and lines side by side, then a slip per dealer where there are few enough."""
    names = [_("Summary"), _("Lines")]
    summary = _Summary(book, names[0], sheet, codes, of)
    lines = _Lines(book, names[1], sheet, of)
    slips: list[PayeeStatement] = []
    written = 0
    for portion in portions:
        for row in portion:
            summary.add(row)
            lines.add(row)
            if count <= MOST_SLIPS:
                slips.append(row)
        written += len(portion)
        yield written
    summary.end()
    lines.end(summary.sums)
    for name, row in zip(
        sheet_names([row.payee.name for row in slips], taken=names), slips, strict=True
    ):
        _slip(book, name, sheet, row)


def _title(sheet: Sheet) -> str:
    return f"{sheet_title(sheet)} {month_name(sheet.month)}"


def sheet_title(sheet: Sheet) -> str:
    """Return what a sheet of its kind is called."""
    return _("Staff commission sheet") if sheet.is_staff else _("Dealer commission sheet")


def _name_head(sheet: Sheet) -> str:
    return _("Person") if sheet.is_staff else _("Dealer name")


def statement_workbook(sheet: Sheet, statement: PayeeStatement) -> bytes:
    """Return one statement as a workbook of its own."""
    [name] = sheet_names([statement.payee.name])
    with Book(f"{statement.payee.name} {month_name(sheet.month)}") as book:
        _slip(book, name, sheet, statement)
    return book.content


def file_names(statements: Sequence[PayeeStatement]) -> list[str]:
    """Return a file name for each statement, legal everywhere, all different."""
    return [f"{name}.xlsx" for name in sheet_names(row.payee.name for row in statements)]


class _Sums:
    """Running sums of what was written, for the totals' cached values."""

    def __init__(self) -> None:
        self.users = 0
        self.lines: Counter[str] = Counter()
        self.columns = {name: Decimal("0.00") for name in COLUMNS}

    def add(self, row: PayeeStatement) -> None:
        self.users += row.counted_users
        for line in row.lines:
            self.lines[line.code] += line.amount  # type: ignore[assignment]
        for name in COLUMNS:
            self.columns[name] += getattr(row.totals, name)


class _Summary:
    """A row per payee: of a dealer its class and users, of a person the post and the score."""

    def __init__(self, book: Book, name: str, sheet: Sheet, codes: Sequence[str], of: str) -> None:
        self.earned = [code for code in codes if not is_deduction(code)]
        self.taken = [code for code in codes if is_deduction(code)]
        self.sheet, self.sums, self.number = sheet, _Sums(), 0
        staff = sheet.is_staff
        heads = [
            _("No."), _("Unit"), _("Code"), _name_head(sheet),
            *([_("Post"), _("KPI score")] if staff else [_("Class"), _("Counted users")]),
            *[line_name(code) for code in self.earned], _("Gross"),
            *[line_name(code) for code in self.taken], _("Deductions"),
            _("Brought forward"), _("Net"), _("Paid this month"), _("Carried"),
        ]  # fmt: skip
        self.page = book.page(
            name, [5, 12, 9, 20, 12 if staff else 6, 8, *[11] * (len(heads) - 6)], frozen=4
        )
        self.page.title(sheet_title(sheet))
        self.page.note(*_particulars(sheet, of), _("Amounts in yuan"))
        self.page.head(heads)
        self.first = self.page.row

    def add(self, row: PayeeStatement) -> None:
        page = self.page
        self.number += 1
        self.sums.add(row)
        page.number(0, self.number, COUNT)
        page.text(1, row.unit.short)
        page.text(2, row.payee.code)
        page.text(3, row.payee.name)
        if row.post:
            page.text(4, row.post.name)
            page.number(5, _score(row))
        else:
            page.text(4, row.commission_class, align="center")
            page.number(5, row.counted_users, COUNT)
        _money(page, 6, row, self.earned, self.taken)
        page.row += 1

    def end(self) -> None:
        page, sums = self.page, self.sums
        page.text(0, _("Total"), bold=True)
        for place in range(1, 5):
            page.text(place, "")
        if self.sheet.is_staff:
            page.text(5, "")
        else:
            page.total(5, self.first, sums.users, COUNT)
        zero = Decimal("0.00")
        values = [
            *[sums.lines.get(code, zero) for code in self.earned], sums.columns["gross"],
            *[sums.lines.get(code, zero) for code in self.taken], sums.columns["deductions"],
            *[sums.columns[name] for name in ("brought_forward", "net", "paid", "carried")],
        ]  # fmt: skip
        for place, value in enumerate(values, start=6):
            page.total(place, self.first, value)
        page.row += 1
        _signatures(page, self.sheet)
        page.print_area()


def _score(row: PayeeStatement) -> Decimal | None:
    """Return the KPI score that a person's coefficient was computed from."""
    found = (line.formula["params"].get("score") for line in row.lines)
    return next((Decimal(score) for score in found if score is not None), None)


def _money(
    page: Page, column: int, row: PayeeStatement, earned: Sequence[str], taken: Sequence[str]
) -> None:
    """Write the money columns of a dealer; what follows from others is a formula."""
    sums, amounts = row.totals, {line.code: line.amount for line in row.lines}
    gross = column + len(earned)
    deductions = gross + 1 + len(taken)
    for place, code in enumerate(earned, start=column):
        page.number(place, amounts.get(code, ZERO))
    page.formula(gross, f"SUM({page.cell(column)}:{page.cell(gross - 1)})", sums.gross)
    for place, code in enumerate(taken, start=gross + 1):
        page.number(place, amounts.get(code, ZERO))
    if taken:
        page.formula(
            deductions, f"SUM({page.cell(gross + 1)}:{page.cell(deductions - 1)})", sums.deductions
        )
    else:
        page.number(deductions, sums.deductions)
    page.number(deductions + 1, sums.brought_forward)
    net = deductions + 2
    page.formula(
        net,
        f"ROUND({page.cell(gross)}-{page.cell(deductions)}+{page.cell(deductions + 1)},2)",
        sums.net,
    )
    page.formula(net + 1, f"MAX({page.cell(net)},0)", sums.paid, bold=True)
    page.formula(net + 2, f"MIN({page.cell(net)},0)", sums.carried)


class _Lines:
    """A row per line of every statement, with its formula."""

    def __init__(self, book: Book, name: str, sheet: Sheet, of: str) -> None:
        self.page = book.page(name, [14, 10, 22, 20, 10, 10, 13, 13, 60], frozen=3)
        self.names: dict[str, str] = {}
        self.page.title(_("Commission lines"))
        self.page.note(*_particulars(sheet, of), _("Amounts in yuan"))
        self.page.head(
            [
                _("Unit"), _("Code"), _name_head(sheet), _("Item"), _("Quantity"), _("Price"),
                _("Earned"), _("Deducted"), _("Formula"),
            ]
        )  # fmt: skip
        self.first = self.page.row

    def add(self, row: PayeeStatement) -> None:
        page, names = self.page, self.names
        unit, code, dealer = row.unit.short, row.payee.code, row.payee.name
        for line in row.lines:
            if line.code not in names:
                names[line.code] = line_name(line.code)
            page.text(0, unit)
            page.text(1, code)
            page.text(2, dealer)
            page.text(3, names[line.code])
            page.number(4, line.quantity, COUNT)
            page.number(5, line.rate, FINE)
            page.number(6, None if line.is_deduction else line.amount)
            page.number(7, line.amount if line.is_deduction else None)
            page.text(8, formula_text(line.formula), text_wrap=True)
            page.row += 1

    def end(self, sums: _Sums) -> None:
        page = self.page
        page.text(0, _("Total"), bold=True)
        for place in (1, 2, 3, 4, 5, 8):
            page.text(place, "")
        page.total(6, self.first, sums.columns["gross"])
        page.total(7, self.first, sums.columns["deductions"])
        page.row += 1
        page.print_area()


def _slip(book: Book, name: str, sheet: Sheet, statement: PayeeStatement) -> None:
    """A payee's own statement, to be signed."""
    page = book.page(name, [26, 12, 12, 14, 14, 52], landscape=False)
    post = statement.post
    page.title(_("Staff commission statement") if post else _("Dealer commission statement"))
    page.note(f"{statement.payee.name} ({statement.payee.code})", statement.unit.name)
    page.note(
        *_particulars(sheet, ""), post.name if post else class_name(statement.commission_class)
    )
    page.head([_("Item"), _("Quantity"), _("Price"), _("Earned"), _("Deducted"), _("Formula")])
    first = page.row
    for line in statement.lines:
        page.text(0, line_name(line.code))
        page.number(1, line.quantity, COUNT)
        page.number(2, line.rate, FINE)
        page.number(3, None if line.is_deduction else line.amount)
        page.number(4, line.amount if line.is_deduction else None)
        page.text(5, formula_text(line.formula), text_wrap=True)
        page.row += 1
    sums = statement.totals
    page.text(0, _("Total"), bold=True)
    for place in (1, 2, 5):
        page.text(place, "")
    page.total(3, first, sums.gross)
    page.total(4, first, sums.deductions)
    total = page.row
    page.row += 1
    _settlement(page, total, sums)
    _signatures(page, sheet, _("Confirmed by the payee") if post else _("Confirmed by the dealer"))
    page.print_area()


def _settlement(page: Page, total: int, sums: Settlement) -> None:
    """Write the four figures below the lines, in the column of what is earned."""
    earned, deducted = xl_col_to_name(3), xl_col_to_name(4)
    brought, net = page.row, page.row + 1
    rows = [
        (_("Brought forward"), "", sums.brought_forward),
        (
            _("Net"),
            f"ROUND({earned}{total + 1}-{deducted}{total + 1}+{earned}{brought + 1},2)",
            sums.net,
        ),
        (_("Paid this month"), f"MAX({earned}{net + 1},0)", sums.paid),
        (_("Carried"), f"MIN({earned}{net + 1},0)", sums.carried),
    ]
    for label, formula, value in rows:
        for place in (1, 2, 4, 5):
            page.text(place, "")
        page.text(0, label)
        if formula:
            page.formula(3, formula, value, bold=True)
        else:
            page.number(3, value)
        page.row += 1


def _particulars(sheet: Sheet, of: str) -> list[str]:
    return [
        _("Period: %(month)s") % {"month": month_name(sheet.month)},
        _("Unit: %(unit)s") % {"unit": of or sheet.district.name},
        _("Scheme: %(scheme)s") % {"scheme": f"{sheet.scheme_name} {sheet.scheme_code}".strip()},
        _("Version %(version)s, %(state)s")
        % {"version": sheet.version, "state": state_name(sheet.state)},
    ]


def _signatures(page: Page, sheet: Sheet, *more: str) -> None:
    page.row += 1
    labels = {
        SheetState.MADE: _("Made by"),
        SheetState.AUDITED: _("Audited by"),
        SheetState.APPROVED: _("Approved by"),
    }
    page.note(
        *[_signature(labels[SheetState(step.state)], step.by, step.at) for step in sheet.steps[:3]],
        *[_signature(label, None, None) for label in more],
    )
    if sheet.seal:
        page.note(_("Seal: %(seal)s") % {"seal": sheet.seal})
    else:
        page.note(_("Not approved: no basis for payment."))


def _signature(label: str, by: Person | None, at: datetime | None) -> str:
    who = f"{by.name} {business_day(at).isoformat()}" if by and at else "____________"
    return _("%(label)s: %(who)s") % {"label": label, "who": who}
