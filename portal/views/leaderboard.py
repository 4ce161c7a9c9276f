"""The leaderboard with the award: a page, and the part of it that refreshes itself."""

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from competitions.present import award_panel, policy_sentence
from competitions.queries import contest, round_stamp
from kpi.models import Month
from kpi.present.board import board_table, items_table, peers
from kpi.queries.board import leaderboard, month_row, stamp_of
from kpi.queries.months import chosen_month, months
from orgchart.models.units import BUSINESS_KINDS
from orgchart.permissions import Actor, require
from targets.months import month_text

KEPT_SECONDS = 60


@require("leaderboard.read")
def leaderboard_page(request: HttpRequest) -> HttpResponse:
    """A month's ranks, scores and both gates, with the award above them."""
    actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    context: dict[str, Any] = {}
    if month is not None:
        text, kind = month_text(month.month), _kind(request)
        part = reverse("leaderboard_board", kwargs={"month": text})
        context = _board(month, actor, kind) | {
            "refresh_url": f"{part}?kind={kind}" if kind else part,
            "etag": _etag(month, actor, kind),
            "peers": peers(kind, request.path, text),
        }
    return render(request, "portal/leaderboard.html", context)


@require("leaderboard.read")
def leaderboard_board(request: HttpRequest, month: date) -> HttpResponse:
    """The changing part of the page; 304 while nothing on it has changed."""
    actor = request.actor
    row = month_row(actor.district.pk, month)
    if row is None:
        raise Http404
    kind = _kind(request)
    etag = _etag(row, actor, kind)
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        # Who sees the same gets the same answer: after a change one reader of many pays for it.
        markup = cache.get(etag)
        if markup is None:
            markup = render_to_string("portal/_leaderboard.html", _board(row, actor, kind), request)
            cache.set(etag, markup, KEPT_SECONDS)
        response = HttpResponse(markup)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _kind(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    return kind if kind in BUSINESS_KINDS else ""


def _board(month: Month, actor: Actor, kind: str) -> dict[str, Any]:
    board = leaderboard(month, kind)
    found = contest(month)
    readable = [row for row in board.rows if actor.can("reasons.read", row.unit)]
    context: dict[str, Any] = {
        "table": board_table(board, actor),
        "items": items_table(replace(board, rows=tuple(readable)), actor),
        "sentence": "",
    }
    if found is not None:
        link = f"{reverse('competition')}?month={month_text(month.month)}"
        context["sentence"] = policy_sentence(found)
        context["award"] = award_panel(found, actor.on) | {
            "link_url": link,
            "link_label": _("Conditions and decision"),
        }
    return context


def _etag(month: Month, actor: Actor, kind: str) -> str:
    """Return what the answer depends on: figures, award and day, peers, reader, language."""
    decided = round_stamp(month.district_id, month.month)
    scope = actor.unit_ids("reasons.read")
    parts = (
        month.pk,
        month.state,
        stamp_of(month),
        kind,
        (*decided, actor.on) if decided else None,
        sorted(scope) if scope is not None else None,
        sorted(actor.own_unit_ids),
        get_language(),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'
