"""The winners' wall for programs."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from competitions.api import round_body
from competitions.queries import has_competition, rounds
from competitions.queries.honours import campaigns_won, honours, rounds_won, years_won
from orgchart.api import ActorMixin
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text

YEARS = (2000, 2100)


class HonoursView(ActorMixin, APIView):
    """Who won in a year (without `year`, the latest): rounds, settled campaigns, the units so far.

    `years` are those in which anything was decided.
    """

    @extend_schema(parameters=[OpenApiParameter("year", int)], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str) -> Response:
        self.actor.demand("competition.read")
        district, reader = self.actor.district, Reader()
        if not has_competition(district.pk, code):
            raise Http404
        held = rounds(district.pk, code)
        years = years_won(district, held)
        year = next(iter(years), self.actor.on.year)
        if asked := request.query_params.get("year"):
            year = reader.whole(int(asked) if asked.isdecimal() else asked, "/year", *YEARS)
        reader.check()
        return Response(
            {
                "year": year,
                "years": years,
                "rounds": [
                    {"month": month_text(each.contest.month), "in_a_row": each.runs}
                    | round_body(each.contest)
                    for each in rounds_won(district, held, year)
                ],
                "campaigns": [
                    {
                        "code": each.campaign.code,
                        "state": each.campaign.state,
                        "total": plain(each.total, 2),
                        "winners": [
                            {"name": one.who, "unit": one.unit.code, "rank": one.rank,
                             "award": plain(one.amount, 2)}
                            for one in each.prizes
                        ],
                    }
                    for each in campaigns_won(district, year)
                ],
                "units": [_unit(each) for each in honours(district, held)],
            }
        )  # fmt: skip


def _unit(each: Any) -> dict[str, Any]:
    return {
        "unit": each.unit.code,
        "times": each.times,
        "amount": plain(each.amount, 2),
        "longest": each.longest,
        "running": each.running,
        "last": each.last and month_text(each.last),
    }
