"""The workbooks of field work as answers."""

from collections.abc import Iterable
from io import BytesIO

from django.http import FileResponse
from django.utils.translation import gettext as _

from fieldwork.models import Account
from fieldwork.workbooks.accounts import accounts_workbook
from orgchart.models import Unit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def accounts_download(district: Unit, accounts: Iterable[Account]) -> FileResponse:
    """Return the accounts as Excel."""
    return download(accounts_workbook(accounts, district), _("Field accounts"))


def download(content: bytes, name: str) -> FileResponse:
    """Return a workbook to be saved."""
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX
    )
