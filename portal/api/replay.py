"""A scorecard run over closed months, for programs; nothing is stored."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.models import Scorecard
from orgchart.api import ActorMixin
from portal.queries.replay import MOST_MONTHS, Place, Replay, replay, replayable
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text
from targets.rules.growth import rounded


class ReplayView(ActorMixin, APIView):
    """GET what a card, a draft too, would have made of closed months: ?from= &to= (YYYY-MM).

    Without them the latest twelve. Published rows stand as `before` and stay.
    """

    @extend_schema(
        parameters=[OpenApiParameter("from", str), OpenApiParameter("to", str)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, pk: int) -> Response:
        self.actor.demand("rules.write")
        rows = Scorecard.objects.select_related("unit", "district")
        card = get_object_or_404(rows, pk=pk, district=self.actor.district)
        known = replayable(card.district_id)
        if not known:
            raise Http404
        reader, asked = Reader(), request.query_params
        first = reader.month(asked["from"], "/from") if asked.get("from") else known[0]
        last = reader.month(asked["to"], "/to") if asked.get("to") else known[-1]
        chosen = [month for month in known if first <= month <= last][-MOST_MONTHS:]
        if not chosen and not reader.faults:
            span = {"first": month_text(known[0]), "last": month_text(known[-1])}
            reader.fault("/to", _("No closed month lies there: choose from %(first)s to %(last)s.")
                         % span)  # fmt: skip
        reader.check()
        return Response({"scorecard": card.code} | _told(replay(card, chosen)))


def _told(found: Replay) -> dict[str, Any]:
    means = {unit.code: found.mean_gain(unit.pk) for unit in found.units}
    return {
        "mean_gain": {
            code: None if gain is None else plain(rounded(gain, 2), 2)
            for code, gain in means.items()
        },
        "months": [
            {
                "month": month_text(one.month),
                "winners_before": one.winners_before,
                "winners_after": one.winners_after,
                "units": [
                    {
                        "unit": unit.code,
                        "before": _place(one.before.get(unit.pk)),
                        "after": _place(one.after.get(unit.pk)),
                        "gain": plain(one.gain(unit.pk), 2),
                        "places": one.climb(unit.pk),
                    }
                    for unit in found.units
                ],
            }
            for one in found.months
        ],
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"total": plain(place.total, 2), "rank": place.rank}
