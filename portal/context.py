"""What the frame of every page shows: menu, month context, person."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


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
        ],
    ),
    (
        _("Run"),
        [
            Entry(_("Actuals"), "pencil", "actuals", "actuals.read"),
            Entry(_("Closing"), "calendar-check", "closing", "month.read"),
        ],
    ),
    (
        _("Appraisal"),
        [
            Entry(_("Leaderboard"), "trophy", "leaderboard", "leaderboard.read"),
            Entry(_("Scorecards"), "id-badge-2", "unit_cards", "reasons.read"),
            Entry(_("Score rules"), "scale", "score_rules", "rules.read"),
        ],
    ),
    (
        _("Payouts"),
        [
            Entry(_("Subsidies"), "receipt", "subsidies", "subsidies.read"),
            Entry(_("Commissions"), "coins", "commission_sheets", "commissions.read"),
            Entry(_("Competition"), "award", "competition", "competition.read"),
        ],
    ),
    (
        _("Setup"),
        [
            Entry(_("Organisation"), "sitemap", "organisation", "organisation.read"),
            Entry(_("Definitions"), "book-2", "indicators", "rules.read"),
            Entry(_("Workbook"), "file-spreadsheet", "workbook", "workbook.export"),
            Entry(_("Audit trail"), "history", "trail", "trail.read"),
        ],
    ),
]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `menu`, `actor`. Signed out, or without a post: nothing."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    try:
        roles = request.actor.roles
    except PermissionDenied:
        return {}
    groups = []
    for label, entries in MENU:
        items = [
            {"label": entry.label, "icon": entry.icon, "url": url, "is_active": active}
            for entry in entries
            if entry.capability is None or request.actor.can(entry.capability)
            for url, active in [_location(request, entry.route)]
            if url
        ]
        if items:
            groups.append({"label": label, "items": items})
    return {"menu": groups, "actor": request.actor, "roles": roles}


def _location(request: HttpRequest, route: str) -> tuple[str, bool]:
    try:
        url = reverse(route)
    except NoReverseMatch:
        return "", False
    is_active = request.path == url if url == "/" else request.path.startswith(url)
    return url, is_active
