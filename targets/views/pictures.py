"""The plan in pictures: waterfall, season, unit shares, last year against the plan."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from orgchart.permissions import require
from targets.charts import Chart, Series
from targets.models import Term
from targets.queries.annual import detail_tables
from targets.queries.pictures import Planned, pictured_rows, planned
from targets.queries.plans import TargetRow, annual_table
from targets.queries.published import published_year
from targets.rules.growth import share
from targets.templatetags.amounts import amount, percent, signed
from targets.views.annual_sheets import tabs
from targets.views.plan_bar import plan_bar, plan_of_request


@require_GET
@require("targets.read")
def plan_pictures(request: HttpRequest, year: int) -> HttpResponse:
    """Draw one indicator of table 3-0 four ways; the first row that has a target by default."""
    actor = request.actor
    if actor.unit_ids("targets.read") is not None:
        raise PermissionDenied  # the district's targets are not a unit's to read
    plan = plan_of_request(request, year)
    assert plan is not None
    table = annual_table(plan)
    rows = pictured_rows(table)
    asked = request.GET.get("indicator", "")
    row = next((one for one in rows if one.code == asked), rows[0] if rows else None)
    charts = []
    if row is not None:
        sources = list(
            Term.objects.filter(indicator__district=plan.district, indicator__code=row.code)
            .values_list("source__code", flat=True)
        )  # fmt: skip
        published = published_year(plan.district_id, plan.year - 1)
        found = planned(plan, row, sources or [row.code], published)
        charts = [
            chart
            for chart in (_waterfall(row), _season(found), _shares(found), _growths(rows))
            if chart is not None
        ]
    url = reverse("plan_pictures", args=[plan.year])
    return render(
        request, "targets/pictures.html",
        {
            "plan": plan, "bar": plan_bar(plan, "plan_pictures"), "code": "pictures",
            "tabs": tabs(plan, detail_tables(plan, table)), "charts": charts,
            "choices": [
                {"name": one.name, "url": f"{url}?indicator={one.code}", "is_active": one is row}
                for one in rows
            ],
            "sentence": charts[0].sentence if charts else "",
        },
    )  # fmt: skip


def _waterfall(row: TargetRow) -> Chart | None:
    """From last year through the city's growth to the department's target."""
    if row.base is None or row.city is None or row.department is None:
        return None
    last_year, target = _("last year"), _("department's target")
    steps: list[tuple[str, Any]] = [
        (last_year, row.base),
        (_("city's growth"), row.city.increment),
        (_("city's task"), row.city.target),
        (_("department above city"), row.pressure),
        (target, row.department.target),
    ]
    return Chart(
        code="waterfall", title=_("From last year to the target"), unit=row.measure,
        kind="waterfall", head=_("Step"), labels=[name for name, _value in steps],
        totals=[last_year, _("city's task"), target],
        series=[Series(row.name, [value for _name, value in steps], decimals=row.decimals)],
        sentence=_("%(name)s: last year %(base)s, the city adds %(city)s, the department "
                   "%(pressure)s: %(target)s") % {
            "name": row.name, "base": amount(row.base, row.decimals),
            "city": signed(row.city.increment, row.decimals),
            "pressure": signed(row.pressure, row.decimals),
            "target": amount(row.department.target, row.decimals),
        },
    )  # fmt: skip


def _season(found: Planned) -> Chart | None:
    """Tasks by month, with last year's published months beside them."""
    row = found.row
    known = [value for value in found.tasks if value is not None]
    if not known:
        return None
    highest = max(known)
    month = found.months[found.tasks.index(highest)]
    before = [value for value in found.last_year if value is not None]
    sentence = _("The most is asked in %(month)s: %(value)s, %(share)s%% of the year") % {
        "month": month.month, "value": amount(highest, row.decimals),
        "share": percent(share(highest, sum(known, Decimal(0)))),
    }  # fmt: skip
    if not before:
        sentence += _("; no month of last year is published")
    series = [Series(_("plan"), found.tasks, decimals=row.decimals, look="plan")]
    if before:
        series.append(Series(_("last year"), found.last_year, decimals=row.decimals, look="other"))
    return Chart(
        code="season", title=_("Season"), unit=row.measure, kind="lines", head=_("Month"),
        labels=[f"{each:%m}" for each in found.months], series=series, sentence=sentence,
    )  # fmt: skip


def _shares(found: Planned) -> Chart | None:
    """What each unit carries of the year."""
    total = found.total
    if not found.units or not total:
        return None
    shares = [share(value, total) for _name, value in found.units]
    name, most = max(found.units, key=lambda pair: pair[1])
    return Chart(
        code="units", title=_("Shares of the units"), unit="%", kind="rows", head=_("Unit"),
        labels=[unit for unit, _value in found.units],
        series=[Series(_("share"), shares, decimals=2, is_rate=True)],
        sentence=_("%(name)s carries most: %(value)s, %(share)s%%") % {
            "name": name, "value": amount(most, found.row.decimals),
            "share": percent(share(most, total)),
        },
    )  # fmt: skip


def _growths(rows: list[TargetRow]) -> Chart | None:
    """Last year against the plan: growth of every row that has one, of both layers."""
    drawn = [
        row for row in rows
        if row.city and row.department and row.city.growth is not None
        and row.department.growth is not None
    ]  # fmt: skip
    if not drawn:
        return None
    steepest = max(drawn, key=lambda row: row.department.growth)  # type: ignore[union-attr, arg-type, return-value]
    return Chart(
        code="growth", title=_("Last year against the plan"), unit="%", kind="rows",
        head=_("Indicator"), labels=[row.name for row in drawn],
        series=[
            Series(_("City branch"), [row.city.growth for row in drawn if row.city],
                   decimals=2, is_rate=True, look="plan"),
            Series(_("Department"), [row.department.growth for row in drawn if row.department],
                   decimals=2, is_rate=True),
        ],
        sentence=_("%(name)s is to grow most: %(growth)s%%") % {
            "name": steepest.name,
            "growth": percent(steepest.department.growth) if steepest.department else "",
        },
    )  # fmt: skip
