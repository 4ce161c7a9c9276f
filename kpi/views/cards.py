"""Unit cards: the list, a card, and the workings of each of its lines."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from kpi.models import Month
from kpi.present import board as board_present
from kpi.present import card as present
from kpi.present import pictures, totals, unit_charts, words
from kpi.present import what_if as what_ifs
from kpi.present.pace import burn_up
from kpi.queries.board import Board, BoardRow, leaderboard, month_row
from kpi.queries.daily import FOCUS, paced_indicators
from kpi.queries.history import unit_history
from kpi.queries.months import chosen_month, months
from kpi.queries.pace import pace_board
from kpi.queries.scores import Line, UnitScore, unit_scores
from kpi.queries.shade import grounds, score
from kpi.queries.sources import indicator_sources, sources
from kpi.queries.ways import levers, ways_up
from kpi.rules.pace import Calendar
from orgchart.models import Role, Tenure, Unit
from orgchart.permissions import Actor, require
from targets.charts import Chart
from targets.months import last_day, month_text


@require("reasons.read")
def unit_cards(request: HttpRequest) -> HttpResponse:
    """The cards one may read; with only one of them, that card."""
    actor: Actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    if month is None:
        return render(request, "kpi/unit_cards.html", {})
    unit_ids = actor.unit_ids("reasons.read")
    board = leaderboard(month)
    mine = [row for row in board.rows if unit_ids is None or row.unit.pk in unit_ids]
    if len(mine) == 1:
        return redirect("unit_card", unit=mine[0].unit.code, month=month.month)
    table = board_present.board_table(board, actor)
    codes = {row.unit.code for row in mine}
    table["rows"] = [row for row in table["rows"] if row["code"] in codes]
    items = board_present.items_table(board, actor)
    return render(
        request,
        "kpi/unit_cards.html",
        {"month": month_text(month.month), "table": table, "items": items},
    )


@require("reasons.read")
def unit_card(request: HttpRequest, unit: str, month: date) -> HttpResponse:
    """A unit's card: total, rank, gates, and every line with its reason."""
    actor: Actor = request.actor
    row, found = _asked(actor, unit, month)
    board = leaderboard(row)
    mine = next((one for one in board.rows if one.unit.pk == found.pk), None)
    unit_ids = actor.unit_ids("reasons.read")
    context: dict[str, Any] = {
        "month": month_text(month),
        "unit": {"name": found.name, "code": found.code},
        "units": [
            {"code": one.unit.code, "name": one.unit.short}
            for one in sorted(board.rows, key=lambda r: (r.unit.position, r.unit.pk))
            if unit_ids is None or one.unit.pk in unit_ids
        ],
    }
    if mine is not None and mine.card is not None:
        ranked = sum(one.rank is not None for one in board.rows)
        context |= {
            "sentence": _sentence(mine, found, row),
            "stats": present.stats(mine, ranked),
            "gates": present.gate_rows(mine.gates),
            "lines": present.lines(mine.card, row),
            "foot": present.foot(mine.card, row),
            "missing": words.joined(line.item.short for line in mine.waiting),
            "still": present.still(mine.card),
            "charts": _charts(mine, board, actor),
        }
        given = grounds(row)
        if found.pk in given.cards:  # its card may have changed since the month was scored
            shades, moved = score(given), levers(given, found.pk)
            context |= {
                "still": what_ifs.with_sources(present.still(mine.card), given, found.pk),
                "what_if": what_ifs.panel(given, shades, found.pk, moved, request.GET),
                "ways": what_ifs.ways(ways_up(given, shades, found.pk, moved)),
                "further": what_ifs.ways(ways_up(given, shades, found.pk, moved, by_rank=True))
                if mine.is_tied
                else [],
            }
    return render(request, "kpi/unit_card.html", context)


