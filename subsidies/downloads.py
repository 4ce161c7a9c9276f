"""The workbooks as answers, limited to what the reader may see."""

import zipfile
from datetime import date
from io import BytesIO
from tempfile import TemporaryFile

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _

from orgchart.models import Unit
from orgchart.permissions import Actor
from subsidies.models import Claim, ClaimReceipt, CommissionSheet, SheetKind, Statement
from subsidies.queries.entitlements import subsidy_table
from subsidies.queries.sheets import (
    line_codes,
    statement_portions,
    statements_of,
    summed,
)
from subsidies.workbooks import (
    claims_workbook,
    commission_workbook,
    file_names,
    large_workbook,
    statement_workbook,
    subsidy_workbook,
)
from targets.months import month_text

LONG = 250  # dealers; beyond, the file is streamed
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet_download(actor: Actor, sheet: CommissionSheet) -> FileResponse:
    """Return a commission sheet; a manager's holds the unit's statements and names the unit.

    A long one is written to disk row by row and sent from there.
    """
    unit_ids = actor.unit_ids("commissions.read")
    whole = summed([sheet], unit_ids)[0]
    if whole.payees > LONG:
        target = TemporaryFile()  # noqa: SIM115  the response closes it
        for _count in large_workbook(
            target,
            whole,
            statement_portions(sheet.pk, unit_ids),
            line_codes(sheet.pk, unit_ids),
            of=units_of(sheet, unit_ids),
        ):
            pass
        target.seek(0)
        return FileResponse(
            target, as_attachment=True, filename=f"{sheet_name(sheet)}.xlsx", content_type=XLSX
        )
    statements = statements_of(sheet.pk, unit_ids, with_lines=True)
    content = commission_workbook(whole, statements, of=units_of(sheet, unit_ids))
    return _download(content, sheet_name(sheet))


def sheet_name(sheet: CommissionSheet) -> str:
    """Return what a sheet's file is called, without its ending."""
    return f"{_title(sheet)} {month_text(sheet.month)} v{sheet.version}"


def _title(sheet: CommissionSheet) -> str:
    is_staff = sheet.kind == SheetKind.STAFF
    return _("Staff commission sheet") if is_staff else _("Dealer commission sheet")


def units_of(sheet: CommissionSheet, unit_ids: frozenset[int] | None) -> str:
    """Return the names of the units that a reader's part of the sheet is about; "" for all."""
    if unit_ids is None:
        return ""
    found = Statement.objects.filter(sheet=sheet, unit_id__in=unit_ids).values("unit_id")
    return _(", ").join(unit.name for unit in Unit.objects.filter(pk__in=found))


def statements_download(actor: Actor, sheet: CommissionSheet) -> FileResponse:
    """Return a workbook per payee, zipped, as far as the reader may see them."""
    unit_ids = actor.unit_ids("commissions.read")
    whole = summed([sheet], unit_ids)[0]
    statements = statements_of(sheet.pk, unit_ids, with_lines=True)
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, row in zip(file_names(statements), statements, strict=True):
            archive.writestr(name, statement_workbook(whole, row))
    content.seek(0)
    whose = _("Staff statements") if sheet.kind == SheetKind.STAFF else _("Dealer statements")
    name = f"{whose} {month_text(sheet.month)} v{sheet.version}.zip"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")


def subsidy_download(actor: Actor, month: date) -> FileResponse:
    """Return the month's subsidies."""
    table = subsidy_table(actor.district, month, actor.unit_ids("subsidies.read"))
    return _download(
        subsidy_workbook(table, actor.district), f"{_('Monthly subsidies')} {month_text(month)}"
    )


def claims_download(actor: Actor, claims: QuerySet[Claim]) -> FileResponse:
    """Return the claims that the reader may see and asked for, in the order of submission."""
    rows = claims.select_related("approved_by", "checked_by", "paid_by").order_by(
        "month", "unit__position", "submitted_at", "pk"
    )
    return _download(claims_workbook(rows, actor.district), _("Expense claims"))


def receipt_download(receipt: ClaimReceipt) -> FileResponse:
    """Return a receipt: a file to save, never a page; nobody else keeps a copy."""
    answer = FileResponse(
        BytesIO(bytes(receipt.content)),
        as_attachment=True,
        filename=receipt.name,
        content_type=receipt.kind,
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _download(content: bytes, name: str) -> FileResponse:
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX
    )
