"""The ranking of the year so far as finished values for templates/kpi/_year_board.html."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.dates import MONTHS_3

from kpi.present import words
from kpi.present.arranging import Asked, arranged, sorts
from kpi.queries.year_board import YearBoard, YearRow
from orgchart.permissions import Actor
from targets.months import month_text
from targets.templatetags.amounts import amount


def year_table(board: YearBoard, actor: Actor, asked: Asked | None = None) -> dict[str, Any]:
    """Return the rows of the year; a month's points open the card where the actor may read it."""
    rows = arranged(board.rows, asked)
    year = board.month.month.year
    months = range(1, board.month.month.month + 1)
    most = max((row.points for row in board.rows if row.points is not None), default=Decimal(0))
    is_final = not board.unpublished
    return {
        "heads": [str(MONTHS_3[number]) for number in months],
        "rows": [
            _row(row, most, is_final, actor)
            | {
                "months": [
                    _month(row, total, f"{year}-{number:02}", actor)
                    for number, total in zip(months, row.months, strict=True)
                ]
            }
            for row in rows
        ],
        "sorts": sorts(asked),
        "shown": words.shown_of(len(rows), len(board.rows)) if asked and asked.text else "",
        "waiting": words.joined(month_text(month) for month in board.unpublished),
    }


def _row(row: YearRow, most: Decimal, is_final: bool, actor: Actor) -> dict[str, Any]:
    points = amount(row.points, 2)
    drawn = max(row.points or Decimal(0), Decimal(0))
    return {
        "rank": row.rank,
        "is_tied": row.is_tied,
        "is_first": is_final and row.rank == 1,
        "direction": words.direction(row.change),
        "places": abs(row.change or 0),
        "unit": row.unit.short,
        "is_own": row.unit.pk in actor.own_unit_ids,
        "points": points,
        "label": f"{row.unit.short} {points}",
        "width": f"{drawn / most * 100:.2f}" if most > 0 else "0",
        "mean": amount(row.mean, 2),
        "gap": amount(row.gap_to_next, 2),
    }


def _month(row: YearRow, total: Decimal | None, month: str, actor: Actor) -> dict[str, str]:
    may_open = total is not None and actor.can("reasons.read", row.unit)
    url = reverse("unit_card", kwargs={"unit": row.unit.code, "month": month}) if may_open else ""
    return {"text": amount(total, 2), "url": url}
