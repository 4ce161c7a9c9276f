"""Figures, rules and reasons in words."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import inf

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kpi.models import EventKind, ItemRole, ScorecardItem
from kpi.models.scores import LineState
from kpi.queries.board import BoardRow
from kpi.queries.scorecards import parameters
from kpi.queries.scores import Line
from kpi.rules.curves import FloorMeaning, Why
from kpi.rules.scoring import Basis, Rule
from orgchart.models.bilingual import in_language
from targets import measures
from targets.models import Indicator
from targets.rules.growth import rounded
from targets.templatetags.amounts import amount, percent, signed

Number = Decimal | Fraction | int


def joined(parts: Iterable[str]) -> str:
    """Join names as the language does."""
    return _(", ").join(parts)


def day(on: date) -> str:
    """Write a day without its year: 3月4日, 4 March."""
    return date_format(on, in_language("n月j日", "j F"))


def labelled(what: str, why: str) -> str:
    """Write a label and what it says."""
    return _("%(what)s: %(why)s") % {"what": what, "why": why}


def phrases(parts: Iterable[str]) -> str:
    """Join phrases that stand side by side."""
    return _("; ").join(part for part in parts if part)


def plain(value: Number) -> str:
    """Write a number without trailing zeros: 0.5, 30, 12.5."""
    text = f"{rounded(Fraction(value), 4):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def direction(change: int | None) -> str:
    """Name the direction of a change of rank for components/change.html; blank for none known."""
    if change is None:
        return ""
    return "same" if change == 0 else "up" if change > 0 else "down"


def shown_of(shown: int, of: int) -> str:
    """Say how many units of all are shown."""
    return _("%(shown)s of %(all)s units") % {"shown": shown, "all": of}


def percentage(ratio: Number) -> str:
    """Write a ratio as short as it is: 1.2 → 120, 0.1638 → 16.38."""
    return plain(Fraction(ratio) * 100)


def rate(ratio: Fraction | Decimal | float | None) -> str:
    """Write a rate as percent with two decimals; ∞ for an inverse without an actual."""
    if ratio is None:
        return "—"
    return "∞" if ratio == inf else percent(Fraction(ratio))


def shown(value: Number | None, indicator: Indicator | None) -> str:
    """Write a figure of an indicator with its decimals; percentages without the sign."""
    if indicator is None:
        return amount(value, 0)
    if indicator.is_percent:
        return percent(value, indicator.decimals)
    return amount(value, indicator.decimals)


def measured(value: Number | None, indicator: Indicator | None) -> str:
    """Write a figure in a sentence, with its measure; of events only the number."""
    return amount(value, 0) if indicator is None else measures.measured(value, indicator)


def as_in_table(value: Number | None, indicator: Indicator | None) -> str:
    """Write a figure with its measure as the tables and formulas beside it have it."""
    return amount(value, 0) if indicator is None else measures.as_in_table(value, indicator)


def event_counts(counts: Mapping[str, int]) -> str:
    """Write counted events: late reports 1, audit findings 2."""
    return joined(f"{EventKind(kind).label} {count}" for kind, count in counts.items())


def prices(per: Mapping[str, Decimal]) -> str:
    """Write what each event costs or earns."""
    return joined(f"{EventKind(kind).label} {plain(price)}" for kind, price in per.items())


def threshold(limit: Number, item: ScorecardItem) -> str:
    """Write the limit of a band in the measure of its indicator."""
    indicator = item.indicator
    if indicator is not None and indicator.is_percent:
        return f"{percentage(limit)}%"
    return plain(limit)


def reason(line: Line) -> str:
    """Say in a few words why a line has its points."""
    params, item = line.reason.params, line.item
    match line.reason.code:
        case Why.NOT_ASSESSED if line.state == LineState.NO_TARGET:
            return _("task missing")
        case Why.NOT_ASSESSED if item.basis == Basis.ACTUAL:
            return _("divisor 0: not assessed, weight spread")
        case Why.NOT_ASSESSED:
            return _("task 0: not assessed, weight spread")
        case Why.PENDING:
            return _("not reported")
        case Why.CLOSED_AT_ZERO:
            return _("not reported in time: 0")
        case Why.ZERO_TARGET_FULL if item.basis == Basis.ACTUAL:
            return _("divisor 0: full points")
        case Why.ZERO_TARGET_ZERO if item.basis == Basis.ACTUAL:
            return _("divisor 0: no points")
        case Why.ZERO_TARGET_FULL:
            return _("no task: full points")
        case Why.ZERO_TARGET_ZERO:
            return _("no task: no points")
        case Why.BY_COMPLETION if line.completion is not None and line.completion < 1:
            return _("short by %(gap)s") % {"gap": _gap(line)}
        case Why.BY_COMPLETION | Why.MIN_MAX:
            return _("by rate")
        case Why.CAPPED:
            cap = params.get("cap")
            return _("capped at %(cap)s%%") % {"cap": percentage(_number(cap))}
        case Why.BELOW_FLOOR:
            return _("below the floor of %(floor)s%%") % {
                "floor": percentage(_number(params["floor"]))
            }
        case Why.RAISED_TO_FLOOR:
            return _("raised to the floor of %(floor)s%%") % {
                "floor": percentage(_number(params["floor"]))
            }
        case Why.NEGATIVE_AS_ZERO:
            return _("negative counts as 0")
        case Why.BAND:
            limit = params["threshold"]
            if limit is None:
                return _("lowest band")
            return _("in the band from %(limit)s") % {"limit": threshold(limit, item)}
        case Why.INVERSE | Why.INVERSE_LINEAR if line.points == line.curve.highest:
            return _("capped at %(cap)s%%") % {"cap": percentage(_number(params["cap"]))}
        case Why.INVERSE:
            return _("inverse: task ÷ actual")
        case Why.INVERSE_LINEAR:
            return _("inverse: 2 − actual ÷ task")
        case Why.DEDUCTED if not params["deducted"]:
            return _("nothing deducted")
        case Why.DEDUCTED:
            return _("%(weight)s − %(deducted)s; %(events)s") % {
                "weight": plain(item.weight),
                "deducted": amount(params["deducted"], 2),
                "events": event_counts(line.counts),
            }
        case Why.USED_UP:
            return _("used up: %(events)s") % {"events": event_counts(line.counts)}
        case Why.RELATIVE:
            return _("own ÷ best")
        case Why.BONUS:
            return _bonus(line)
    raise ValueError(line.reason.code)


def loss(line: Line) -> str:
    """Say why an item lost its points, short enough for a column of the matrix."""
    return _("used up") if line.reason.code is Why.USED_UP else reason(line)


def _number(value: Number | None) -> Number:
    return Fraction(0) if value is None else value


def _gap(line: Line) -> str:
    if line.target is None or line.value is None:
        return "—"
    return measured(Fraction(line.target) - Fraction(line.value), line.item.indicator)


def _bonus(line: Line) -> str:
    if not line.counts:
        return _("none")
    per = line.reason.params["per"]
    if per is None:
        return event_counts(line.counts)
    earned = {"events": event_counts(line.counts), "per": plain(per)}
    if line.x is not None and line.curve.highest is not None and line.x > line.curve.highest:
        earned["cap"] = plain(line.curve.highest)
        return _("%(events)s × %(per)s, at most %(cap)s") % earned
    return _("%(events)s × %(per)s") % earned


def rule(item: ScorecardItem) -> str:
    """Say a rule in one sentence."""
    given = parameters(item.params)
    cap = "" if given.cap is None else percentage(given.cap)
    if item.role == ItemRole.BONUS:
        return _("%(events)s each, up to %(cap)s points outside the 100") % {
            "events": prices(given.per),
            "cap": plain(_number(given.cap)),
        }
    match Rule(item.rule):
        case Rule.PROPORTIONAL:
            text = _("weight × rate")
            if cap:
                text = _("weight × rate, capped at %(cap)s%%") % {"cap": cap}
            if given.floor and given.floor_means is FloorMeaning.THRESHOLD:
                text += _("; no points below %(floor)s%%") % {"floor": percentage(given.floor)}
            elif given.floor:
                text += _("; at least %(floor)s%% of the weight") % {
                    "floor": percentage(given.floor)
                }
            return text
        case Rule.BANDS:
            steps = [
                _("from %(limit)s: %(points)s")
                % {"limit": threshold(limit, item), "points": plain(points)}
                if limit is not None
                else _("else %(points)s") % {"points": plain(points)}
                for limit, points in given.bands
            ]
            return joined(steps)
        case Rule.INVERSE:
            return _("weight × task ÷ actual, capped at %(cap)s%%") % {"cap": cap}
        case Rule.INVERSE_LINEAR:
            return _("weight × (2 − actual ÷ task), capped at %(cap)s%%") % {"cap": cap}
        case Rule.DEDUCTION:
            return _("%(weight)s minus %(events)s each, not below 0") % {
                "weight": plain(item.weight),
                "events": prices(given.per),
            }
        case Rule.MIN_MAX:
            return _(
                "no points below %(low)s%%, %(low_points)s there, rising to %(high_points)s at "
                "%(high)s%%"
            ) % {
                "low": percentage(_number(given.low)),
                "low_points": plain(_number(given.low_points)),
                "high_points": plain(_number(given.high_points)),
                "high": percentage(_number(given.high)),
            }
        case Rule.RELATIVE:
            return _("weight × own ÷ best unit")


def decided(row: BoardRow) -> str:
    """Say the one thing that decided a unit's score (龙虎榜, second line), and who is barred."""
    score = row.card.score if row.card else None
    is_barred = score is not None and score.is_award_vetoed and not score.is_vetoed
    barred = _("barred from the award") if is_barred else ""
    return phrases([barred, _decided(row)])


