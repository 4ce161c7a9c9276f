"""The workings (算账单) for programs: formula, numbers, rule version, source rows, who and when."""

from datetime import date
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.boards import facts_of, ratio_text, told_line
from kpi.models import Month, Scorecard
from kpi.present import totals, words
from kpi.present.card import further
from kpi.present.formulas import formula
from kpi.queries.board import Board, BoardRow, leaderboard, month_row
from kpi.queries.scores import Line
from kpi.queries.sources import Change, indicator_sources, sources
from orgchart.api import ActorMixin
from orgchart.models import Person, Unit
from targets.amounts import plain
from targets.months import month_text


class _Workings(ActorMixin, APIView):
    """A number of a unit's card in a month, opened."""

    def board(self, unit: str, month: date) -> tuple[Board, BoardRow]:
        """Return the board and the unit's row. Raises Http404, PermissionDenied."""
        self.actor.demand("reasons.read")
        units = Unit.objects.business()
        found = get_object_or_404(units, district=self.actor.district, code=unit)
        self.actor.demand("reasons.read", found)
        row = month_row(self.actor.district.pk, month)
        if row is None:
            raise Http404
        board = leaderboard(row)
        mine = next((one for one in board.rows if one.unit.pk == found.pk), None)
        if mine is None or mine.card is None:
            raise Http404
        return board, mine


class TotalWorkingsView(_Workings):
    """GET how a total and its rank came about: the items, the spread, bonus, veto, the peers."""

    @extend_schema(operation_id="workings_total_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, unit: str, month: date) -> Response:
        board, mine = self.board(unit, month)
        assert mine.card is not None
        score, span = mine.card.score, mine.card.range
        told = totals.total(mine, board)
        return Response(
            _head(mine, board.month, score.scorecard)
            | {
                "total": plain(score.total, 2),
                "range": None if span is None else [plain(span[0], 2), plain(span[1], 2)],
                "unspread": plain(score.unspread, 2),
                "applicable_weight": words.plain(score.applicable_weight),
                "base": plain(score.base, 2),
                "bonus": plain(score.bonus, 2),
                "veto": score.is_vetoed,
                "award_veto": score.is_award_vetoed,
                "rank": mine.rank,
                "tied": mine.is_tied,
                "provisional": board.is_provisional,
                "gap_to_next": plain(mine.gap_to_next, 2),
                "formula": told["formula"],
                "ranking": told["ranking"],
                "parted_by": mine.parted_by.code if mine.parted_by else None,
                "parted_from": mine.parted_from.code if mine.parted_from else None,
                "tie_breaks": [
                    line.item.code
                    for line in sorted(
                        (one for one in mine.card.lines if one.item.tie_break),
                        key=lambda one: one.item.tie_break,
                    )
                ],
                "items": [
                    {
                        "code": line.item.code,
                        "name": line.item.name,
                        "role": line.item.role,
                        "weight": words.plain(line.item.weight),
                        "points": plain(line.points, 2),
                        "reason": words.reason(line),
                    }
                    for line in (*mine.card.lines, *mine.card.bonuses)
                ],
                "standing": [
                    {"unit": row.unit.code, "total": plain(row.score, 2), "rank": row.rank}
                    for row in board.rows
                ],
            }
        )


class GateWorkingsView(_Workings):
    """GET how one of both tasks (revenue, volume) was judged: raw figures and where they are from.

    `met` is null while a figure is missing.
    """

    @extend_schema(operation_id="workings_gate_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, unit: str, month: date, gate: str) -> Response:
        board, mine = self.board(unit, month)
        one = mine.gates.get(gate)
        if one is None or mine.card is None:
            raise Http404
        indicator = one.indicator
        decimals = indicator.stored_decimals if indicator else 4
        found = indicator_sources(indicator.pk, mine.unit, month) if indicator else None
        told = totals.gate(mine, gate, board.month, found)
        return Response(
            _head(mine, board.month, mine.card.score.scorecard)
            | {
                "gate": gate,
                "indicator": indicator.code if indicator else None,
                "definition_version": indicator.card_version if indicator else None,
                "task": plain(one.task, decimals),
                "actual": plain(one.actual, decimals),
                "met": one.met,
                "shortfall": plain(one.shortfall, decimals),
                "formula": told["formula"],
                "sources": facts_of(mine.unit, month)[indicator.pk] if indicator else [],
                "changes": [_change(change) for change in found.changes] if found else [],
            }
        )


class ItemWorkingsView(_Workings):
    """GET how the points of an item came about, and what it still gives.

    `next` has each step ahead: what more it takes, to which points, and the gain.
    """

    @extend_schema(operation_id="workings_item_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, unit: str, month: date, code: str) -> Response:
        board, mine = self.board(unit, month)
        assert mine.card is not None
        lines = [*mine.card.lines, *mine.card.bonuses]
        line = next((one for one in lines if one.item.code == code), None)
        if line is None:
            raise Http404
        item = line.item
        found = sources(item, mine.unit, month)
        return Response(
            _head(mine, board.month, item.scorecard)
            | told_line(line, facts_of(mine.unit, month))
            | {
                "at": _at(line),
                "indicator": item.indicator.code if item.indicator else None,
                "definition_version": item.indicator.card_version if item.indicator else None,
                "tie_break": item.tie_break,
                "params": item.params,
                "rule_text": words.rule(item),
                "formula": formula(line, found),
                "next": further(line),
                "sheets": found.sheets,
                "changes": [_change(change) for change in found.changes],
            }
        )


def _at(line: Line) -> str | None:
    """Return the x at which the curve was read."""
    return ratio_text(line.x)


def _head(row: BoardRow, month: Month, card: Scorecard) -> dict[str, Any]:
    return {
        "unit": row.unit.code,
        "month": month_text(month.month),
        "month_state": month.state,
        "scorecard": {
            "id": card.pk,
            "code": card.code,
            "valid_from": month_text(card.valid_from),
            "published_by": _name(card.published_by),
            "published_at": card.published_at.isoformat() if card.published_at else None,
        },
        "closed_by": _name(month.closed_by),
        "closed_at": month.closed_at.isoformat() if month.closed_at else None,
        "published_by": _name(month.published_by),
        "published_at": month.published_at.isoformat() if month.published_at else None,
    }


def _name(person: Person | None) -> str | None:
    return person.name if person else None


def _change(change: Change) -> dict[str, Any]:
    return {
        "at": change.at.isoformat(),
        "by": change.by or None,
        "indicator": change.indicator.code if change.indicator else None,
        "what": change.what,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
    }
