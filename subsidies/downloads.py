"""The workbooks as answers, limited to what the reader may see."""

import zipfile
from datetime import date
from io import BytesIO

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _

from orgchart.permissions import Actor
from subsidies.models import Claim, ClaimReceipt, CommissionSheet
from subsidies.queries.entitlements import subsidy_table
from subsidies.queries.sheets import statements_of, summed
from subsidies.workbooks import (
    claims_workbook,
    commission_workbook,
    file_names,
    statement_workbook,
    subsidy_workbook,
)
from targets.months import month_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet_download(actor: Actor, sheet: CommissionSheet) -> FileResponse:
    """Return a commission sheet; a manager's holds the unit's dealers and names the unit."""
    unit_ids = actor.unit_ids("commissions.read")
    statements = statements_of(sheet.pk, unit_ids, with_lines=True)
    of = ""
    if unit_ids is not None:
        of = _(", ").join(dict.fromkeys(each.unit.name for each in statements))
    content = commission_workbook(summed([sheet], unit_ids)[0], statements, of=of)
    return _download(
        content, f"{_('Dealer commission sheet')} {month_text(sheet.month)} v{sheet.version}"
    )


def statements_download(actor: Actor, sheet: CommissionSheet) -> FileResponse:
    """Return a workbook per dealer, zipped, as far as the reader may see them."""
    unit_ids = actor.unit_ids("commissions.read")
    whole = summed([sheet], unit_ids)[0]
    statements = statements_of(sheet.pk, unit_ids, with_lines=True)
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, row in zip(file_names(statements), statements, strict=True):
            archive.writestr(name, statement_workbook(whole, row))
    content.seek(0)
    name = f"{_('Dealer statements')} {month_text(sheet.month)} v{sheet.version}.zip"
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
