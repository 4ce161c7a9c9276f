"""The organisation for programs; and how every API view learns who is asking."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.actors import actor_of, business_day
from orgchart.models import Dealer, DealerTier, Notification, Person, Unit, UnitKind
from orgchart.permissions import Actor
from orgchart.queries.affiliations import statistics
from orgchart.queries.dealers import dealers
from orgchart.queries.notifications import notifications
from orgchart.queries.people import people
from orgchart.queries.runs import progress, visible_run
from orgchart.services.notifications import mark_read


class ActorMixin:
    """Gives an API view `self.actor`, whether the caller came with a session or a token.

    `request.actor` is made from the session alone; this one asks who DRF authenticated.
    """

    request: Any

    @cached_property
    def actor(self) -> Actor:
        return actor_of(self.request.user, on=business_day(self.request.now))


class Readable(ActorMixin):
    """A view of what `organisation.read` covers."""

    @property
    def unit_ids(self) -> frozenset[int] | None:
        self.actor.demand("organisation.read")
        return self.actor.unit_ids("organisation.read")


class UnitSerializer(serializers.ModelSerializer):
    kind = serializers.ChoiceField(UnitKind.choices)
    parent = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Unit
        fields = (
            "code", "kind", "parent", "name_zh", "name_en", "opened_on", "closed_on", "version"
        )  # fmt: skip


class DealerSerializer(serializers.ModelSerializer):
    unit = serializers.CharField(source="current.unit.code", default=None, allow_null=True)
    account_manager = serializers.CharField(
        source="current.account_manager.code", default=None, allow_null=True
    )

    class Meta:
        model = Dealer
        fields = (
            "code", "name_zh", "name_en", "tier", "kind", "commission_class", "unit",
            "account_manager", "opened_on", "closed_on", "version",
        )  # fmt: skip


class TenureSerializer(serializers.Serializer):
    post = serializers.CharField(source="post.code")
    role = serializers.CharField(source="post.role")
    unit = serializers.CharField(source="unit.code")
    valid_from = serializers.DateField()


class PersonSerializer(serializers.ModelSerializer):
    posts = TenureSerializer(source="present_tenures", many=True)

    class Meta:
        model = Person
        fields = ("code", "name_zh", "name_en", "posts")


class AffiliationSerializer(serializers.Serializer):
    unit = serializers.CharField()
    account_manager = serializers.CharField(allow_null=True)
    tier = serializers.ChoiceField(DealerTier.choices)
    kind = serializers.CharField()
    count = serializers.IntegerField()


class AffiliationsSerializer(serializers.Serializer):
    on = serializers.DateField()
    total = serializers.IntegerField()
    rows = AffiliationSerializer(many=True)


class UnitsView(Readable, generics.ListAPIView):
    """GET units/: the units in scope."""

    serializer_class = UnitSerializer

    def get_queryset(self) -> QuerySet[Unit]:
        return covered_units(self)


class UnitView(Readable, generics.RetrieveAPIView):
    """GET units/{code}/"""

    serializer_class = UnitSerializer
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Unit]:
        return covered_units(self)


class DealersView(Readable, generics.ListAPIView):
    """GET dealers/: with the unit and account manager of today; ?tier= ?kind= ?unit= (codes)."""

    serializer_class = DealerSerializer

    def get_queryset(self) -> QuerySet[Dealer]:
        rows = dealers(self.actor.district, self.actor.on, self.unit_ids)
        for name, path in (("tier", "tier"), ("kind", "kind"), ("unit", "current__unit__code")):
            wanted = self.request.query_params.get(name, "")
            if wanted:
                rows = rows.filter(**{path: wanted})
        return rows


class DealerView(Readable, generics.RetrieveAPIView):
    """GET dealers/{code}/"""

    serializer_class = DealerSerializer
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Dealer]:
        return dealers(self.actor.district, self.actor.on, self.unit_ids)


class PeopleView(Readable, generics.ListAPIView):
    """GET people/: with the posts they hold today."""

    serializer_class = PersonSerializer

    def get_queryset(self) -> QuerySet[Person]:
        return people(self.actor.district, self.actor.on, self.unit_ids)


class NotificationSerializer(serializers.ModelSerializer):
    text = serializers.CharField(read_only=True)

    class Meta:
        model = Notification
        fields = ("id", "text", "url", "at", "read_at")


class NotificationsView(ActorMixin, generics.ListAPIView):
    """GET notifications/: what one was told oneself, the newest first; ?unread=1 what is unread.

    `url` is the page that it is about.
    """

    serializer_class = NotificationSerializer

    def get_queryset(self) -> QuerySet[Notification]:
        rows = notifications(self.actor.person)
        is_narrowed = self.request.query_params.get("unread") == "1"
        return rows.filter(read_at__isnull=True) if is_narrowed else rows


class ReadNotificationView(ActorMixin, APIView):
    """POST: one notification of one's own is read."""

    @extend_schema(request=None, responses=NotificationSerializer)
    def post(self, request: Request, pk: int) -> Response:
        mine = notifications(self.actor.person)
        get_object_or_404(mine, pk=pk)
        mark_read(by=self.actor.person, at=request.now, pk=pk)
        return Response(NotificationSerializer(mine.get(pk=pk)).data)


class AffiliationsView(Readable, APIView):
    """GET affiliations/?on=2026-03-31: outlets by unit, manager, tier and kind (appendix 3)."""

    @extend_schema(
        parameters=[OpenApiParameter("on", OpenApiTypes.DATE)],
        responses=AffiliationsSerializer,
    )
    def get(self, request: Request) -> Response:
        wanted = request.query_params.get("on")
        on = serializers.DateField().run_validation(wanted) if wanted else self.actor.on
        counted = statistics(self.actor.district, on, self.unit_ids)
        rows = [
            {
                "unit": unit.code,
                "account_manager": line.manager_code or None,
                "tier": column.tier,
                "kind": column.kind,
                "count": count,
            }
            for unit in counted.units
            for line in unit.lines
            for column, count in zip(counted.columns, line.counts, strict=True)
            if count
        ]
        return Response({"on": on.isoformat(), "total": counted.total, "rows": rows})


class RunView(ActorMixin, APIView):
    """GET runs/{id}/: long work; state: waiting, running, done, failed or cancelled."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        run = visible_run(self.actor, pk)
        if run is None:
            raise Http404
        return Response(
            {
                "id": run.pk,
                "kind": run.kind,
                "state": run.state,
                "done": run.done,
                "total": run.total,
                "detail": progress(run).sentence,
                "result": run.result,
                "url": run.url,
            }
        )


def covered_units(view: Readable) -> QuerySet[Unit]:
    """Return the units of the caller's district that he or she may read."""
    rows = Unit.objects.of(view.actor.district).select_related("parent")
    return rows if view.unit_ids is None else rows.filter(pk__in=view.unit_ids)
