"""The workbooks of field work as answers."""

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO

from django.http import FileResponse
from django.utils.translation import gettext as _

from fieldwork.models import (
    Account,
    Activity,
    ActivityPhoto,
    Alarm,
    DayTakings,
    DealerStatement,
    Finding,
    SampledUser,
    StockMovement,
    StockRequestLine,
    Summary,
    Survey,
    WarnedUser,
)
from fieldwork.queries.calendar import Event
from fieldwork.queries.goals import Standing
from fieldwork.queries.warehouse import Flow, Shelf
from fieldwork.workbooks.accounts import accounts_workbook
from fieldwork.workbooks.alarms import alarms_workbook
from fieldwork.workbooks.audit import sample_workbook, statements_workbook, takings_workbook
from fieldwork.workbooks.calendar import calendar_workbook
from fieldwork.workbooks.findings import findings_workbook
from fieldwork.workbooks.goals import goals_workbook
from fieldwork.workbooks.promotions import promotions_workbook
from fieldwork.workbooks.retention import retention_workbook
from fieldwork.workbooks.summaries import summaries_workbook
from fieldwork.workbooks.surveys import survey_workbook
from fieldwork.workbooks.visits import visits_workbook
from fieldwork.workbooks.warehouse import (
    flows_workbook,
    ledger_workbook,
    requests_workbook,
    stock_workbook,
)
from orgchart.models import Unit
from targets.charts import Chart
from targets.months import month_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def accounts_download(district: Unit, accounts: Iterable[Account]) -> FileResponse:
    """Return the accounts as Excel."""
    return download(accounts_workbook(accounts, district), _("Field accounts"))


def visits_download(district: Unit, visits: Iterable[Activity]) -> FileResponse:
    """Return the visits as Excel."""
    return download(visits_workbook(visits, district), _("Channel visits"))


def promotions_download(district: Unit, promotions: Iterable[Activity]) -> FileResponse:
    """Return the promotions as Excel."""
    return download(promotions_workbook(promotions, district), _("Promotions"))


def goals_download(district: Unit, month: date, rows: Iterable[Standing]) -> FileResponse:
    """Return the goals of a month as Excel."""
    name = f"{_('Personal goals')} {month_text(month)}"
    return download(goals_workbook(rows, district, month), name)


def retention_download(district: Unit, rows: Iterable[WarnedUser]) -> FileResponse:
    """Return the call-backs as Excel, numbers masked."""
    return download(retention_workbook(rows, district), _("Call-backs"))


def summaries_download(district: Unit, rows: Iterable[Summary]) -> FileResponse:
    """Return the summaries as Excel."""
    return download(summaries_workbook(rows, district), _("Summaries"))


def survey_download(
    survey: Survey, sheets: Iterable[Activity], charts: Sequence[Chart]
) -> FileResponse:
    """Return the sheets of a survey as Excel, and what they add up to."""
    return download(survey_workbook(survey, sheets, charts), survey.name)


def calendar_download(district: Unit, month: date, events: Iterable[Event]) -> FileResponse:
    """Return a month of the calendar as Excel."""
    name = month_text(month)
    content = calendar_workbook(events, district, name)
    return download(content, f"{_('Work calendar')} {name}")


def photo_download(photo: ActivityPhoto) -> FileResponse:
    """Return a photo: never a page, and nobody else keeps a copy."""
    answer = FileResponse(BytesIO(bytes(photo.content)), content_type="image/jpeg")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def findings_download(district: Unit, findings: Iterable[Finding]) -> FileResponse:
    """Return the findings as Excel."""
    return download(findings_workbook(findings, district), _("Audit findings"))


def stock_download(
    district: Unit, shelves: Iterable[Shelf], places: Sequence[Unit]
) -> FileResponse:
    """Return the stock as Excel."""
    return download(stock_workbook(shelves, places, district), _("Stock"))


def ledger_download(district: Unit, rows: Iterable[StockMovement]) -> FileResponse:
    """Return lines of the store's ledger as Excel."""
    return download(ledger_workbook(rows, district), _("Store ledger"))


def flows_download(district: Unit, flows: Iterable[Flow], month: date) -> FileResponse:
    """Return a month's coming and going of stock as Excel."""
    name = f"{_('Monthly stock report')} {month_text(month)}"
    return download(flows_workbook(flows, district, month), name)


def requests_download(district: Unit, lines: Iterable[StockRequestLine]) -> FileResponse:
    """Return requests to the store as Excel, a row for each item."""
    return download(requests_workbook(lines, district), _("Requests to the store"))


def takings_download(district: Unit, rows: Iterable[DayTakings]) -> FileResponse:
    """Return takings as Excel."""
    return download(takings_workbook(rows, district), _("Receipts against the system"))


def statements_download(
    district: Unit, rows: Iterable[DealerStatement], month: date
) -> FileResponse:
    """Return a month's statements as Excel."""
    name = f"{_('Dealers’ statements')} {month_text(month)}"
    return download(statements_workbook(rows, district, month), name)


def sample_download(district: Unit, rows: Iterable[SampledUser], month: date) -> FileResponse:
    """Return a sample as Excel, numbers masked."""
    name = f"{_('Sampled papers')} {month_text(month)}"
    return download(sample_workbook(rows, district, month), name)


def alarms_download(district: Unit, alarms: Iterable[Alarm]) -> FileResponse:
    """Return the alarms as Excel."""
    return download(alarms_workbook(alarms, district), _("Outlet alarms"))


def download(content: bytes, name: str) -> FileResponse:
    """Return a workbook to be saved."""
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX
    )
