"""What the frame of every page shows: menu, month context, person."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kpi.models import Month
from kpi.queries.months import chosen_month, months
from orgchart.actors import BUSINESS_ZONE
from orgchart.queries.notifications import unread
from targets.months import month_text


@dataclass(frozen=True, slots=True)
class Entry:
    """A menu entry: the page's route, its icon and the capability that shows it."""

    label: Any
    icon: str
    route: str
    capability: str | None = None


MENU: list[tuple[Any, list[Entry]]] = [
    ("", [Entry(_("Today"), "home", "today")]),
    (
        _("Targets"),
        [
            Entry(_("Annual targets"), "target", "annual_targets", "targets.read"),
            Entry(_("Breakdown"), "table-options", "task_sheets", "tasks.read"),
            Entry(_("Unit plans"), "calendar-event", "unit_plans", "targets.read"),
        ],
    ),
    (
        _("Run"),
        [
            Entry(pgettext_lazy("menu", "Actuals"), "pencil", "actuals", "actuals.read"),
            Entry(_("Daily figures"), "calendar-stats", "daily", "actuals.read"),
            Entry(_("Pace"), "gauge", "pace", "actuals.read"),
            Entry(_("Indicators"), "list-check", "figures", "actuals.read"),
            Entry(_("Closing"), "calendar-check", "closing", "month.read"),
            Entry(_("Corrections"), "adjustments", "adjustments", "adjustments.read"),
        ],
    ),
    (
        _("Appraisal"),
        [
            Entry(_("Leaderboard"), "trophy", "leaderboard", "leaderboard.read"),
            Entry(_("Charts"), "chart-line", "charts", "leaderboard.read"),
            Entry(_("Bulletins"), "speakerphone", "bulletins", "bulletins.read"),
            Entry(pgettext_lazy("menu", "Scorecards"), "id-badge-2", "unit_cards", "reasons.read"),
            Entry(_("Score rules"), "scale", "score_rules", "rules.read"),
        ],
    ),
    (
        _("Payouts"),
        [
            Entry(_("Subsidies"), "report-money", "subsidies", "subsidies.read"),
            Entry(_("Expense claims"), "receipt", "claims", "claims.open"),
            Entry(_("Commissions"), "coins", "commission_sheets", "commissions.open"),
            Entry(_("Competition"), "award", "competition", "competition.read"),
            Entry(_("Campaigns"), "flag", "campaigns", "competition.read"),
            Entry(_("Reconciliation"), "equal", "reconciliation", "month.read"),
        ],
    ),
    (
        _("Field work"),
        [
            Entry(pgettext_lazy("field", "Accounts"), "map-pin", "field_accounts", "field.read"),
            Entry(_("Channel visits"), "list-check", "field_visits", "field.read"),
            Entry(_("Surveys"), "edit", "field_surveys", "field.read"),
            Entry(_("Promotions"), "calendar-event", "field_promotions", "promotions.read"),
            Entry(_("Outlet alarms"), "bell", "alarms", "field.read"),
            Entry(_("Call-backs"), "phone", "field_retention", "retention.read"),
            Entry(pgettext_lazy("menu", "Audit"), "equal", "field_takings", "audit.read"),
            Entry(_("Audit findings"), "alert-triangle", "findings", "field.read"),
            Entry(_("Personal goals"), "flag", "field_goals", "field.read"),
            Entry(_("Warehouse"), "building", "field_stock", "stock.read"),
            Entry(_("Summaries"), "edit", "field_summaries", "summaries.open"),
            Entry(_("Work calendar"), "calendar-event", "field_calendar", "field.read"),
        ],
    ),
    (
        _("Setup"),
        [
            Entry(_("Organisation"), "sitemap", "organisation", "organisation.read"),
            Entry(_("Definitions"), "book-2", "indicators", "rules.read"),
            Entry(_("Workbook"), "file-spreadsheet", "workbook", "workbook.export"),
            Entry(_("Wall displays"), "device-tv", "walls", "walls.manage"),
            Entry(_("Audit trail"), "history", "trail", "trail.read"),
        ],
    ),
]


