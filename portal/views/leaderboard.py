"""The leaderboard with the award: a page, the part of it that refreshes itself, an Excel file."""

import hashlib
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, NamedTuple

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from competitions.present import award_panel, policy_sentence
from competitions.queries import contest
from kpi.models import Month
from kpi.present.arranging import Asked, asked_of, peers, spans
from kpi.present.board import board_table, items_table
from kpi.present.year_board import year_table
from kpi.queries.board import leaderboard, month_row
from kpi.queries.months import chosen_month, months
from kpi.queries.year_board import year_board
from orgchart.actors import business_day
from orgchart.permissions import Actor, require
from portal.leaderboard_workbook import month_workbook, year_workbook
from portal.queries.board_state import BoardState, board_state, reader_and_state
from targets.months import month_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT_SECONDS = 60


@require("leaderboard.read")
def leaderboard_page(request: HttpRequest) -> HttpResponse:
    """A month's ranks, scores and both gates with the award above them; or the year so far.

    Month, span, peers, filter and order stand in the address.
    """
    actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    context: dict[str, Any] = {}
    if month is not None:
        text = month_text(month.month)
        asked = asked_of(request.GET, text)
        part = reverse("leaderboard_board", kwargs={"month": text})
        state = _opened(board_state(actor.district_id, month.month, is_year=asked.is_year))
        etag = _etag(state, actor, asked)
        shown = _shown(month.month, actor, asked, state, etag)
        context = {
            "asked": asked,
            "sentence": shown.sentence,
            "board": shown.markup,
            "refresh_url": f"{part}?{asked.query(month='')}",
            "etag": etag,
            "peers": peers(asked),
            "spans": spans(asked),
            "kept": asked.parts(text=""),
            "all_url": asked.page(text=""),
            "export_url": f"{reverse('leaderboard_export')}?{asked.query()}",
            "walls_url": reverse("walls") if actor.can("walls.manage") else "",
        }
    return render(request, "portal/leaderboard.html", context)


def _with_state(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask for the reader's rights and the state of the board at once: most refreshes need no more.

    Stands outside `require`, which finds the actor there.
    """

    @wraps(view)
    def asking(request: HttpRequest, month: date) -> HttpResponse:
        request.actor, request.board_state = reader_and_state(
            request.user,
            on=business_day(request.now),
            month=month,
            is_year=asked_of(request.GET, "").is_year,
        )
        return view(request, month)

    return asking


@_with_state
@require("leaderboard.read")
def leaderboard_board(request: HttpRequest, month: date) -> HttpResponse:
    """The changing part of the page; 304 while nothing on it has changed."""
    actor = request.actor
    asked = asked_of(request.GET, month_text(month))
    state = _opened(request.board_state)
    etag = _etag(state, actor, asked)
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(_shown(month, actor, asked, state, etag).markup)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require("leaderboard.read")
def leaderboard_export(request: HttpRequest) -> HttpResponse:
    """What the page shows, as Excel: scores by item only of units whose reasons one may read."""
    actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    if month is None:
        raise Http404
    asked = asked_of(request.GET, month_text(month.month))
    if asked.is_year:
        content = year_workbook(year_board(month, asked.kind), asked)
    else:
        content = month_workbook(leaderboard(month, asked.kind), actor, asked)
    response = HttpResponse(content, content_type=XLSX)
    name = f"{_('Leaderboard')} {asked.month}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


class _Shown(NamedTuple):
    """What the board of an ETag shows: the sentence above it, and its markup."""

    sentence: str
    markup: SafeString


def _shown(month: date, actor: Actor, asked: Asked, state: BoardState, etag: str) -> _Shown:
    """Return the kept board, or draw it and keep it for everybody who sees the same.

    After a change one reader of many pays for it; page and part share what is kept.
    """
    kept: _Shown | None = cache.get(etag)
    if kept is None:
        row = month_row(actor.district_id, month)
        if row is None:
            raise Http404
        context = _board(row, actor, asked, has_award=state.award is not None)
        markup = render_to_string("portal/_leaderboard.html", context)
        kept = _Shown(context["sentence"], markup)
        cache.set(etag, kept, KEPT_SECONDS)
    return kept


def _board(month: Month, actor: Actor, asked: Asked, *, has_award: bool) -> dict[str, Any]:
    if asked.is_year:
        year = year_board(month, asked.kind)
        sentence = _("Points of the months of %(year)s up to this one, added up.")
        return {
            "year": year_table(year, actor, asked),
            "sentence": sentence % {"year": month.month.year},
        }
    board = leaderboard(month, asked.kind)
    found = contest(month, may_be_decided=has_award)
    context: dict[str, Any] = {
        "table": board_table(board, actor, asked),
        "items": items_table(board, actor, asked),
        "sentence": "",
    }
    if found is not None:
        link = f"{reverse('competition')}?month={asked.month}"
        context["sentence"] = policy_sentence(found)
        context["award"] = award_panel(found, actor.on) | {
            "link_url": link,
            "link_label": _("Conditions and decision"),
        }
    return context


def _opened(state: BoardState | None) -> BoardState:
    """Raise Http404 for a month never opened."""
    if state is None:
        raise Http404
    return state


def _etag(state: BoardState, actor: Actor, asked: Asked) -> str:
    """Return what the answer depends on: figures, award and day, address, reader, language."""
    scope = actor.unit_ids("reasons.read")
    parts = (
        state,
        asked,
        actor.on if state.award else None,
        sorted(scope) if scope is not None else None,
        sorted(actor.own_unit_ids),
        get_language(),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'
