"""Reconciliation: the money of a month on one page, and as Excel."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from kpi.queries.months import chosen_month, months
from orgchart.permissions import require
from portal.queries.money import Line, Money, money
from portal.reconciliation_workbook import kind_names, reconciliation_workbook
from subsidies.wording import amount_text, month_name
from targets.months import month_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require("month.read")
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Due, approved, paid, carried by kind and by unit; sums proved against the ledgers."""
    row = _month(request)
    context: dict[str, Any] = {"money": None}
    if row is not None:
        found = money(request.actor.district, row.month)
        context = {
            "money": found,
            "month_text": month_text(row.month),
            "kinds": [
                {"name": name, "line": found.total(kind)} for kind, name in kind_names().items()
            ],
            "units": [
                {
                    "unit": unit,
                    "lines": [found.lines[kind].get(unit.pk, Line()) for kind in kind_names()],
                }
                for unit in found.units
            ],
            "names": list(kind_names().values()),
            "sentence": _sentence(found),
        }
    return render(request, "portal/reconciliation.html", context)


@require("month.read")
def reconciliation_export(request: HttpRequest) -> HttpResponse:
    row = _month(request)
    if row is None:
        raise Http404
    content = reconciliation_workbook(
        money(request.actor.district, row.month), request.actor.district
    )
    response = HttpResponse(content, content_type=XLSX)
    name = f"{_('Reconciliation')} {month_text(row.month)}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _month(request: HttpRequest) -> Any:
    return chosen_month(months(request.actor.district.pk), request.GET.get("month", ""))


def _sentence(found: Money) -> str:
    broken = [proof.text for proof in found.proofs if not proof.holds]
    if broken:
        return _("The sums do not agree: %(what)s") % {"what": "; ".join(broken)}
    paid = sum(
        (found.total(kind).paid or 0 for kind in ("claims", "commissions", "staff", "awards")),
        start=0,
    )
    return _("%(month)s: %(paid)s yuan paid out; every sum agrees with its ledger.") % {
        "month": month_name(found.month),
        "paid": amount_text(paid),
    }
