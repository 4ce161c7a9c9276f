"""The district workbook: downloaded as Excel, uploaded with its differences shown first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from orgchart.errors import DomainError
from orgchart.permissions import require
from portal.book.book import KINDS
from portal.book.gather import gather_book
from portal.services.book import Report, SheetChange
from portal.services.workbook import import_workbook
from portal.workbooks import write_book
from targets.models import Plan

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_CHANGES = 20  # of one sheet in the preview
SHOWN_FAULTS = 500


@require("workbook.export")
@require_http_methods(["GET", "POST"])
def workbook(request: HttpRequest) -> HttpResponse:
    """The page; a POST checks the file, and imports it when `apply` is sent along."""
    result = _result(request) if request.method == "POST" else {}
    page = "portal/_workbook_result.html" if request.htmx else "portal/workbook.html"
    may_import = request.actor.can("workbook.import")
    context = {"years": _years(request), "may_import": may_import, **result}
    return render(request, page, context, status=result.get("status", 200))


@require("workbook.export")
@require_GET
def workbook_export(request: HttpRequest, year: int) -> HttpResponse:
    """The workbook of a year, with the sheets that the person may read."""
    kinds = frozenset(kind.code for kind in KINDS if request.actor.can(kind.read))
    book = gather_book(district=request.actor.district, year=year, kinds=kinds)
    response = HttpResponse(write_book(book, kinds), content_type=XLSX)
    name = _("%(district)s %(year)s workbook.xlsx") % {
        "district": request.actor.district.name,
        "year": year,
    }
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _years(request: HttpRequest) -> list[int]:
    plans = Plan.objects.filter(district=request.actor.district)
    return list(plans.values_list("year", flat=True)) or [request.now.year]


def _result(request: HttpRequest) -> dict[str, Any]:
    """Check or import the uploaded file; a refusal becomes sentences with their places."""
    request.actor.demand("workbook.import")
    file = request.FILES.get("file")
    if file is None:
        return {"refusal": _("Choose a file."), "status": 400}
    apply = "apply" in request.POST
    try:
        report = import_workbook(
            file=file, by=request.actor.person, at=request.now, district=request.actor.district,
            may_write=request.actor.can, dry_run=not apply,
        )  # fmt: skip
    except DomainError as error:
        # htmx shows only what is answered with success.
        status = 200 if request.htmx else error.status
        faults = list(error.faults)
        return {
            "refusal": str(error), "faults": faults[:SHOWN_FAULTS],
            "more_faults": max(0, len(faults) - SHOWN_FAULTS), "status": status,
        }  # fmt: skip
    return {"report": report, "sheets": _sheets(report), "is_imported": apply}


def _sheets(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "title": sheet.kind.title,
            "added": sheet.added,
            "changed": sheet.changed,
            "changes": [_words(sheet, change) for change in sheet.changes[:SHOWN_CHANGES]],
            "more": max(0, len(sheet.changes) - SHOWN_CHANGES),
        }
        for sheet in report.sheets
    ]


def _words(sheet: SheetChange, change: dict[str, Any]) -> dict[str, str]:
    titles = {column.name: str(column.title) for column in sheet.kind.columns}
    return {
        "key": " · ".join(str(value) for value in change["key"].values() if value is not None),
        "before": _cells(change["before"], titles),
        "after": _cells(change["after"], titles),
    }


def _cells(cells: dict[str, Any] | None, titles: dict[str, str]) -> str:
    if cells is None:
        return ""
    return " · ".join(
        f"{titles[name]} {'—' if value in (None, '') else value}" for name, value in cells.items()
    )
