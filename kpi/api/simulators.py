"""What-if for anybody: the rules of scoring and of pace; nothing is stored."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.boards import ratio_text
from kpi.api.parameters import number, read_parameters
from kpi.calendars import CalendarUnknown, counted_days
from kpi.queries.scorecards import parameters
from kpi.rules import scoring as rules
from kpi.rules.curves import BadRule
from kpi.rules.pace import Calendar, days_of, pace
from kpi.rules.ranking import Standing, rank
from kpi.services.checking import outside
from orgchart.api import ActorMixin
from targets.amounts import plain
from targets.api.reading import Reader
from targets.rules.growth import rounded

MOST_UNITS, MOST_ITEMS, MOST_EVENTS = 500, 50, 100_000


class SimulateScorecardView(ActorMixin, APIView):
    """Score and rank units by a card that the body describes (rules §4)."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        self.actor  # noqa: B018  a post is needed, any will do
        reader = Reader()
        body = reader.record(request.data, "/")
        items = _items(reader, body)
        bonus = _bonus(reader, body.get("bonus"))
        reader.check()
        units = reader.items(body.get("units"), "/units", MOST_UNITS, least=1)
        cards = [_card(reader, unit, f"/units/{n}", items, bonus) for n, unit in enumerate(units)]
        reader.check()
        scored = [found for found in cards if found is not None]
        places = {
            place.unit: place.rank
            for place in rank(
                [
                    Standing(
                        code,
                        card.total,
                        tuple(line.completion for line in card.lines[:3]),
                        card.veto is rules.Veto.ZERO,
                    )
                    for code, card in scored
                ]
            )
        }
        return Response({"units": [_told(code, card, places[code]) for code, card in scored]})


def _items(reader: Reader, body: dict[str, Any]) -> list[rules.Item]:
    zero_target = rules.ZeroTarget(
        reader.choice(body.get("zero_target", "spread"), "/zero_target", list(rules.ZeroTarget))
    )
    items: list[rules.Item] = []
    for n, raw in enumerate(reader.items(body.get("items"), "/items", MOST_ITEMS, least=1)):
        at = f"/items/{n}"
        given = reader.record(raw, at)
        code = reader.text(given.get("code"), f"{at}/code", longest=40)
        weight = number(reader, given.get("weight"), f"{at}/weight")
        rule = reader.choice(given.get("rule"), f"{at}/rule", list(rules.Rule))
        params = read_parameters(reader, given, at)
        if any(item.code == code for item in items):
            reader.fault(f"{at}/code", _("The same code is given twice."))
        if weight is None:
            reader.fault(f"{at}/weight", _("A weight is needed."))
        if reader.faults:
            continue
        try:
            items.append(
                rules.item(
                    code, weight or Decimal(0), rules.Rule(rule), parameters(params), zero_target
                )
            )
        except BadRule as error:
            reader.fault(f"{at}/{error.field}", _("This parameter makes no rule."))
    return items


def _bonus(reader: Reader, raw: Any) -> rules.Bonus | None:
    if raw is None:
        return None
    given = reader.record(raw, "/bonus")
    per = number(reader, given.get("per"), "/bonus/per")
    cap = number(reader, given.get("cap"), "/bonus/cap")
    for name, value in (("per", per), ("cap", cap)):
        if value is None or value < 0 or (name == "cap" and value == 0):
            reader.fault(f"/bonus/{name}", _("A number above 0 is needed."))
    return rules.Bonus(per or Decimal(0), cap or Decimal(0))


