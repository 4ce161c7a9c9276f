"""The leaderboard and the unit's card for programs."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from math import inf
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.actuals import asked_month
from kpi.models import Actual, Event, Month
from kpi.present import words
from kpi.queries.board import Board, BoardRow, Gate, leaderboard, month_row, stamp_of
from kpi.queries.scores import Line, unit_scores
from orgchart.api import ActorMixin
from orgchart.models import Unit
from orgchart.models.units import BUSINESS_KINDS
from targets.amounts import plain
from targets.api.reading import Reader
from targets.models import Breakdown, Task, Term
from targets.months import month_text
from targets.rules.growth import rounded


def tag_of(month: Month, kind: str = "") -> str:
    """Return the ETag of a month's board: revisions, state, peers, language of the names."""
    parts = (month_text(month.month), stamp_of(month), month.state, kind, get_language())
    return f'"{"-".join(filter(None, parts))}"'


class LeaderboardView(ActorMixin, APIView):
    """GET the leaderboard of a month, of one kind of unit if asked; 304 while nothing changed."""

    @extend_schema(
        parameters=[OpenApiParameter("month", str), OpenApiParameter("kind", str)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("leaderboard.read")
        month = month_row(self.actor.district.pk, asked_month(request, self.actor))
        if month is None:
            raise Http404
        kind = ""
        if text := request.query_params.get("kind"):
            reader = Reader()
            kind = reader.choice(text, "/kind", BUSINESS_KINDS)
            reader.check()
        tag = tag_of(month, kind)
        if tag in request.headers.get("If-None-Match", ""):
            response = Response(status=304)
        else:
            response = Response(_board(leaderboard(month, kind)))
        response["ETag"] = tag
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Accept-Language", "Authorization", "Cookie"])
        return response


def _board(board: Board) -> dict[str, Any]:
    return {
        "month": month_text(board.month.month),
        "state": board.month.state,
        "kind": board.kind or None,
        "provisional": board.is_provisional,
        "waiting": [unit.code for unit in board.waiting],
        "rows": [_row(row) for row in board.rows],
    }


def _row(row: BoardRow) -> dict[str, Any]:
    score = row.card.score if row.card else None
    return {
        "rank": row.rank,
        "tied": row.is_tied,
        "unit": row.unit.code,
        "name": row.unit.name,
        "score": plain(row.score, 2),
        "base": plain(score.base if score else None, 2),
        "bonus": plain(score.bonus if score else None, 2),
        "change": row.change,
        "gates": {code: _gate(gate) for code, gate in row.gates.items()},
        "gap_to_next": plain(row.gap_to_next, 2),
    }


def _gate(gate: Gate) -> dict[str, Any]:
    decimals = gate.indicator.stored_decimals if gate.indicator else 4
    return {
        "task": plain(gate.task, decimals),
        "actual": plain(gate.actual, decimals),
        "met": gate.met,
        "shortfall": plain(gate.shortfall, decimals),
    }


class UnitCardView(ActorMixin, APIView):
    """GET a unit's card of a month with every line's reason and sources."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, unit: str, month: date) -> Response:
        self.actor.demand("reasons.read")
        found = get_object_or_404(Unit, district=self.actor.district, code=unit)
        self.actor.demand("reasons.read", found)
        row = month_row(self.actor.district.pk, month)
        card = unit_scores(self.actor.district.pk, month, [found.pk]).get(found.pk)
        if row is None or card is None:
            raise Http404
        score = card.score
        facts = facts_of(found, month)
        span = card.range
        return Response(
            {
                "unit": found.code,
                "month": month_text(month),
                "state": row.state,
                "scorecard": score.scorecard.code,
                "total": plain(score.total, 2),
                "range": None if span is None else [plain(span[0], 2), plain(span[1], 2)],
                "base": plain(score.base, 2),
                "bonus": plain(score.bonus, 2),
                "rank": score.rank,
                "veto": score.is_vetoed,
                "award_veto": score.is_award_vetoed,
                "lines": [told_line(line, facts) for line in [*card.lines, *card.bonuses]],
            }
        )


def ratio_text(value: Fraction | float | None) -> str | None:
    """Return a ratio with six decimals, half up; None where there is none, and for infinity."""
    if value is None or value == inf:
        return None
    return plain(rounded(Fraction(value), 6), 6)


def told_line(line: Line, facts: dict[Any, list[dict[str, Any]]]) -> dict[str, Any]:
    item, indicator = line.item, line.item.indicator
    decimals = indicator.stored_decimals if indicator else 0
    if isinstance(line.value, Fraction):
        actual = ratio_text(line.value)
    else:
        actual = plain(line.value, decimals)
    return {
        "code": item.code,
        "name": item.name,
        "weight": words.plain(item.weight),
        "rule": item.rule,
        "target": plain(line.target, decimals),
        "actual": actual,
        "completion": ratio_text(line.completion),
        "points": plain(line.points, 2),
        "state": line.state,
        "reason": words.reason(line),
        "sources": facts[item.indicator_id]
        if item.indicator_id
        else [fact for fact in facts["events"] if fact["event"] in item.params.get("per", {})],
    }


def facts_of(unit: Unit, month: date) -> dict[Any, list[dict[str, Any]]]:
    """Return the source rows of every indicator (by id), and of "events"; four queries."""
    users: dict[int, set[int]] = defaultdict(set)
    for term in Term.objects.filter(indicator__district_id=unit.district_id):
        users[term.source_id].add(term.indicator_id)
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    tasks = Task.objects.filter(month=month, unit=unit).select_related("indicator", "breakdown")
    actuals = Actual.objects.filter(month=month, unit=unit).select_related(
        "indicator", "breakdown", "reported_by"
    )
    for kind, rows in (("task", tasks), ("actual", actuals)):
        for row in rows:
            fact = _cell(kind, row)
            for indicator_id in users[row.indicator_id]:
                found[indicator_id].append(fact)
    for event in Event.objects.filter(month=month, unit=unit).select_related("noted_by"):
        found["events"].append(
            {
                "kind": "event",
                "event": event.kind,
                "count": event.count,
                "note": event.note,
                "by": event.noted_by.name if event.noted_by else None,
                "at": event.noted_at.isoformat(),
                "voided": event.voided_at is not None,
            }
        )
    return found


def _cell(kind: str, row: Any) -> dict[str, Any]:
    fact = {
        "kind": kind,
        "indicator": row.indicator.code,
        "breakdown": None if row.breakdown.code == Breakdown.WHOLE_CODE else row.breakdown.code,
        "value": plain(row.value, row.indicator.stored_decimals),
        "version": row.version,
    }
    if kind == "actual":
        fact["by"] = row.reported_by.name if row.reported_by else None
        fact["at"] = row.reported_at.isoformat()
        fact["as_of"] = row.as_of.isoformat()
        fact["adjustment"] = plain(row.adjustment, row.indicator.stored_decimals)
    return fact
