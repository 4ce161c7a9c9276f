"""Terms of a competition for programs: drafted, changed, tried, published, withdrawn, discarded."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from competitions import rules
from competitions.api import ExactField
from competitions.models import Competition, CompetitionPolicy
from competitions.queries import drafts, indicators_with_task, policies, terms_json, trials
from competitions.services.policies import (
    discard_policy,
    draft_policy,
    publish_policy,
    withdraw_policy,
)
from orgchart.api import ActorMixin
from orgchart.errors import Fault, Invalid
from orgchart.idempotency import idempotent
from targets.amounts import plain
from targets.months import month_text, parse_month

MOST_NOTICE_DAYS = 31
MOST_UNITS = 1000
# The service's names of what programs call otherwise.
NAMES = {"/valid_from": "/from", "/heeds_veto": "/veto"}


@extend_schema_field({"type": "string", "pattern": r"^\d{4}-\d{2}$"})
class MonthField(serializers.Field):
    """A month as 2026-03; its first day."""

    def to_internal_value(self, value: Any) -> date:
        try:
            return parse_month(value if isinstance(value, str) else "")
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None

    def to_representation(self, value: date) -> str:
        return month_text(value)


class TermsSerializer(serializers.Serializer):
    """The terms from a month on; indicators and units by code. `values` is what is stored."""

    amount = ExactField()
    revenue = serializers.CharField(max_length=40)
    volume = serializers.CharField(max_length=40)
    fixed_net = serializers.CharField(max_length=40, allow_null=True, default=None)
    no_qualifier = serializers.ChoiceField([each.value for each in rules.NoQualifier])
    tie = serializers.ListField(
        child=serializers.ChoiceField([each.value for each in rules.TieStep]), max_length=4
    )
    notice_days = serializers.IntegerField(min_value=0, max_value=MOST_NOTICE_DAYS)
    veto = serializers.BooleanField()
    excluded = serializers.ListField(
        child=serializers.CharField(max_length=40), default=list, max_length=MOST_UNITS
    )
    reason = serializers.CharField(max_length=500)

    def get_fields(self) -> dict[str, Any]:
        return {"from": MonthField()} | super().get_fields()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        known = {row.code: row for row in indicators_with_task(self.context["district"])}
        faults = {}
        for name in ("revenue", "volume", "fixed_net"):
            code = given[name]
            if code is not None and code not in known:
                faults[name] = [_("No indicator with a task has this code.")]
            given[name] = known.get(code)
        if faults:
            raise serializers.ValidationError(faults)
        return given

    @property
    def stored(self) -> dict[str, Any]:
        """The fields of CompetitionPolicy."""
        given = dict(self.validated_data)
        return {"valid_from": given.pop("from"), "heeds_veto": given.pop("veto")} | given


def body(row: CompetitionPolicy) -> dict[str, Any]:
    """Return terms with what tells them apart; `to` is the last month, null while open."""
    return terms_json(row) | {
        "id": row.pk,
        "to": row.valid_to and month_text(row.valid_to),
        "draft": row.is_draft,
        "reason": row.reason,
    }


class _TermsApi(ActorMixin, APIView):
    """Whoever drafts terms; `capability` is what the method needs."""

    capability = "competition.draft"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.demand(self.capability)

    def competition(self, code: str) -> Competition:
        row = Competition.objects.filter(district=self.actor.district, code=code).first()
        if row is None:
            raise Http404
        return row

    def one(self, rows: list[CompetitionPolicy], pk: int) -> CompetitionPolicy:
        """Return the terms of that key among those of the competition, or 404."""
        row = next((row for row in rows if row.pk == pk), None)
        if row is None:
            raise Http404
        return row

    def draft(self, code: str, pk: int) -> CompetitionPolicy:
        return self.one(drafts(self.actor.district.pk, code), pk)

    def given(self, request: Request) -> dict[str, Any]:
        """Return the terms sent, as they are stored."""
        sent = TermsSerializer(data=request.data, context={"district": self.actor.district})
        sent.is_valid(raise_exception=True)
        return sent.stored

    def save(self, request: Request, code: str, policy: CompetitionPolicy | None) -> Response:
        held, values = self.competition(code), self.given(request)
        valid_from = values.pop("valid_from")
        row = _named(
            lambda: draft_policy(
                competition=held, policy=policy, valid_from=valid_from, values=values,
                by=self.actor.person, at=request.now,
            )
        )  # fmt: skip
        return Response(body(row), status=201 if policy is None else 200)


def _named(step: Callable[[], Any]) -> Any:
    """Do a step; its faults are told at the names that programs know."""
    try:
        return step()
    except Invalid as error:
        faults = [
            Fault(NAMES.get(each.pointer, each.pointer), each.detail) for each in error.faults
        ]
        raise Invalid(error.detail, faults) from None


class DraftsView(_TermsApi):
    """The drafts, the latest month first; a new one."""

    @extend_schema(
        operation_id="terms_drafts_list",
        responses={200: {"type": "array", "items": {"type": "object"}}},
    )
    def get(self, request: Request, code: str) -> Response:
        self.competition(code)
        return Response([body(row) for row in drafts(self.actor.district.pk, code)])

    @extend_schema(request=TermsSerializer, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        return self.save(request, code, None)


class DraftView(_TermsApi):
    """A draft: read, written again, thrown away."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str, pk: int) -> Response:
        return Response(body(self.draft(code, pk)))

    @extend_schema(request=TermsSerializer, responses=OpenApiTypes.OBJECT)
    def put(self, request: Request, code: str, pk: int) -> Response:
        return self.save(request, code, self.draft(code, pk))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, code: str, pk: int) -> Response:
        discard_policy(policy=self.draft(code, pk), by=self.actor.person, at=request.now)
        return Response(status=204)


class PublishView(_TermsApi):
    """Let a draft hold from its month on; managers are told."""

    capability = "competition.approve"
    http_method_names = ("post", "options")

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, code: str, pk: int) -> Response:
        draft = self.draft(code, pk)
        row = _named(lambda: publish_policy(policy=draft, by=self.actor.person, at=request.now))
        return Response(body(row))


class WithdrawView(_TermsApi):
    """Make published terms that have not begun a draft again."""

    capability = "competition.approve"
    http_method_names = ("post", "options")

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, code: str, pk: int) -> Response:
        row = self.one(policies(self.actor.district.pk, code), pk)
        return Response(body(withdraw_policy(policy=row, by=self.actor.person, at=request.now)))


class TrialView(_TermsApi):
    """Decide the latest published months under terms that are not stored: before, after, why."""

    http_method_names = ("post", "options")

    @extend_schema(request=TermsSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, code: str) -> Response:
        tried = CompetitionPolicy(competition=self.competition(code), **self.given(request))
        found = trials(tried, self.actor.district.pk)
        return Response(
            {
                "months": [
                    {
                        "month": month_text(each.month),
                        "before": {unit: plain(won, 2) for unit, won in each.before.items()},
                        "after": {unit: plain(won, 2) for unit, won in each.after.winners.items()},
                        "reason": each.after.reason.as_json(),
                    }
                    for each in found
                ],
                "others": sum(each.before != each.after.winners for each in found),
            }
        )
