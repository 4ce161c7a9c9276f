"""The arithmetic of a line, step by step, so that anybody can do it again by hand."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import inf

from django.utils.translation import gettext as _

from kpi.present.words import labelled, percentage, plain, rate, reason, rule, shown
from kpi.queries.scorecards import parameters
from kpi.queries.scores import Line
from kpi.queries.sources import Sources
from kpi.rules.curves import Why
from kpi.rules.scoring import Basis, Parameters, Rule
from targets.models import Term
from targets.rules.growth import rounded
from targets.templatetags.amounts import amount, percent

_FLOORED = {Why.BELOW_FLOOR, Why.NEGATIVE_AS_ZERO, Why.RAISED_TO_FLOOR}


def formula(line: Line, found: Sources | None = None) -> list[str]:
    """Return the steps of a line's arithmetic: in words, with the numbers, reduced.

    With the source rows a ratio says of which figures it is one.
    """
    item, given = line.item, parameters(line.item.params)
    if line.points is None:
        return [rule(item), *([parts] if (parts := _parts(line, found)) else []), reason(line)]
    if line.x is None:  # no task, or closed without the figure: there is nothing to reckon with
        return [rule(item), reason(line)]
    match item.basis:
        case Basis.EVENTS:
            return _events(line, given)
        case Basis.ACTUAL:
            value = read(line)
            parts = _parts(line, found)
            words = _("points of the band that the value falls into")
            return [words, rule(item), f"{parts} = {value}" if parts else value]
        case Basis.RELATIVE:
            return _relative(line)
        case _ if item.rule == Rule.MIN_MAX:
            return _min_max(line, given)
    return _by_rate(line, given)


def read(line: Line) -> str:
    """Write where the curve was read in the fewest decimals that give the same points.

    13.9973% is below a band from 14%, and 14.00% would not be.
    """
    x = Fraction(line.x or 0)
    indicator = line.item.indicator
    is_rate = line.item.basis != Basis.ACTUAL or (indicator is not None and indicator.is_percent)
    scale, least = (100, 2) if is_rate or indicator is None else (1, indicator.decimals)
    for decimals in (least, least + 2, least + 4):
        near = Fraction(rounded(x * scale, decimals)) / scale
        if line.curve.points(*near.as_integer_ratio()) == line.points:
            break
    return f"{percent(x, decimals)}%" if scale == 100 else amount(x, decimals)


def _parts(line: Line, found: Sources | None) -> str:
    """Write a ratio by its reported parts: Net adds 104 ÷ Gross adds 743. Blank for others."""
    if found is None or line.item.basis == Basis.EVENTS:
        return ""
    below = [term for term in found.terms if term.side == Term.Side.DENOMINATOR]
    above = [term for term in found.terms if term.side == Term.Side.NUMERATOR]
    if not below or any(_reported(term, found) is None for term in found.terms):
        return ""
    return f"{_side(above, found)} ÷ {_side(below, found)}"


def _reported(term: Term, found: Sources) -> Decimal | None:
    """Return what was reported of a summand; None while a part of it is not."""
    cells = [row for row in found.actuals if row.indicator_id == term.source_id]
    if not cells or any(row.value is None for row in cells):
        return None
    return sum((row.value + row.adjustment for row in cells), Decimal(0))


def _side(terms: Sequence[Term], found: Sources) -> str:
    text = ""
    for term in terms:
        number = f"{term.source.short} {shown(_reported(term, found), term.source)}"
        if term.factor != 1:
            number = f"{number} × {amount(term.factor, 0)}"
        sign = " − " if term.sign < 0 else " + " if text else ""
        text += f"{sign}{number}"
    return f"({text.strip()})" if len(terms) > 1 else text.strip()


def _events(line: Line, given: Parameters) -> list[str]:
    counted = " + ".join(
        f"{count} × {plain(given.per[kind])}" for kind, count in line.counts.items()
    )
    if line.is_bonus:
        return [_("min(cap, Σ events × points)"), f"min({plain(given.cap or 0)}, {counted or 0})"]
    return [
        _("max(0, weight − Σ events × points)"),
        f"max(0, {plain(line.item.weight)} − ({counted or 0}))",
    ]


def _relative(line: Line) -> list[str]:
    """Return own ÷ best; the best follows from the two numbers that the line has."""
    weight, indicator = plain(line.item.weight), line.item.indicator
    words = _("weight × own ÷ best")
    if not line.x or line.value is None:
        return [words, f"{weight} × {rate(Fraction(0))}%"]
    best = Fraction(line.value) / Fraction(line.x)
    numbers = f"{weight} × {shown(line.value, indicator)} ÷ {shown(best, indicator)}"
    if line.reason.code in _FLOORED:
        return [words, numbers, labelled(read(line), reason(line))]
    return [words, numbers, f"{weight} × {read(line)}"]


def _min_max(line: Line, given: Parameters) -> list[str]:
    """Return the rate and, between both points, the way from one to the other."""
    used = read(line)
    steps = [rule(line.item), _("rate = %(numbers)s = %(rate)s") % {
        "numbers": _quotient(line), "rate": used}]  # fmt: skip
    if line.reason.code is not Why.MIN_MAX:
        return [*steps, labelled(used, reason(line))]
    low, high = (percentage(value or 0) for value in (given.low, given.high))
    first, last = (plain(value or 0) for value in (given.low_points, given.high_points))
    return [*steps, f"{first} + ({used} − {low}%) ÷ ({high}% − {low}%) × ({last} − {first})"]


def _quotient(line: Line) -> str:
    """Write actual ÷ task, and what stands for it where the task is negative."""
    task, actual = (shown(value, line.item.indicator) for value in (line.target, line.value))
    if line.target is not None and line.target < 0:
        return f"1 + ({actual} − {task}) ÷ |{task}|"
    return f"{actual} ÷ {task}"


def _by_rate(line: Line, given: Parameters) -> list[str]:
    """Return weight × rate, capped if the rule says so, straight or inverse."""
    item, weight = line.item, plain(line.item.weight)
    task, actual = (shown(value, item.indicator) for value in (line.target, line.value))
    match item.basis:
        case Basis.INVERSE:
            words, numbers = _("weight × min(cap, task ÷ actual)"), f"{task} ÷ {actual}"
        case Basis.INVERSE_LINEAR:
            words = _("weight × min(cap, 2 − actual ÷ task)")
            numbers = f"2 − {actual} ÷ {task}"
        case _ if line.target is not None and line.target < 0:
            words = _("weight × min(cap, 1 + (actual − task) ÷ |task|)")
            numbers = _quotient(line)
        case _:
            words, numbers = _("weight × min(cap, actual ÷ task)"), _quotient(line)
    if given.cap is None:
        return [_("weight × actual ÷ task"), f"{weight} × {numbers}", f"{weight} × {read(line)}"]
    cap = f"{percentage(given.cap)}%"
    if line.x == inf:
        limit = _("actual %(actual)s: the cap of %(cap)s counts") % {"actual": actual, "cap": cap}
        return [words, limit, f"{weight} × {rate(given.cap)}%"]
    steps = [words, f"{weight} × min({cap}, {numbers})"]
    if line.reason.code in _FLOORED:
        return [*steps, labelled(read(line), reason(line))]
    if line.x is not None and line.x >= given.cap:
        return [*steps, f"{weight} × {rate(given.cap)}%"]
    return [*steps, f"{weight} × {read(line)}"]
