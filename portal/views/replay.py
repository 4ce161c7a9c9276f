"""Replay: a scorecard over closed months, as tables and a picture of who gains and who loses."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpi.present import words
from kpi.views.scorecards import card_of
from orgchart.models import Unit
from orgchart.models.bilingual import in_language
from orgchart.permissions import require
from portal.queries.replay import MOST_MONTHS, Place, Replay, Replayed, replay, replayable
from targets.charts import Chart, Series
from targets.months import month_text, parse_month
from targets.templatetags.amounts import amount, signed


@require("rules.write")
def scorecard_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Run a card over the months asked for, else the latest twelve; nothing is stored."""
    card = card_of(request, pk)
    known = replayable(card.district_id)
    first = _asked(request.GET.get("from", ""), known[-MOST_MONTHS:][:1])
    last = _asked(request.GET.get("to", ""), known[-1:])
    if first and last and first > last:
        first, last = last, first
    chosen = [month for month in known if first and last and first <= month <= last]
    chosen = chosen[-MOST_MONTHS:]
    context: dict[str, Any] = {
        "card": {"id": card.pk, "code": card.code, "name": card.name},
        "options": [{"value": month_text(m), "label": _month(m)} for m in known],
        "first": month_text(chosen[0]) if chosen else "",
        "last": month_text(chosen[-1]) if chosen else "",
    }
    if chosen:
        context |= _shown(replay(card, chosen))
    return render(request, "portal/replay.html", context)


def _asked(text: str, otherwise: Sequence[date]) -> date | None:
    try:
        return parse_month(text)
    except ValueError:
        return next(iter(otherwise), None)


def _month(month: date) -> str:
    return date_format(month, "YEAR_MONTH_FORMAT")


def _shown(found: Replay) -> dict[str, Any]:
    names = {unit.code: unit.short for unit in found.units}
    return {
        "sentence": _sentence(found),
        "chart": _chart(found),
        "summary": [_summary(found, unit) for unit in found.units],
        "awards": [_award(one, names) for one in found.months if one.winners_before is not None],
        "months": [_detail(one, found.units) for one in found.months],
    }


def _gains(found: Replay) -> list[tuple[Unit, Any]]:
    """Return the units with their mean gain, the best first."""
    pairs = [(unit, found.mean_gain(unit.pk)) for unit in found.units]
    return sorted(
        [(unit, gain) for unit, gain in pairs if gain is not None],
        key=lambda pair: -pair[1],
    )


def _sentence(found: Replay) -> str:
    gains = _gains(found)
    if not gains or all(gain == 0 for _unit, gain in gains):
        return _("Nobody would have gained or lost a point.")
    parts = []
    (best, most), (worst, least) = gains[0], gains[-1]
    if most > 0:
        parts.append(
            _("%(unit)s would gain most, %(points)s a month")
            % {"unit": best.short, "points": signed(most, 2)}
        )
    if least < 0:
        parts.append(
            _("%(unit)s would lose most, %(points)s a month")
            % {"unit": worst.short, "points": signed(least, 2)}
        )
    changed = sum(one.winners_before != one.winners_after for one in found.months)
    parts.append(
        ngettext(
            "the award would go elsewhere in %(count)s month",
            "the award would go elsewhere in %(count)s months",
            changed,
        )
        % {"count": changed}
        if changed
        else _("every award stays where it went")
    )
    return words.phrases(parts)


def _chart(found: Replay) -> Chart:
    """Return the picture: months across, units down, points gained or lost in each cell."""
    years = {one.month.year for one in found.months}
    months = [
        in_language(f"{one.month.month}月", f"{one.month:%b}")
        if len(years) == 1
        else in_language(f"{one.month:%y}年{one.month.month}月", f"{one.month:%b %y}")
        for one in found.months
    ]

    def shade(gain: Decimal | None) -> str:
        return "" if not gain else "good" if gain > 0 else "bad"

    return Chart(
        code="replay",
        title=_("Points gained and lost"),
        unit=_("points"),
        kind="heat",
        head=_("Unit"),
        sentence=_sentence(found),
        labels=months,
        series=[
            Series(unit.short, [one.gain(unit.pk) for one in found.months], decimals=2)
            for unit in found.units
        ],
        shades=[[shade(one.gain(unit.pk)) for one in found.months] for unit in found.units],
        height=60 + 34 * len(found.units),
    )


def _summary(found: Replay, unit: Unit) -> dict[str, Any]:
    climbs = [one.climb(unit.pk) or 0 for one in found.months]
    gain = found.mean_gain(unit.pk)
    return {
        "unit": unit.short,
        "gain": signed(gain, 2),
        "looks": "" if not gain else "good" if gain > 0 else "bad",
        "better": sum(climb > 0 for climb in climbs),
        "worse": sum(climb < 0 for climb in climbs),
        "same": sum(climb == 0 for climb in climbs),
    }


def _award(one: Replayed, names: dict[str, str]) -> dict[str, Any]:
    def told(winners: tuple[str, ...] | None) -> str:
        if winners is None:
            return _("pending")
        return words.joined(names.get(code, code) for code in winners) or _("no award")

    return {
        "month": _month(one.month),
        "before": told(one.winners_before),
        "after": told(one.winners_after),
        "is_changed": one.winners_before != one.winners_after,
    }


def _detail(one: Replayed, units: Sequence[Unit]) -> dict[str, Any]:
    def place(found: Place | None) -> dict[str, Any]:
        return {
            "total": amount(found.total if found else None, 2),
            "rank": found.rank if found else None,
        }

    rows = []
    for unit in units:
        climb = one.climb(unit.pk)
        rows.append(
            {
                "unit": unit.short,
                "before": place(one.before.get(unit.pk)),
                "after": place(one.after.get(unit.pk)),
                "gain": signed(one.gain(unit.pk), 2),
                "direction": "" if climb is None else "up" if climb > 0 else "down"
                if climb < 0 else "same",
                "places": abs(climb or 0),
            }
        )  # fmt: skip
    return {"month": _month(one.month), "rows": rows}
