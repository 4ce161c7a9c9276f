"""Dealers, their affiliations, and the statistics of appendix 3."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from orgchart.filters import DealerFilter
from orgchart.forms import AffiliateForm, CloseForm, DealerForm, OpenDealerForm
from orgchart.models import Dealer, Person, Tenure, Unit
from orgchart.permissions import require
from orgchart.queries.affiliations import statistics
from orgchart.queries.dealers import dealers
from orgchart.services import dealers as services
from orgchart.tables import DealerTable
from orgchart.views.editing import (
    answer_form,
    chosen_day,
    dealer_of,
    link,
    readable_units,
)
from orgchart.workbooks import affiliations_workbook, dealers_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require("organisation.read")
def dealer_list(request: HttpRequest) -> HttpResponse:
    """The dealers of the units in scope; filters and order stay in the address."""
    chosen = _filter(request)
    table = DealerTable(chosen.qs)
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    context = {
        "filter": chosen,
        "table": table,
        "count": table.paginator.count,
        "sentence": _("Each with the unit and the account manager of today."),
        "actions": _list_actions(request),
    }
    return render(request, "orgchart/dealers.html", context)


@require("organisation.read")
def dealers_export(request: HttpRequest) -> HttpResponse:
    """The list as narrowed, as Excel."""
    return workbook_response(dealers_workbook(_filter(request).qs), _("Dealers"))


@require("organisation.read")
def dealer_detail(request: HttpRequest, code: str) -> HttpResponse:
    dealer = dealer_of(request, code)
    unit_ids = readable_units(request)
    affiliations = dealer.affiliations.select_related("unit", "account_manager").order_by(
        "-valid_from"
    )
    if unit_ids is not None:
        affiliations = affiliations.filter(unit__in=unit_ids)
    may_write = request.actor.can("organisation.write")
    context = {
        "dealer": dealer,
        "affiliations": affiliations,
        "may_write": may_write,
        "actions": [link(_("Move"), "dealer_affiliate", "arrow-right", primary=True, code=code)]
        if may_write and not dealer.closed_on
        else [],
        "may_read_trail": request.actor.can("trail.read"),
    }
    return render(request, "orgchart/dealer.html", context)


@require("organisation.read")
def affiliations(request: HttpRequest) -> HttpResponse:
    """Appendix 3: outlets by unit, account manager, tier and kind as of a day."""
    on, form = chosen_day(request)
    counted = statistics(request.actor.district, on, readable_units(request))
    export = link(_("Excel"), "affiliations_export", "download", query=f"on={on.isoformat()}")
    context = {
        "statistics": counted,
        "sentence": _("%(count)s outlets, appendix 3 of the plan.") % {"count": counted.total},
        "actions": [export],
        "on": on,
        "form": form,
    }
    return render(request, "orgchart/affiliations.html", context)


@require("organisation.read")
def affiliations_export(request: HttpRequest) -> HttpResponse:
    district = request.actor.district
    on, _form = chosen_day(request)
    title = _("%(district)s: affiliation statistics as of %(day)s") % {
        "district": district.name,
        "day": on.isoformat(),
    }
    content = affiliations_workbook(title, statistics(district, on, readable_units(request)))
    return workbook_response(content, f"{_('Affiliations')} {on.isoformat()}")


@require("organisation.write")
def dealer_open(request: HttpRequest) -> HttpResponse:
    actor = request.actor

    def save(**fields: Any) -> None:
        services.open_dealer(district=actor.district, **fields)

    return answer_form(
        request, OpenDealerForm, save, initial={"opened_on": actor.on},
        title=_("Open a dealer"), crumb=_("Dealers"), back=reverse("dealers"),
        done=_("Dealer opened"), submit=_("Open a dealer"),
    )  # fmt: skip


@require("organisation.write")
def dealer_edit(request: HttpRequest, code: str) -> HttpResponse:
    dealer = dealer_of(request, code)
    fields = ("name_zh", "name_en", "tier", "kind", "commission_class", "version")
    return _change(
        request, dealer, DealerForm, services.edit_dealer,
        {name: getattr(dealer, name) for name in fields}, _("Change %(dealer)s"), _("Save"),
    )  # fmt: skip


@require("organisation.write")
def dealer_affiliate(request: HttpRequest, code: str) -> HttpResponse:
    dealer = dealer_of(request, code)
    current = dealer.current
    initial = {
        "unit": current.unit_id if current else None,
        "account_manager": current.account_manager_id if current else None,
        "valid_from": request.actor.on,
        "version": dealer.version,
    }
    return _change(
        request, dealer, AffiliateForm, services.affiliate_dealer, initial,
        _("Move %(dealer)s"), _("Move"),
        _("A month is settled on the affiliation of its last day."),
    )  # fmt: skip


@require("organisation.write")
def dealer_close(request: HttpRequest, code: str) -> HttpResponse:
    dealer = dealer_of(request, code)
    return _change(
        request, dealer, CloseForm, services.close_dealer,
        {"last_day": request.actor.on, "version": dealer.version},
        _("Close %(dealer)s"), _("Close down"), _("Its past and its statements stay."),
    )  # fmt: skip


def workbook_response(content: bytes, name: str) -> HttpResponse:
    """Return the workbook as a download."""
    response = HttpResponse(content, content_type=XLSX)
    disposition = content_disposition_header(as_attachment=True, filename=f"{name}.xlsx")
    response.headers["Content-Disposition"] = disposition or "attachment"
    return response


def _list_actions(request: HttpRequest) -> list[dict[str, Any]]:
    export = link(_("Excel"), "dealers_export", "download", query=request.GET.urlencode())
    if not request.actor.can("organisation.write"):
        return [export]
    return [export, link(_("Open a dealer"), "dealer_open", "plus", primary=True)]


def _filter(request: HttpRequest) -> DealerFilter:
    actor = request.actor
    unit_ids = readable_units(request)
    units = Unit.objects.of(actor.district).business()
    managers = Person.objects.filter(
        pk__in=Tenure.objects.filter(unit__district=actor.district)
        .filter(**({} if unit_ids is None else {"unit__in": unit_ids}))
        .values("person"),
    )
    return DealerFilter(
        request.GET,
        queryset=dealers(actor.district, actor.on, unit_ids),
        units=units if unit_ids is None else units.filter(pk__in=unit_ids),
        managers=managers,
        on=actor.on,
    )


def _change(
    request: HttpRequest,
    dealer: Dealer,
    form: Any,
    service: Any,
    initial: dict[str, Any],
    title: str,
    submit: str,
    sentence: str = "",
) -> HttpResponse:
    def save(**fields: Any) -> None:
        service(dealer=dealer, **fields)

    return answer_form(
        request, form, save, initial=initial, title=title % {"dealer": dealer.name},
        sentence=sentence, crumb=dealer.name,
        back=reverse("dealer_detail", kwargs={"code": dealer.code}), done=_("Saved"),
        submit=submit,
    )  # fmt: skip