def _charts(row: BoardRow, board: Board, actor: Actor) -> list[Chart]:
    """Return what a meeting looks at: trend, burn-up, ranks, items, what leads to the total."""
    month = board.month.month
    history = unit_history(row.unit, month)
    drawn: list[Chart | None] = [*unit_charts.trend(history)]
    focus = next((i for i in paced_indicators(actor.district.pk) if i.code == FOCUS), None)
    if focus is not None:
        pace = pace_board(
            focus, month, today=actor.on, calendar=Calendar.NATURAL,
            unit_ids=frozenset({row.unit.pk}),
        )  # fmt: skip
        drawn.append(burn_up(pace.course, focus, pace.as_of, pace.calendar, "burn-up"))
    drawn.append(unit_charts.ranks(history, len(board.rows)))
    drawn.append(unit_charts.items(row, board, with_others=actor.unit_ids("reasons.read") is None))
    drawn.append(pictures.score_steps(row))
    return [chart for chart in drawn if chart is not None]


@require("reasons.read")
def what_if(request: HttpRequest, unit: str, month: date) -> HttpResponse:
    """What the total and the rank would be with the figures of the sliders; nothing is stored."""
    actor: Actor = request.actor
    row, found = _asked(actor, unit, month)
    given = grounds(row)
    if found.pk not in given.cards:
        raise Http404
    shades, moved = score(given), levers(given, found.pk)
    shown = what_ifs.panel(given, shades, found.pk, moved, request.GET)
    return render(request, "kpi/what_if.html", {"what_if": shown})


def _asked(actor: Actor, code: str, month: date) -> tuple[Month, Unit]:
    """Return month and unit. Raises Http404, PermissionDenied for units one may not read."""
    unit = get_object_or_404(Unit.objects.business(), district=actor.district, code=code)
    actor.demand("reasons.read", unit)
    row = month_row(actor.district.pk, month)
    if row is None:
        raise Http404
    return row, unit


def _sentence(row: BoardRow, unit: Unit, month: Month) -> str:
    """Say who answers for the unit, and by which rules it is scored."""
    parts = []
    managers = Tenure.objects.on(last_day(month.month)).filter(unit=unit, post__role=Role.MANAGER)
    if names := [tenure.person.name for tenure in managers.select_related("person")[:2]]:
        parts.append(_("manager %(names)s") % {"names": words.joined(names)})
    if row.supervisor:
        parts.append(_("supervisor %(name)s") % {"name": row.supervisor})
    if row.card:
        parts.append(_("scored by %(code)s") % {"code": row.card.score.scorecard.code})
    return _("; ").join(parts)


@require("reasons.read")
def card_workings(request: HttpRequest, unit: str, month: date, code: str) -> HttpResponse:
    """How a line came about: formula, curve, what is missing, sources, changes, the others."""
    actor: Actor = request.actor
    row, found = _asked(actor, unit, month)
    cards = unit_scores(actor.district.pk, month)
    line = _line(cards.get(found.pk), code)
    if line is None:
        raise Http404
    unit_ids = actor.unit_ids("reasons.read")
    others = [
        (card.score.unit, _line(card, code))
        for card in cards.values()
        if unit_ids is None or card.score.unit_id in unit_ids
    ]
    shown = present.workings(
        line, found, row, sources(line.item, found, month), others if len(others) > 1 else []
    )
    return render(request, "kpi/workings.html", {"w": shown})


@require("reasons.read")
def total_workings(request: HttpRequest, unit: str, month: date) -> HttpResponse:
    """How a total and its rank came about."""
    row, found = _asked(request.actor, unit, month)
    board = leaderboard(row)
    mine = next((one for one in board.rows if one.unit.pk == found.pk and one.card), None)
    if mine is None:
        raise Http404
    return render(request, "kpi/total.html", {"w": totals.total(mine, board)})


@require("reasons.read")
def gate_workings(request: HttpRequest, unit: str, month: date, gate: str) -> HttpResponse:
    """How one of both tasks was judged met or missed."""
    row, found = _asked(request.actor, unit, month)
    mine = next((one for one in leaderboard(row).rows if one.unit.pk == found.pk), None)
    if mine is None or gate not in mine.gates:
        raise Http404
    indicator = mine.gates[gate].indicator
    facts = indicator_sources(indicator.pk, found, month) if indicator else None
    return render(request, "kpi/gate.html", {"w": totals.gate(mine, gate, row, facts)})


def _line(card: UnitScore | None, code: str) -> Line | None:
    lines = [*card.lines, *card.bonuses] if card else []
    return next((line for line in lines if line.item.code == code), None)
