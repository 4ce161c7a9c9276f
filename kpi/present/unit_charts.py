"""The charts of a unit's card, as a meeting looks at them: trend, items, ranks, burn-up."""

from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext as _

from kpi.queries.board import Board, BoardRow
from kpi.queries.history import MonthOfUnit
from orgchart.models.bilingual import in_language
from targets.charts import Chart, Series
from targets.templatetags.amounts import amount, percent


def _labels(history: Sequence[MonthOfUnit]) -> list[str]:
    return [in_language(f"{each.month.month}月", f"{each.month:%b}") for each in history]


def _known(history: Sequence[MonthOfUnit]) -> list[MonthOfUnit]:
    """Leave out the months before the first that was scored or reported."""
    is_known = [each.total is not None or any(each.rates.values()) for each in history]
    return list(history[is_known.index(True) :]) if True in is_known else []


def trend(history: Sequence[MonthOfUnit]) -> list[Chart]:
    """Return the score and both gates' rates of the last months; empty without any."""
    months = _known(history)
    if not months:
        return []
    totals = [each.total for each in months]
    said = [total for total in totals if total is not None]
    sentence = (
        _("between %(low)s and %(high)s, last %(last)s")
        % {"low": amount(min(said), 2), "high": amount(max(said), 2), "last": amount(said[-1], 2)}
        if said
        else _("no month has a total yet")
    )
    rates = {gate: [each.rates[gate] for each in months] for gate in ("revenue", "volume")}
    met = [sum(rate is not None and rate >= 1 for rate in rates[gate]) for gate in rates]
    return [
        Chart(
            code="trend-score", title=_("Score by month"), kind="lines",
            unit=_("points; the axis does not begin at 0"),
            labels=_labels(months), head=_("Month"), sentence=sentence, from_zero=False,
            series=[Series(_("Total score"), totals, 2, "actual")],
        ),
        Chart(
            code="trend-rates", title=_("Completion by month"), kind="lines",
            unit=_("%; the axis does not begin at 0"),
            labels=_labels(months), head=_("Month"), from_zero=False,
            sentence=_("revenue met in %(revenue)s months, volume in %(volume)s, of %(all)s")
            % {"revenue": met[0], "volume": met[1], "all": len(months)},
            series=[
                Series(_("Revenue"), rates["revenue"], 2, "actual", is_rate=True),
                Series(_("Volume"), rates["volume"], 2, "forecast", is_rate=True),
                Series(_("Task"), [Fraction(1)] * len(months), 0, "plan", is_rate=True),
            ],
        ),
    ]  # fmt: skip


def items(row: BoardRow, board: Board, *, with_others: bool) -> Chart | None:
    """Return each item's points as a share of its weight; with others, beside their mean."""
    if row.card is None:
        return None
    lines = [line for line in row.card.lines if line.item.weight]
    others: dict[str, list[Fraction]] = {}
    for other in board.rows if with_others else ():
        if other.unit.pk == row.unit.pk or other.card is None:
            continue
        for line in other.card.lines:
            if line.share is not None:
                others.setdefault(line.item.code, []).append(line.share)
    shares = [line.share for line in lines]
    means = [
        sum(found, Fraction(0)) / len(found) if (found := others.get(line.item.code)) else None
        for line in lines
    ]
    assessed = [(line, line.share) for line in lines if line.share is not None]
    worst = min(assessed, key=lambda pair: pair[1], default=None)
    sentence = ""
    if worst is not None:
        sentence = _("lowest: %(item)s, %(rate)s%% of its points") % {
            "item": worst[0].item.short,
            "rate": percent(worst[1], 1),
        }
    series = [Series(row.unit.short, shares, 1, "own", is_rate=True)]
    if others:
        series.append(Series(_("Mean of the others"), means, 1, "other", is_rate=True))
    return Chart(
        code="items", title=_("Items"), unit=_("% of the weight"), kind="rows",
        labels=[line.item.short for line in lines], head=_("Item"), sentence=sentence,
        height=60 + 44 * len(lines), series=series,
    )  # fmt: skip


def ranks(history: Sequence[MonthOfUnit], count: int) -> Chart | None:
    """Return the ranks of the last months, the first at the top; None without any."""
    months = _known(history)
    known = [each for each in months if each.rank is not None]
    if not known:
        return None
    return Chart(
        code="ranks", title=_("Rank by month"), unit=_("of %(count)s") % {"count": count},
        kind="lines", labels=_labels(months), head=_("Month"), is_ranking=True, from_zero=False,
        sentence=_("best %(best)s, last %(last)s")
        % {"best": min(each.rank or 0 for each in known), "last": known[-1].rank},
        series=[Series(_("Rank"), [each.rank for each in months], 0, "actual")],
    )  # fmt: skip
