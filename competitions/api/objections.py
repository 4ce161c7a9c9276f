"""Objections for programs."""

from datetime import date
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from competitions.api import RoundView
from competitions.models import Objection, Round
from competitions.queries.objections import objecting_unit, objections
from competitions.services.objections import MOST_CHARACTERS, answer_objection, raise_objection


class TextSerializer(serializers.Serializer):
    """What a unit holds against the decision."""

    text = serializers.CharField(max_length=MOST_CHARACTERS)


class AnswerSerializer(serializers.Serializer):
    """Whether an objection is right, and why."""

    upheld = serializers.BooleanField()
    answer = serializers.CharField(max_length=MOST_CHARACTERS)


class _OfRound(RoundView):
    """Whatever needs a decided month."""

    def decided(self, code: str, month: date) -> Round:
        found = self.contest(code, month).round
        if found is None:
            raise Http404
        return found


class ObjectionsView(_OfRound):
    """The objections to a month's decision; a manager raises one for the own unit."""

    @extend_schema(responses={200: {"type": "array", "items": {"type": "object"}}})
    def get(self, request: Request, code: str, month: date) -> Response:
        return Response([body(row) for row in objections(self.decided(code, month))])

    @extend_schema(request=TextSerializer, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, code: str, month: date) -> Response:
        self.actor.demand("competition.object")
        decided = self.decided(code, month)
        unit = objecting_unit(self.actor.district, self.actor.own_unit_ids)
        if unit is None:
            raise PermissionDenied
        given = TextSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = raise_objection(
            round=decided, unit=unit, text=given.validated_data["text"], by=self.actor.person,
            at=request.now,
        )  # fmt: skip
        return Response(body(row), status=201)


class AnswerView(_OfRound):
    """The clerk's answer to a unit's objection; upheld, it voids the round."""

    capability = "competition.propose"
    http_method_names = ("post", "options")

    @extend_schema(request=AnswerSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, code: str, month: date, unit: str) -> Response:
        decided = self.decided(code, month)
        row = Objection.objects.filter(round=decided, unit__code=unit).first()
        if row is None:
            raise Http404
        given = AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        answered = answer_objection(
            objection=row, is_upheld=given.validated_data["upheld"],
            answer=given.validated_data["answer"], by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(body(answered))


def body(row: Objection) -> dict[str, Any]:
    """Return an objection: upheld is null while it is not answered."""
    return {"unit": row.unit.code, "text": row.text, "upheld": row.is_upheld, "answer": row.answer}
