"""The leaderboard as finished values for templates/kpi/_board.html and _items.html."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _

from kpi.models import MonthState
from kpi.models.scores import LineState
from kpi.present import words
from kpi.present.arranging import Asked, arranged, sorts
from kpi.queries.board import Board, BoardRow, Gate
from kpi.queries.scores import Line
from kpi.rules.curves import Why
from orgchart.permissions import Actor
from targets.months import month_text
from targets.templatetags.amounts import amount, percent

BOX = (84, 24)  # of the spark
MOST_DRAWN = Decimal(120)  # percent of an item's weight that its line shows
LITTLE = Decimal("0.6")  # of the weight: less is marked
TWO_LINES = 12  # so many units have a second line each
LOSSES = {Why.BELOW_FLOOR, Why.NEGATIVE_AS_ZERO, Why.USED_UP, Why.CLOSED_AT_ZERO}


def board_table(board: Board, actor: Actor, asked: Asked | None = None) -> dict[str, Any]:
    """Return the rows of the ranking; the workings open only where the actor may read them.

    `asked` leaves out rows and orders them; without it the heads are no links.
    """
    may_open = _opener(board, actor)
    is_final = board.month.state == MonthState.PUBLISHED
    count = max(len(board.rows), 2)
    own = actor.own_unit_ids
    rows = arranged(board.rows, asked)
    order = sorts(asked)
    labels = {
        code: words.labelled(label, _named(board, code)) if board.rows else label
        for code, label in (("revenue", _("Revenue")), ("volume", _("Volume")))
    }
    heads = [{"label": label, "sort": order.get(code, {})} for code, label in labels.items()]
    card = next((row.card for row in board.rows if row.card), None)
    return {
        "heads": heads,
        "rows": [
            _row(row, may_open(row), is_final, count, row.unit.pk in own, labels) for row in rows
        ],
        "sorts": order,
        "shown": words.shown_of(len(rows), len(board.rows)) if asked and asked.text else "",
        "is_two_line": len(board.rows) <= TWO_LINES,
        "card_code": card.score.scorecard.code if card else "",
        "rules_url": reverse("score_rules"),
        "ties": _ties(board),
        "waiting": words.joined(unit.short for unit in board.waiting) if board.is_scored else "",
    }


def _opener(board: Board, actor: Actor) -> Callable[[BoardRow], str]:
    month = month_text(board.month.month)

    def url(row: BoardRow) -> str:
        if row.card is None or not actor.can("reasons.read", row.unit):
            return ""
        return reverse("unit_card", kwargs={"unit": row.unit.code, "month": month})

    return url


def _named(board: Board, code: str) -> str:
    indicator = board.rows[0].gates[code].indicator
    return indicator.short if indicator else "—"


def _ties(board: Board) -> str:
    """Say how ties are numbered where there is one; of a long board only which ranks are shared."""
    tied = dict.fromkeys(row.rank for row in board.rows if row.is_tied and row.rank is not None)
    parted = _parted(board)
    if not tied:
        return parted
    first = next(row for row in board.rows if row.is_tied)
    item = first.card.lines[0].item.short if first.card and first.card.lines else "—"
    if len(board.rows) > TWO_LINES:
        shared = words.joined(str(rank) for rank in tied)
        told = _("Equal scores share a rank, here %(ranks)s; listed by %(item)s") % {
            "ranks": shared,
            "item": item,
        }
        return words.phrases([told, parted])
    ranks = words.joined(str(row.rank) for row in board.rows if row.rank is not None)
    told = _("Equal scores share a rank: %(ranks)s; listed by %(item)s") % {
        "ranks": ranks,
        "item": item,
    }
    return words.phrases([told, parted])


def _parted(board: Board) -> str:
    """Say which ranks of equal totals the tie-breaks decided, and by what; blank without one."""
    by_item: dict[str, dict[int, None]] = {}
    for row in board.rows:
        if row.parted_by is not None and row.rank is not None:
            by_item.setdefault(row.parted_by.short, {})[row.rank] = None
    return words.phrases(
        _("Equal scores parted by %(item)s: rank %(ranks)s")
        % {"item": item, "ranks": words.joined(str(rank) for rank in ranks)}
        for item, ranks in by_item.items()
    )


def _row(
    row: BoardRow, url: str, is_final: bool, count: int, is_own: bool, labels: Mapping[str, str]
) -> dict[str, Any]:
    score = row.card.score if row.card else None
    base = score.base if score and score.total is not None and not score.is_vetoed else None
    total = words.total_in_words(row.score)
    return {
        "rank": row.rank,
        "is_tied": row.is_tied,
        "is_first": is_final and row.rank == 1,
        "direction": words.direction(row.change),
        "places": abs(row.change or 0),
        "unit": row.unit.short,
        "code": row.unit.code,
        "is_own": is_own,
        "url": url,
        "total_url": f"{url}total/" if url and row.score is not None else "",
        "supervisor": row.supervisor,
        "base": f"{base:.2f}" if base else "",
        "bonus": f"{score.bonus:.2f}" if score and base and score.bonus else "",
        "total": total,
        "range": _range(row),
        "label": f"{row.unit.short} {total}",
        "decided": words.decided(row),
        "gates": [
            _gate(row.gates[code]) | {"url": f"{url}gates/{code}/" if url else "", "label": label}
            for code, label in labels.items()
        ],
        "gap": amount(row.gap_to_next, 2),
        "spark": _spark(row, count),
    }


def _range(row: BoardRow) -> str:
    """Say between what the total still lies; blank once it stands."""
    found = row.card.range if row.card else None
    return words.between(*found) if found else ""


def _gate(gate: Gate) -> dict[str, Any]:
    indicator = gate.indicator
    decimals = indicator.decimals if indicator else 0
    shortfall = gate.shortfall
    return {
        "rate": percent(gate.rate),
        "figures": f"{amount(gate.actual, decimals)} / {amount(gate.task, decimals)}",
        "is_reported": gate.actual is not None,
        "met": gate.met,
        "text": ""
        if shortfall is None
        else _("short %(gap)s") % {"gap": amount(shortfall, decimals)},
    }


def _spark(row: BoardRow, count: int) -> dict[str, Any] | None:
    """Return the last six months' ranks as a line, the first at the top."""
    width, height = BOX
    step = (width - 8) / (len(row.ranks) - 1)
    points = [
        (round(4 + step * place, 1), round(4 + (height - 8) * (rank - 1) / (count - 1), 1))
        for place, rank in enumerate(row.ranks)
        if rank is not None
    ]
    if not points:
        return None
    known = words.joined(str(rank) for rank in row.ranks if rank is not None)
    return {
        "points": " ".join(f"{x},{y}" for x, y in points),
        "x": points[-1][0],
        "y": points[-1][1],
        "label": _("ranks of the last months: %(ranks)s") % {"ranks": known},
    }