# Pages about a month, which they take as ?month=2026-03; menu links keep it from page to page.
MONTH_ROUTES = {
    "today",
    "actuals",
    "daily",
    "pace",
    "figures",
    "events",
    "closing",
    "verification",
    "leaderboard",
    "charts",
    "unit_cards",
    "subsidies",
    "dealer_returns",
    "competition",
    "unit_plans",
    "field_goals",
    "reconciliation",
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `menu`, `actor`, `bar`, `alerts`; without sign-in or post: nothing."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    try:
        roles = request.actor.roles
    except PermissionDenied:
        return {}
    groups = []
    urls = dict(pages_of(request))
    for label, entries in MENU:
        items = [
            {
                "label": entry.label,
                "icon": entry.icon,
                "url": urls[entry],
                "is_active": _is_active(request, reverse(entry.route)),
            }
            for entry in entries
            if entry in urls
        ]
        if items:
            groups.append({"label": label, "items": items})
    return {
        "menu": groups,
        "actor": request.actor,
        "roles": roles,
        "bar": SimpleLazyObject(lambda: month_bar(request)),
        "search_url": reverse("search"),
        "alerts": SimpleLazyObject(lambda: _alerts(request)),
    }


def _alerts(request: HttpRequest) -> dict[str, Any]:
    """Return the bell: unread notifications and where they are read."""
    return {"url": reverse("notifications"), "count": unread(request.actor.person)}


def pages_of(request: HttpRequest) -> list[tuple[Entry, str]]:
    """Return the pages of the menu that the person may open, with their addresses."""
    return [
        (entry, _location(request, entry.route))
        for _label, entries in MENU
        for entry in entries
        if entry.capability is None or request.actor.can(entry.capability)
    ]


def _location(request: HttpRequest, route: str) -> str:
    url, asked = reverse(route), request.GET.get("month", "")
    return f"{url}?{urlencode({'month': asked})}" if asked and route in MONTH_ROUTES else url


def _is_active(request: HttpRequest, url: str) -> bool:
    return request.path == url if url == "/" else request.path.startswith(url)


def month_bar(request: HttpRequest) -> dict[str, Any]:
    """Return the month of the page with the ways to its neighbours; empty for other pages."""
    match = request.resolver_match
    if match is None or not (match.url_name in MONTH_ROUTES or "month" in match.kwargs):
        return {}
    rows = months(request.actor.district.pk)
    in_path = match.kwargs.get("month")
    asked = month_text(in_path) if isinstance(in_path, date) else request.GET.get("month", "")
    row = chosen_month(rows, asked)
    if row is None:
        return {}
    position = rows.index(row)

    def url_of(neighbour: Month) -> str:
        text = month_text(neighbour.month)
        if "month" in match.kwargs:
            kwargs = {**match.kwargs, "month": text}
            return reverse(match.view_name, kwargs=kwargs)
        return f"{request.path}?{urlencode({**request.GET.dict(), 'month': text})}"

    return {
        "label": date_format(row.month, "YEAR_MONTH_FORMAT"),
        "prev_url": url_of(rows[position - 1]) if position else "",
        "next_url": url_of(rows[position + 1]) if position + 1 < len(rows) else "",
        "state": {"code": row.state, "label": row.get_state_display()},
        "note": _note(row),
    }


def _note(row: Month) -> str:
    if row.published_at is not None:
        at = date_format(row.published_at.astimezone(BUSINESS_ZONE), "SHORT_DATETIME_FORMAT")
        return gettext("published %(at)s, ranks frozen") % {"at": at}
    if row.due_on is not None:
        return gettext("reports due %(day)s") % {"day": row.due_on.isoformat()}
    return ""
