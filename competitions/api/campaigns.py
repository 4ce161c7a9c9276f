"""Campaigns for programs: list, standings, terms, results, steps."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from competitions.api.campaign_terms import (
    CampaignSerializer,
    ChangeSerializer,
    ReasonSerializer,
)
from competitions.campaign_access import campaign_of, visible_campaigns
from competitions.models import Campaign, Contestants, Phase
from competitions.queries.campaigns import Row, in_phase, table
from competitions.rules.campaigns import Aim
from competitions.services import campaigns as services
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from targets.amounts import plain
from targets.api.reading import Reader, listed

MOST_RESULTS = 2000


class _CampaignApi(ActorMixin, APIView):
    """Whoever reads the competition; `capability` is what the method needs beside that."""

    capability = "competition.read"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.demand("competition.read")
        self.actor.demand(self.capability)

    def answer(self, code: str) -> Response:
        return Response(whole(campaign_of(self.actor, code), self.actor.on))


class CampaignsView(_CampaignApi):
    """The campaigns, the latest first; a new one, as a draft."""

    @extend_schema(
        operation_id="campaigns_list",
        parameters=[
            OpenApiParameter("phase", str, enum=Phase.values),
            OpenApiParameter("contestants", str, enum=Contestants.values),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        rows, reader, asked = visible_campaigns(self.actor), Reader(), request.query_params
        if phase := asked.get("phase"):
            rows = in_phase(rows, reader.choice(phase, "/phase", Phase.values), self.actor.on)
        if who := asked.get("contestants"):
            kinds = Contestants.values
            rows = rows.filter(contestants=reader.choice(who, "/contestants", kinds))
        reader.check()
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([brief(row, self.actor.on) for row in page or []])

    @extend_schema(request=CampaignSerializer, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("competition.propose")
        sent = CampaignSerializer(data=request.data, context={"district": self.actor.district})
        sent.is_valid(raise_exception=True)
        row = services.save_campaign(
            district=self.actor.district, values=sent.stored, by=self.actor.person, at=request.now
        )
        answer = self.answer(row.code)
        answer.status_code = 201
        return answer


class CampaignView(_CampaignApi):
    """A campaign with its terms and how everybody stands; its terms again, all of them.

    Once it is announced only its words may change, and its last day to a later one.
    """

    @extend_schema(operation_id="campaign_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str) -> Response:
        return self.answer(code)

    @extend_schema(request=ChangeSerializer, responses=OpenApiTypes.OBJECT)
    def put(self, request: Request, code: str) -> Response:
        self.actor.demand("competition.propose")
        row = campaign_of(self.actor, code)
        sent = ChangeSerializer(data=request.data, context={"district": self.actor.district})
        sent.is_valid(raise_exception=True)
        services.save_campaign(
            district=self.actor.district, values=sent.stored, campaign=row,
            version=sent.validated_data["version"], by=self.actor.person, at=request.now,
        )  # fmt: skip
        return self.answer(code)


class ResultsView(_CampaignApi):
    """Enter results: [{"contestant", "day", "value"}], since the first day; null takes one back."""

    capability = "campaigns.report"

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        row, reader = campaign_of(self.actor, code), Reader()
        body, at = listed(request.data, "results")
        entries = []
        for number, each in enumerate(reader.items(body, at or "/", MOST_RESULTS)):
            pointer = f"{at}/{number}"
            given = reader.record(each, pointer)
            day = reader.day(given.get("day"), f"{pointer}/day")
            entries.append(
                services.Entry(
                    reader.text(given.get("contestant"), f"{pointer}/contestant", longest=40),
                    day,
                    reader.number_or_none(given.get("value"), f"{pointer}/value"),
                )
            )
        reader.check()
        services.save_results(
            campaign=row, entries=entries, by=self.actor.person, at=request.now,
            unit_ids=self.actor.unit_ids("campaigns.report"),
        )  # fmt: skip
        return self.answer(code)


class _Step(_CampaignApi):
    """A step of a campaign, done by a POST."""

    http_method_names = ("post", "options")
    service: Callable[..., Campaign]

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, code: str) -> Response:
        row = campaign_of(self.actor, code)
        type(self).service(campaign=row, by=self.actor.person, at=request.now)
        return self.answer(code)


class AnnounceView(_Step):
    """Promise the prizes."""

    capability = "competition.approve"
    service = staticmethod(services.announce)


class DecideView(_Step):
    """Freeze the standings after the last day."""

    capability = "competition.propose"
    service = staticmethod(services.decide)


class ApproveView(_Step):
    """Approve the awards after their notice."""

    capability = "competition.approve"
    service = staticmethod(services.approve)


class PayView(_Step):
    """Register that the awards were paid."""

    capability = "competition.propose"
    service = staticmethod(services.pay)


class VoidView(_CampaignApi):
    """Call a campaign off, with a reason; not once it is paid."""

    capability = "competition.approve"
    http_method_names = ("post", "options")

    @extend_schema(request=ReasonSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, code: str) -> Response:
        row = campaign_of(self.actor, code)
        sent = ReasonSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        services.void(campaign=row, by=self.actor.person, at=request.now, **sent.validated_data)
        return self.answer(code)


def brief(row: Campaign, today: Any) -> dict[str, Any]:
    """Return what the list gives of a campaign."""
    facts = services.facts(row)
    names = ("name_zh", "name_en", "contestants", "source", "indicator", "starts_on", "ends_on")
    return {"code": row.code, "phase": row.phase(today).value} | {n: facts[n] for n in names}


def whole(row: Campaign, today: Any) -> dict[str, Any]:
    """Return a campaign with its terms, its pace and the standings, the best first."""
    found = table(row, today)
    return {
        "code": row.code,
        "phase": found.phase.value,
        **services.facts(row),
        "version": row.version,
        "void_reason": row.void_reason,
        "pace": {
            "days": found.pace.days,
            "elapsed": found.pace.elapsed,
            "remaining": found.pace.remaining,
        },
        "total": plain(found.total, row.result_decimals),
        "payable": plain(found.payable, 2),
        "standings": [_standing(row, each) for each in found.rows],
    }


def _standing(row: Campaign, each: Row) -> dict[str, Any]:
    standing, decimals = each.standing, row.result_decimals
    return {
        "contestant": each.contestant.code,
        "name": each.contestant.name,
        "unit": each.contestant.unit.code,
        "rank": standing.rank,
        "value": plain(standing.value, decimals),
        "as_of": each.reading.as_of and each.reading.as_of.isoformat(),
        "qualified": standing.is_qualified,
        "for_place": plain(standing.for_place, 2),
        "for_level": plain(standing.for_level, 2),
        "award": plain(standing.amount, 2),
        "next_place": _aim(standing.next_place, decimals),
        "next_level": _aim(standing.next_level, decimals),
    }


def _aim(aim: Aim | None, decimals: int) -> dict[str, Any] | None:
    if aim is None:
        return None
    return {"gap": plain(aim.gap, decimals), "award": plain(aim.amount, 2), "place": aim.place}
