"""Rounds and their reasons for programs, and the simulator of the award."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiTypes, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from competitions import rules, services, wording
from competitions.models import Round
from competitions.queries import Contest, contest, has_competition, policies, terms_json
from kpi.models import Month
from orgchart.api import ActorMixin
from targets.amounts import parse_amount, plain
from targets.months import month_text


class RoundView(ActorMixin, APIView):
    """A month's round: state, winners in yuan, the reason in both languages."""

    capability = "competition.read"

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str, month: date) -> Response:
        return Response(round_body(self.contest(code, month)))

    def contest(self, code: str, month: date) -> Contest:
        """Return the contest of the caller's district, or 404; 403 without the capability."""
        self.actor.demand(self.capability)
        row = Month.objects.filter(district=self.actor.district, month=month).first()
        found = contest(row, code) if row else None
        if found is None:
            raise Http404
        return found


class _Step(RoundView):
    """A step of a decided round, done by a POST."""

    http_method_names = ("post", "options")

    def step(self, decided: Round) -> Any:
        raise NotImplementedError

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, code: str, month: date) -> Response:
        decided = self.contest(code, month).round
        if decided is None:
            raise Http404
        self.step(decided)
        return Response(round_body(self.contest(code, month)))


class ApproveView(_Step):
    """Approve the award after its notice."""

    capability = "competition.approve"

    def step(self, decided: Round) -> Any:
        services.approve_round(round=decided, by=self.actor.person, at=self.request.now)


class PayView(_Step):
    """Register that the award was paid."""

    capability = "competition.propose"

    def step(self, decided: Round) -> Any:
        services.pay_round(round=decided, by=self.actor.person, at=self.request.now)


def round_body(found: Contest) -> dict[str, Any]:
    """Return the documented shape; nobody has won before the round is decided."""
    winners = {} if found.round is None else found.winners
    return {
        "state": found.state,
        "winners": {unit: plain(amount, 2) for unit, amount in winners.items()},
        "reason": wording.in_both_languages(lambda: wording.verdict_sentence(found)),
    }


class PoliciesView(ActorMixin, APIView):
    """Every version of a competition's terms, the latest first."""

    @extend_schema(responses={200: {"type": "array", "items": {"type": "object"}}})
    def get(self, request: Request, code: str) -> Response:
        self.actor.demand("competition.read")
        rows = policies(self.actor.district.pk, code)
        if not rows and not has_competition(self.actor.district.pk, code):
            raise Http404
        return Response(
            [
                terms_json(row) | {"id": row.pk, "to": row.valid_to and month_text(row.valid_to)}
                for row in rows
            ]
        )


@extend_schema_field(OpenApiTypes.STR)
class ExactField(serializers.Field):
    """A number as text or JSON number, exact; see `parse_amount` for what is refused."""

    def to_internal_value(self, value: Any) -> Decimal:
        try:
            return parse_amount(value)
        except ValueError:
            raise serializers.ValidationError(
                _("Not a number of at most 8 digits and 4 decimals.")
            ) from None


class PolicySerializer(serializers.Serializer):
    """The terms of the competition."""

    amount = ExactField()
    no_qualifier = serializers.ChoiceField(
        choices=[each.value for each in rules.NoQualifier], default=rules.NoQualifier.NONE.value
    )
    tie = serializers.ListField(
        child=serializers.ChoiceField(choices=[each.value for each in rules.TieStep]),
        default=["revenue_rate", "volume_rate", "split"],
        max_length=4,
    )

    def validate(self, given: dict[str, Any]) -> rules.Policy:
        """Return the rules' policy; which field it refuses is the first word of its message."""
        try:
            return rules.Policy(
                amount=given["amount"],
                no_qualifier=rules.NoQualifier(given["no_qualifier"]),
                tie=tuple(rules.TieStep(step) for step in given["tie"]),
            )
        except ValueError as error:
            sentences = {
                "tie": _("Compare rates without repetition, then split or each."),
                "amount": _("Whole cents, not negative."),
            }
            name = str(error).partition(":")[0]
            raise serializers.ValidationError({name: [sentences[name]]}) from None


class StandingSerializer(serializers.Serializer):
    """A unit's month; null is "not reported"."""

    unit = serializers.CharField(max_length=40)
    score = ExactField(allow_null=True)
    revenue_task = ExactField(allow_null=True)
    revenue_actual = ExactField(allow_null=True)
    volume_task = ExactField(allow_null=True)
    volume_actual = ExactField(allow_null=True)
    veto = serializers.BooleanField(default=False)


class AwardSerializer(serializers.Serializer):
    """A competition to decide in thought."""

    policy = PolicySerializer()
    units = StandingSerializer(many=True, allow_empty=False, max_length=1000)

    def validate_units(self, units: list[dict[str, Any]]) -> list[rules.Standing]:
        seen: set[str] = set()
        faults: list[dict[str, Any]] = []
        for each in units:
            is_repeated = each["unit"] in seen
            faults.append({"unit": [_("The unit is named twice.")]} if is_repeated else {})
            seen.add(each["unit"])
        if any(faults):
            raise serializers.ValidationError(faults)
        return [rules.Standing(**each) for each in units]


class SimulateAwardView(ActorMixin, APIView):
    """Decide a competition on given figures; nothing is stored."""

    @extend_schema(request=AwardSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        assert self.actor  # anybody of the district, and nobody else
        given = AwardSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        standings = given.validated_data["units"]
        decision = rules.decide(given.validated_data["policy"], standings)
        names = {each.unit: each.unit for each in standings}
        return Response(
            {
                "winners": {unit: plain(won, 2) for unit, won in decision.winners.items()},
                "reason": wording.in_both_languages(
                    lambda: wording.reason_sentence(
                        decision.reason.as_json(), wording.Words(names, {})
                    )
                ),
            }
        )
