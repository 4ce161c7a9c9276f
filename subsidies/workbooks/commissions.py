"""A commission sheet in the department's own form: summary, all lines, a slip per dealer."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from orgchart.actors import business_day
from orgchart.models import Person
from subsidies.models import SheetState
from subsidies.queries.sheets import DealerStatement, Sheet, total_of
from subsidies.rules.sheet import Settlement
from subsidies.wording import (
    class_name,
    formula_text,
    is_deduction,
    line_name,
    month_name,
    state_name,
)
from subsidies.workbooks.book import COUNT, FINE, Book, Page, sheet_names


def commission_workbook(
    sheet: Sheet, statements: Sequence[DealerStatement], *, of: str = ""
) -> bytes:
    """Return the sheet as a workbook; `statements` with their lines, `of` names a single unit."""
    title = _("Dealer commission sheet")
    fixed = [_("Summary"), _("Lines")]
    slips = sheet_names([row.dealer.name for row in statements], taken=fixed)
    with Book(f"{title} {month_name(sheet.month)}") as book:
        _summary(book, fixed[0], title, sheet, statements, of)
        _lines(book, fixed[1], sheet, statements, of)
        for name, statement in zip(slips, statements, strict=True):
            _slip(book, name, sheet, statement)
    return book.content


def statement_workbook(sheet: Sheet, statement: DealerStatement) -> bytes:
    """Return one dealer's statement as a workbook of its own."""
    [name] = sheet_names([statement.dealer.name])
    with Book(f"{statement.dealer.name} {month_name(sheet.month)}") as book:
        _slip(book, name, sheet, statement)
    return book.content


def file_names(statements: Sequence[DealerStatement]) -> list[str]:
    """Return a file name for each statement, legal everywhere, all different."""
    return [f"{name}.xlsx" for name in sheet_names(row.dealer.name for row in statements)]


def _summary(
    book: Book,
    name: str,
    title: str,
    sheet: Sheet,
    statements: Sequence[DealerStatement],
    of: str,
) -> None:
    codes = list(dict.fromkeys(line.code for row in statements for line in row.lines))
    earned = [code for code in codes if not is_deduction(code)]
    taken = [code for code in codes if is_deduction(code)]
    heads = [
        _("No."), _("Unit"), _("Code"), _("Dealer name"), _("Class"), _("Counted users"),
        *[line_name(code) for code in earned], _("Gross"),
        *[line_name(code) for code in taken], _("Deductions"),
        _("Brought forward"), _("Net"), _("Paid this month"), _("Carried"),
    ]  # fmt: skip
    page = book.page(name, [5, 12, 9, 20, 6, 8, *[11] * (len(heads) - 6)], frozen=4)
    page.title(title)
    page.note(*_particulars(sheet, of), _("Amounts in yuan"))
    page.head(heads)
    first = page.row
    for number, row in enumerate(statements, start=1):
        page.number(0, number, COUNT)
        page.text(1, row.unit.short)
        page.text(2, row.dealer.code)
        page.text(3, row.dealer.name)
        page.text(4, row.commission_class, align="center")
        page.number(5, row.counted_users, COUNT)
        _money(page, 6, row, earned, taken)
        page.row += 1
    _totals(page, first, statements, earned, taken)
    _signatures(page, sheet)
    page.print_area()


def _money(
    page: Page, column: int, row: DealerStatement, earned: Sequence[str], taken: Sequence[str]
) -> None:
    """Write the money columns of a dealer; what follows from others is a formula."""
    sums = row.totals
    gross = column + len(earned)
    deductions = gross + 1 + len(taken)
    for place, code in enumerate(earned, start=column):
        page.number(place, row.amount(code))
    page.formula(gross, f"SUM({page.cell(column)}:{page.cell(gross - 1)})", sums.gross)
    for place, code in enumerate(taken, start=gross + 1):
        page.number(place, row.amount(code))
    page.formula(
        deductions, f"SUM({page.cell(gross + 1)}:{page.cell(deductions - 1)})", sums.deductions
    )
    page.number(deductions + 1, sums.brought_forward)
    net = deductions + 2
    page.formula(
        net,
        f"ROUND({page.cell(gross)}-{page.cell(deductions)}+{page.cell(deductions + 1)},2)",
        sums.net,
    )
    page.formula(net + 1, f"MAX({page.cell(net)},0)", sums.paid, bold=True)
    page.formula(net + 2, f"MIN({page.cell(net)},0)", sums.carried)


def _totals(
    page: Page,
    first: int,
    statements: Sequence[DealerStatement],
    earned: Sequence[str],
    taken: Sequence[str],
) -> None:
    sums = total_of(statements)
    users = sum(row.counted_users for row in statements)
    page.text(0, _("Total"), bold=True)
    for place in range(1, 5):
        page.text(place, "")
    page.total(5, first, users, COUNT)
    values = [
        *[_sum(statements, code) for code in earned], sums.gross,
        *[_sum(statements, code) for code in taken], sums.deductions,
        sums.brought_forward, sums.net, sums.paid, sums.carried,
    ]  # fmt: skip
    for place, value in enumerate(values, start=6):
        page.total(place, first, value)
    page.row += 1


def _sum(statements: Sequence[DealerStatement], code: str) -> Decimal:
    return sum((row.amount(code) for row in statements), Decimal("0.00"))


def _lines(
    book: Book, name: str, sheet: Sheet, statements: Sequence[DealerStatement], of: str
) -> None:
    page = book.page(name, [14, 10, 22, 20, 10, 10, 13, 13, 60], frozen=3)
    page.title(_("Commission lines"))
    page.note(*_particulars(sheet, of), _("Amounts in yuan"))
    page.head(
        [
            _("Unit"),
            _("Code"),
            _("Dealer name"),
            _("Item"),
            _("Quantity"),
            _("Price"),
            _("Earned"),
            _("Deducted"),
            _("Formula"),
        ]
    )
    first = page.row
    for row in statements:
        for line in row.lines:
            page.text(0, row.unit.short)
            page.text(1, row.dealer.code)
            page.text(2, row.dealer.name)
            page.text(3, line_name(line.code))
            page.number(4, line.quantity, COUNT)
            page.number(5, line.rate, FINE)
            page.number(6, None if line.is_deduction else line.amount)
            page.number(7, line.amount if line.is_deduction else None)
            page.text(8, formula_text(line.formula), text_wrap=True)
            page.row += 1
    sums = total_of(statements)
    page.text(0, _("Total"), bold=True)
    for place in (1, 2, 3, 4, 5, 8):
        page.text(place, "")
    page.total(6, first, sums.gross)
    page.total(7, first, sums.deductions)
    page.row += 1
    page.print_area()


def _slip(book: Book, name: str, sheet: Sheet, statement: DealerStatement) -> None:
    """A dealer's own statement, to be signed."""
    page = book.page(name, [26, 12, 12, 14, 14, 52], landscape=False)
    page.title(_("Dealer commission statement"))
    page.note(f"{statement.dealer.name} ({statement.dealer.code})", statement.unit.name)
    page.note(*_particulars(sheet, ""), class_name(statement.commission_class))
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
    _signatures(page, sheet, _("Confirmed by the dealer"))
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