def _card(
    reader: Reader, raw: Any, at: str, items: list[rules.Item], bonus: rules.Bonus | None
) -> tuple[str, rules.Card] | None:
    unit = reader.record(raw, at)
    code = reader.text(unit.get("unit"), f"{at}/unit", longest=40)
    known = {item.code for item in items}
    results = {}
    for item_code, given in reader.record(unit.get("results", {}), f"{at}/results").items():
        where = f"{at}/results/{item_code}"
        if item_code not in known:
            reader.fault(where, _("There is no such item."))
            continue
        results[item_code] = _result(reader, given, where)
    count = reader.whole(unit.get("bonus_count", 0), f"{at}/bonus_count", 0, MOST_EVENTS)
    veto = _veto(reader, unit.get("veto", False), f"{at}/veto")
    if reader.faults:
        return None
    try:
        return code, rules.score(items, results, bonus=bonus, bonus_count=count, veto=veto)
    except rules.TargetMissing as error:
        for missing in error.codes:
            reader.fault(f"{at}/results/{missing}/target", _("A target is missing."))
    except rules.UnknownEvent as error:
        reader.fault(
            f"{at}/results/{error.code}/events/{error.event}", _("There is no such event.")
        )
    return None


def _result(reader: Reader, raw: Any, at: str) -> rules.Result:
    given = reader.record(raw, at)
    events = {
        str(kind): reader.whole(count, f"{at}/events/{kind}", 0, MOST_EVENTS)
        for kind, count in reader.record(given.get("events") or {}, f"{at}/events").items()
    }
    return rules.Result(
        target=number(reader, given.get("target"), f"{at}/target"),
        actual=number(reader, given.get("actual"), f"{at}/actual"),
        best=number(reader, given.get("best"), f"{at}/best"),
        events=events,
    )


def _veto(reader: Reader, raw: Any, at: str) -> rules.Veto | None:
    if raw is None or raw is False:
        return None
    if raw is True:
        return rules.Veto.ZERO
    return rules.Veto(reader.choice(raw, at, list(rules.Veto)))


def _told(code: str, card: rules.Card, place: int | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "unit": code,
        "lines": [
            {
                "code": line.code,
                "points": plain(line.points, 2),
                "completion": ratio_text(line.completion),
                "reason": str(line.reason.code),
            }
            for line in card.lines
        ],
        "base": plain(card.base, 2),
        "bonus": plain(card.bonus, 2),
        "total": plain(card.total, 2),
        "rank": place,
    }
    if card.total is None and card.range is not None:
        told["range"] = [plain(card.range[0], 2), plain(card.range[1], 2)]
    return told


class SimulatePaceView(ActorMixin, APIView):
    """A month's progress against time, by calendar (rules §10)."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        self.actor  # noqa: B018  a post is needed, any will do
        reader = Reader()
        body = reader.record(request.data, "/")
        month = reader.month(body.get("month"), "/month")
        as_of = reader.day(body.get("as_of"), "/as_of")
        target = number(reader, body.get("target"), "/target")
        actual = number(reader, body.get("actual"), "/actual")
        calendar = Calendar(
            reader.choice(body.get("calendar", "natural"), "/calendar", list(Calendar))
        )
        if target is None and not reader.faults:
            reader.fault("/target", _("A target is needed."))
        if (as_of.year, as_of.month) != (month.year, month.month) and not reader.faults:
            reader.fault("/as_of", outside(month))
        reader.check()
        try:
            days = days_of(month, as_of, counted_days(calendar))
        except CalendarUnknown:
            reader.fault("/calendar", _("The working days of this year are not known."))
        reader.check()
        decimals = max(_decimals(target), _decimals(actual))
        found = pace(target or Decimal(0), actual, days, decimals)
        behind = found.behind_pp
        return Response(
            {
                "days": {
                    "total": days.total,
                    "elapsed": days.elapsed,
                    "remaining": days.remaining,
                },
                "time_progress": ratio_text(found.time_progress),
                "completion": ratio_text(found.completion),
                "behind_pp": None if behind is None else plain(rounded(behind, 2), 2),
                "gap": plain(found.gap, decimals),
                "per_day": plain(found.per_day, decimals),
                "forecast": plain(found.forecast, decimals),
            }
        )


def _decimals(value: Decimal | None) -> int:
    exponent = 0 if value is None else value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
