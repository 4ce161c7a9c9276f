"""Bulletins for programs: the archive, each as the caller may see it; comment, issue, resend."""

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
from portal.models.bulletins import LONGEST_COMMENT
from portal.queries.bulletins import archive, issued, unread_keys
from portal.rules.bulletins import Kind, Period, frozen, period_from
from portal.services.bulletins import (
    content_for,
    correct_bulletin,
    issue_bulletin,
    resend_bulletin,
    save_comment,
)
from targets.api.reading import Reader

MOST_EDITIONS = 99


class BulletinSerializer(serializers.Serializer):
    """A bulletin of the archive. `unread`: the caller was told of it and has not opened it.

    A corrected `edition` has a `reason`; the one before stays, `is_replaced`.
    """

    kind = serializers.ChoiceField(list(Kind))
    first = serializers.DateField(source="first_on")
    last = serializers.DateField(source="last_on")
    title = serializers.SerializerMethodField()
    edition = serializers.IntegerField()
    is_replaced = serializers.BooleanField()
    reason = serializers.CharField()
    comment = serializers.CharField()
    issued_at = serializers.DateTimeField()
    issued_by = serializers.CharField(source="issued_by.code", default=None)
    unread = serializers.SerializerMethodField()

    def get_title(self, row: Bulletin) -> str:
        return title(row.period, row.edition)

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
    """GET one bulletin, its latest `edition` or another: amounts exact, ratios to six decimals.

    Of units whose figures the caller may not read a line has only rank, lamp, completion and
    difference (`is_open` false).
    """

    capability = "bulletins.read"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.demand(self.capability)

    @extend_schema(parameters=[OpenApiParameter("edition", int)], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, kind: str, first: date) -> Response:
        reader, edition = Reader(), None
        if asked := request.query_params.get("edition"):
            edition = int(asked) if asked.isdecimal() else asked
            edition = reader.whole(edition, "/edition", 1, MOST_EDITIONS)
        reader.check()
        row = self.issued(kind, first, edition)
        content = content_for(row, self.actor.person, self.actor.on)
        return Response({**self.brief(row), "content": _body(frozen(content, ratio_text))})

    def period(self, kind: str, first: date) -> Period:
        """Return the period of an address, or 404."""
        period = period_from(Kind(kind), first) if kind in list(Kind) else None
        if period is None:
            raise Http404
        return period

    def issued(self, kind: str, first: date, edition: int | None = None) -> Bulletin:
        """Return an issued bulletin of the caller's district, or 404."""
        row = issued(self.actor.district, self.period(kind, first), edition)
        if row is None:
            raise Http404
        return row

    def brief(self, row: Bulletin) -> dict[str, Any]:
        """Return what the archive gives of a bulletin."""
        context = {"unread": unread_keys(self.actor.person)}
        return dict(BulletinSerializer(row, context=context).data)


class _Write(BulletinView):
    capability = "bulletins.issue"
    http_method_names = ("post", "put", "options")


class CommentSerializer(serializers.Serializer):
    """The comment on a bulletin to come; `version` is the one it was read at, 0 for none."""

    comment = serializers.CharField(max_length=LONGEST_COMMENT, allow_blank=True)
    version = serializers.IntegerField(min_value=0)


class CommentView(_Write):
    """PUT the comment of a bulletin that is not issued yet; a stale version is 409."""

    @extend_schema(request=CommentSerializer, responses=CommentSerializer)
    def put(self, request: Request, kind: str, first: date) -> Response:
        given = CommentSerializer(data=request.data)
        period = self.period(kind, first)
        given.is_valid(raise_exception=True)
        row = save_comment(
            district=self.actor.district, period=period, by=self.actor.person, at=request.now,
            **given.validated_data,
        )  # fmt: skip
        return Response({"comment": row.comment, "version": row.version})


class IssueView(_Write):
    """POST issues the bulletin of a period with its comment: 201; issued already, 200."""

    @extend_schema(request=None, responses={200: BulletinSerializer, 201: BulletinSerializer})
    def post(self, request: Request, kind: str, first: date) -> Response:
        district, period = self.actor.district, self.period(kind, first)
        row = issue_bulletin(
            district=district, period=period, by=self.actor.person, at=request.now
        )  # fmt: skip
        is_new = row.issued_at == request.now
        return Response(self.brief(self.issued(kind, first)), status=201 if is_new else 200)


class CorrectionSerializer(serializers.Serializer):
    """Why a bulletin is corrected; `edition` is the one that is. A blank comment has none."""

    edition = serializers.IntegerField(min_value=1, max_value=MOST_EDITIONS)
    reason = serializers.CharField(max_length=LONGEST_COMMENT)
    comment = serializers.CharField(max_length=LONGEST_COMMENT, allow_blank=True)


class CorrectView(_Write):
    """POST issues a corrected edition with the figures as they stand.

    The same again is answered with the edition that it made; a stale `edition` is 409.
    """

    @extend_schema(request=CorrectionSerializer, responses={201: BulletinSerializer})
    def post(self, request: Request, kind: str, first: date) -> Response:
        given = CorrectionSerializer(data=request.data)
        period = self.issued(kind, first).period
        given.is_valid(raise_exception=True)
        row = correct_bulletin(
            district=self.actor.district, period=period, by=self.actor.person, at=request.now,
            **given.validated_data,
        )  # fmt: skip
        return Response(self.brief(self.issued(kind, first, row.edition)), status=201)


class SentSerializer(serializers.Serializer):
    """How many people a bulletin went to; nobody gets it twice."""

    people = serializers.IntegerField()


class ResendView(_Write):
    """POST sends a bulletin to new readers and to those whose mail failed."""

    @extend_schema(request=None, responses=SentSerializer)
    def post(self, request: Request, kind: str, first: date) -> Response:
        row = self.issued(kind, first)
        people = resend_bulletin(bulletin=row, by=self.actor.person, at=request.now)
        return Response({"people": people})


def _body(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in ("kind", "first", "last")}
