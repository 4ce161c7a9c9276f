"""What-if on a unit's card for programs: the page's own engine, nothing stored."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.boards import ratio_text
from kpi.queries.board import month_row
from kpi.queries.shade import Change, Grounds, Shade, gates, grounds, rescored, score
from kpi.queries.ways import Lever, Way, levers, ways_up
from kpi.services.checking import value_fault
from orgchart.api import ActorMixin
from orgchart.models import Unit
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text

MOST = 50


class SimulateCardView(ActorMixin, APIView):
    """POST {unit, month, actuals: {indicator: figure}, events: {kind: count}}: the card it makes.

    Figures take the place of those reported; what is left out stays. Also says the cheapest ways
    to a better place as things are.
    """

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        self.actor.demand("reasons.read")
        reader = Reader()
        body = reader.record(request.data, "/")
        code = reader.text(body.get("unit"), "/unit", longest=40)
        month = reader.month(body.get("month"), "/month")
        reader.check()
        unit = get_object_or_404(Unit.objects.business(), district=self.actor.district, code=code)
        self.actor.demand("reasons.read", unit)
        row = month_row(self.actor.district.pk, month)
        if row is None:
            raise Http404
        given = grounds(row)
        if unit.pk not in given.cards:
            raise Http404
        shades, moved = score(given), levers(given, unit.pk)
        change = _change(reader, body, given, moved)
        reader.check()
        after = rescored(given, shades, unit.pk, change)[unit.pk]
        return Response(
            {
                "unit": unit.code,
                "month": month_text(month),
                "scorecard": given.cards[unit.pk].card.code,
                "now": _told(shades[unit.pk]),
                "then": _told(after),
                "gates": {name: gate.met for name, gate in gates(given, unit.pk, change).items()},
                "ways": [_way(way) for way in ways_up(given, shades, unit.pk, moved)],
            }
        )


def _change(reader: Reader, body: dict[str, Any], given: Grounds, moved: list[Lever]) -> Change:
    named = {one.code: one for one in given.indicators.values() if not one.is_derived}
    indicators = {one.code: one.indicator for one in moved if one.indicator}
    kinds = {one.kind for one in moved if not one.indicator}
    actuals, events = {}, {}
    for code, raw in _few(reader, body, "actuals").items():
        if code in named and code not in indicators:
            reader.fault(
                f"/actuals/{code}",
                _("%(indicator)s of this unit is not reported yet: there is nothing to move.")
                % {"indicator": named[code].name},
            )
            continue
        indicator = reader.member(code, f"/actuals/{code}", indicators)
        value = reader.number(raw, f"/actuals/{code}")
        if indicator is None:
            continue
        if fault := value_fault(indicator, value):
            reader.fault(f"/actuals/{code}", fault)
        actuals[indicator.pk] = value
    for kind, raw in _few(reader, body, "events").items():
        if kind not in kinds:
            reader.fault(f"/events/{kind}", _("The card does not count this event."))
            continue
        events[kind] = reader.whole(raw, f"/events/{kind}", 0, 1000)
    return Change(actuals, events)


def _few(reader: Reader, body: dict[str, Any], name: str) -> dict[str, Any]:
    found = reader.record(body.get(name) or {}, f"/{name}")
    if len(found) > MOST:
        reader.fault(f"/{name}", _("From %(least)s to %(most)s entries are allowed here.")
                     % {"least": 0, "most": MOST})  # fmt: skip
        return {}
    return found


def _told(shade: Shade) -> dict[str, Any]:
    span = shade.card.range if shade.card and shade.total is None else None
    return {
        "total": plain(shade.total, 2),
        "range": None if span is None else [plain(span[0], 2), plain(span[1], 2)],
        "rank": shade.rank,
        "tied": shade.is_tied,
        "gap_to_next": plain(shade.gap_to_next, 2),
        "lines": [
            {
                "code": code,
                "points": plain(line.points, 2),
                "completion": ratio_text(line.completion),
                "reason": str(line.reason.code),
            }
            for code, line in shade.lines.items()
        ],
    }


def _way(way: Way) -> dict[str, Any]:
    decimals = way.lever.indicator.stored_decimals if way.lever.indicator else 0
    return {
        "indicator": way.lever.indicator.code if way.lever.indicator else None,
        "event": way.lever.kind or None,
        "more": plain(way.more, decimals),
        "gain": plain(way.gain, 2),
        "rank": way.rank,
        "tied": way.is_tied,
    }
