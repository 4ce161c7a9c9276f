"""Issued bulletins for programs, each as the caller may see it."""

from datetime import date
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.boards import ratio_text
from orgchart.api import ActorMixin
from portal.bulletin_words import title
from portal.models import Bulletin
from portal.queries.bulletins import archive, issued, unread_keys
from portal.rules.bulletins import Kind, frozen, period_from
from portal.services.bulletins import content_for
from targets.api.reading import Reader


class BulletinSerializer(serializers.Serializer):
    """A bulletin of the archive. `unread`: the caller was told of it and has not opened it."""

    kind = serializers.ChoiceField(list(Kind))
    first = serializers.DateField(source="first_on")
    last = serializers.DateField(source="last_on")
    title = serializers.SerializerMethodField()
    comment = serializers.CharField()
    issued_at = serializers.DateTimeField()
    issued_by = serializers.CharField(source="issued_by.code", default=None)
    unread = serializers.SerializerMethodField()

    def get_title(self, row: Bulletin) -> str:
        return title(row.period)

    def get_unread(self, row: Bulletin) -> bool:
        return row.key in self.context["unread"]


class BulletinsView(ActorMixin, generics.ListAPIView):
    """GET the archive, the newest first; `kind` and `month` (YYYY-MM) narrow it."""

    serializer_class = BulletinSerializer

    @extend_schema(parameters=[OpenApiParameter("kind", str), OpenApiParameter("month", str)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.actor.demand("bulletins.read")
        return self.list(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Bulletin.objects.none()
        reader, asked = Reader(), self.request.query_params
        kind = reader.choice(asked["kind"], "/kind", list(Kind)) if asked.get("kind") else ""
        month = reader.month(asked["month"], "/month") if asked.get("month") else None
        reader.check()
        return archive(self.actor.district, kind or "", month)

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        if not getattr(self, "swagger_fake_view", False):
            context["unread"] = unread_keys(self.actor.person)
        return context


class BulletinView(ActorMixin, APIView):
    """GET one bulletin: amounts as exact texts, ratios with six decimals.

    Of units whose figures the caller may not read a line has only rank, lamp, completion and
    difference (`is_open` false).
    """

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, kind: str, first: date) -> Response:
        self.actor.demand("bulletins.read")
        period = period_from(Kind(kind), first) if kind in list(Kind) else None
        row = issued(self.actor.district, period) if period else None
        if row is None:
            raise Http404
        body = BulletinSerializer(row, context={"unread": unread_keys(self.actor.person)}).data
        content = content_for(row, self.actor.person, self.actor.on)
        return Response({**body, "content": _body(frozen(content, ratio_text))})


def _body(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in ("kind", "first", "last")}