def items_table(board: Board, actor: Actor, asked: Asked | None = None) -> dict[str, Any]:
    """Return the matrix of the units that the actor may read the reasons of, and their items."""
    readable = [row for row in board.rows if actor.can("reasons.read", row.unit)]
    cards = [row.card for row in readable if row.card]
    first = max(cards, key=lambda card: len(card.lines), default=None)
    items = [line.item for line in first.lines] if first else []
    month = month_text(board.month.month)
    rows = []
    for row in arranged(readable, asked):
        if row.card is None:
            continue
        by_code = {line.item.code: line for line in row.card.lines}
        url = reverse("unit_card", kwargs={"unit": row.unit.code, "month": month})
        rows.append(
            {
                "unit": row.unit.short,
                "is_own": row.unit.pk in actor.own_unit_ids,
                "cells": [_cell(by_code.get(item.code), url) for item in items],
                "base": words.total_in_words(row.card.score.base),
                "bonus": words.bonus_in_words(row.card.score.bonus),
                "total": words.total_in_words(row.card.score.total),
            }
        )
    heads = [
        {"name": item.short, "code": item.code, "weight": words.plain(item.weight)}
        for item in items
    ]
    return {"heads": heads, "rows": rows, "has_bonus": any(card.bonuses for card in cards)}


def _cell(line: Line | None, card_url: str) -> dict[str, Any]:
    if line is None:
        return {"text": "—"}
    if line.points is None:
        is_pending = line.state != LineState.NOT_ASSESSED
        return {
            "chip": words.reason(line) if is_pending else _("not assessed"),
            "kind": "wait" if is_pending else "",
        }
    points, weight = line.points, line.item.weight
    note = ""
    if line.reason.code in LOSSES:
        note = words.loss(line)
    elif points > weight and points == line.curve.highest:
        note = _("at the cap")
    return {
        "text": amount(points, 2),
        "url": f"{card_url}{quote(line.item.code, safe='')}/",
        "rate": f"{min(points * 100 / weight, MOST_DRAWN):.1f}" if weight else "0.0",
        "is_bad": line.reason.code in LOSSES or points < weight * LITTLE,
        "note": note,
    }