def _decided(row: BoardRow) -> str:
    if row.card is None:
        return _("no scorecard")
    if row.card.score.is_vetoed:
        return _("veto")
    if waiting := row.waiting:
        names = joined(line.item.short for line in waiting[:3])
        return _("%(count)s not reported: %(names)s") % {"count": len(waiting), "names": names}
    if row.capped * 2 > len(row.card.lines):
        return _("%(count)s items at the cap") % {"count": row.capped}
    line = row.costliest
    if line is None:
        return _("all at 100%% or more") % {}
    if line.completion is not None and line.reason.code is Why.BY_COMPLETION:
        return f"{line.item.short} {rate(line.completion)}%"
    return labelled(line.item.short, reason(line))


def parted(row: BoardRow) -> str:
    """Say behind whom of an equal total a unit stands, and by which item; blank if it does not."""
    if row.parted_from is None or row.parted_by is None:
        return ""
    return _("total equal to %(unit)s's, behind it by %(item)s") % {
        "unit": row.parted_from.short,
        "item": row.parted_by.short,
    }


def between(low: Decimal, high: Decimal | None) -> str:
    """Say between what a total still lies; without a cap it has no upper end."""
    ends = {"low": amount(low, 2), "high": amount(high, 2)}
    return (_("at least %(low)s") if high is None else _("between %(low)s and %(high)s")) % ends


def total_in_words(score: Decimal | None) -> str:
    """Write points with two decimals."""
    return amount(score, 2)


def bonus_in_words(points: Decimal | None) -> str:
    """Write bonus points with their sign."""
    return signed(points, 2)
