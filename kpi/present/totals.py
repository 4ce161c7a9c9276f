"""The workings of a total, its rank and a gate as finished values for templates/kpi."""

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kpi.models import Month
from kpi.present import words
from kpi.present.card import month_history
from kpi.present.origins import sources, told_changes
from kpi.queries.board import Board, BoardRow, Gate
from kpi.queries.scores import Line
from kpi.queries.sources import Sources
from targets.months import month_text
from targets.templatetags.amounts import amount, signed


def total(row: BoardRow, board: Board) -> dict[str, Any]:
    """Return how a total and its rank came about: items, spread, bonus, veto, peers."""
    assert row.card is not None
    score, month = row.card.score, board.month
    return {
        "unit": row.unit.name,
        "total": words.total_in_words(score.total),
        "is_known": score.total is not None,
        "rank": row.rank,
        "formula": _formula(row),
        "items": [_item(line, row, month) for line in (*row.card.lines, *row.card.bonuses)],
        "standing": [
            {
                "unit": one.unit.short,
                "is_own": one.unit.pk == row.unit.pk,
                "total": words.total_in_words(one.score),
                "rank": one.rank or "—",
            }
            for one in board.rows
        ],
        "ranking": _ranking(row),
        "rule": {
            "code": score.scorecard.code,
            "url": reverse("scorecard", kwargs={"pk": score.scorecard_id}),
            "note": _("in force from %(day)s")
            % {"day": date_format(score.scorecard.valid_from, "SHORT_DATE_FORMAT")},
        },
        "history": month_history(month),
    }


def _formula(row: BoardRow) -> list[str]:
    assert row.card is not None
    score, card = row.card.score, row.card
    if score.total is None and card.range is None:
        return [_("A task is missing or nothing is assessed: there is no total.")]
    points = [amount(line.points, 2) for line in card.lines if line.points is not None]
    steps = [_("sum of the items, weight of those not assessed spread, then the bonus")]
    steps.append(f"{' + '.join(points)} = {amount(score.unspread, 2)}")
    if score.applicable_weight != 100:
        steps.append(
            f"{amount(score.unspread, 2)} × 100 ÷ {words.plain(score.applicable_weight)} = "
            f"{amount(score.base, 2)}"
        )
    if score.is_vetoed:
        return [*steps, _("veto: the total is 0")]
    if score.total is None and card.range is not None:
        text = _("not everything is reported: %(between)s")
        return [*steps, text % {"between": words.between(*card.range)}]
    steps.append(f"{amount(score.base, 2)} {_bonus(row)}")
    return [*steps, _("award veto: no award, the total stays")] if score.is_award_vetoed else steps


def _bonus(row: BoardRow) -> str:
    assert row.card is not None
    return f"+ {amount(row.card.score.bonus, 2)}"


def _item(line: Line, row: BoardRow, month: Month) -> dict[str, Any]:
    points = line.points
    text = words.reason(line) if points is None else amount(points, 2)
    key = {"unit": row.unit.code, "month": month_text(month.month), "code": line.item.code}
    return {
        "code": line.item.code,
        "name": line.item.short,
        "weight": _("outside the 100") if line.is_bonus else words.plain(line.item.weight),
        "points": signed(points, 2) if line.is_bonus else text,
        "url": reverse("card_workings", kwargs=key),
    }


def _ranking(row: BoardRow) -> list[str]:
    """Say how the rank follows from the totals."""
    assert row.card is not None
    told = [_("the highest total is first; equal totals share a rank and the next is left out")]
    parting = sorted(
        (line for line in row.card.lines if line.item.tie_break),
        key=lambda line: line.item.tie_break,
    )
    if parting:
        names = words.joined(line.item.short for line in parting)
        told = [_("the highest total is first; equal totals are parted by %(items)s")
                % {"items": names}]  # fmt: skip
    told += filter(None, [words.parted(row)])
    if row.card.score.is_vetoed:
        told.append(_("vetoed units come last"))
    elif row.is_tied:
        told.append(_("tied at rank %(rank)s") % {"rank": row.rank})
    if row.card.score.is_award_vetoed and not row.card.score.is_vetoed:
        told.append(_("the award veto leaves total and rank; it bars from the award"))
    if row.gap_to_next is not None and not row.parted_from:
        told.append(_("%(gap)s points to the next rank") % {"gap": amount(row.gap_to_next, 2)})
    return told


def gate(row: BoardRow, code: str, month: Month, found: Sources | None) -> dict[str, Any]:
    """Return how a gate was judged: raw figures compared, where they come from."""
    one: Gate = row.gates[code]
    labels = {"revenue": _("Revenue"), "volume": _("Volume")}
    indicator = one.indicator
    steps = [_("actual ≥ task, compared as reported, not as rounded")]
    if one.task is not None and one.actual is not None:
        sign = "≥" if one.met else "<"
        steps.append(
            words.as_in_table(one.actual, indicator)
            + f" {sign} "
            + words.as_in_table(one.task, indicator)
        )
    return {
        "label": labels[code],
        "unit": row.unit.name,
        "name": indicator.name if indicator else "—",
        "indicator": indicator.code if indicator else "",
        "met": one.met,
        "text": ""
        if one.shortfall is None
        else _("short %(gap)s") % {"gap": words.measured(one.shortfall, indicator)},
        "formula": steps,
        "sources": sources(one.task, one.actual, indicator, found) if found else [],
        "changes": told_changes(found.changes, indicator) if found else [],
        "history": month_history(month),
    }
