"""Accounts for programs: list, writing, steps, removing."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fieldwork.access import account_of, units_for, visible_accounts
from fieldwork.models import Account, AccountKind, Stage
from fieldwork.queries.accounts import responsible_people, steps_of
from fieldwork.services import accounts as services
from orgchart.api import ActorMixin
from orgchart.errors import Fault, Invalid
from orgchart.idempotency import idempotent
from orgchart.models import Unit
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text

TEXTS = {
    "name_zh": 100, "name_en": 100, "area": 40, "address": 120, "contact": 40,
    "contact_phone": 20, "informant": 60, "note": 500,
}  # fmt: skip


class FieldApi(ActorMixin, APIView):
    """Whoever reads field work."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.demand("field.read")


class AccountsView(FieldApi):
    """The accounts of the caller's units; POST writes a new one."""

    @extend_schema(
        operation_id="field_accounts_list",
        parameters=[
            OpenApiParameter("kind", str, enum=AccountKind.values),
            OpenApiParameter("stage", str, enum=Stage.values),
            OpenApiParameter("unit", str),
            OpenApiParameter("area", str),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        rows = visible_accounts(self.actor)
        reader = Reader()
        asked = request.query_params
        if kind := asked.get("kind"):
            rows = rows.filter(kind=reader.choice(kind, "/kind", AccountKind.values))
        if stage := asked.get("stage"):
            rows = rows.filter(stage=reader.choice(stage, "/stage", Stage.values))
        if unit := asked.get("unit"):
            rows = rows.filter(unit__code=unit)
        if area := asked.get("area"):
            rows = rows.filter(area=area)
        reader.check()
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([brief(row) for row in page or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("field.write")
        made = services.save_account(
            district=self.actor.district, entry=_entry(self, request.data), by=self.actor.person,
            at=request.now,
        )  # fmt: skip
        return Response(whole(self, made.code), status=201)


class AccountView(FieldApi):
    """An account with its steps; PUT writes it again, DELETE removes a mistaken one."""

    @extend_schema(operation_id="field_account_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str) -> Response:
        return Response(whole(self, code))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, code: str) -> Response:
        row = account_of(self.actor, code, "field.write")
        services.save_account(
            district=self.actor.district, entry=_entry(self, request.data), account=row,
            version=version_of(request.data), by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(whole(self, code))

    @extend_schema(
        parameters=[OpenApiParameter("version", int), OpenApiParameter("reason", str)],
        responses={204: None},
    )
    def delete(self, request: Request, code: str) -> Response:
        row = account_of(self.actor, code, "field.confirm")
        typed = request.query_params.get("version", "")
        services.remove_account(
            account=row, version=int(typed) if typed.isdecimal() and len(typed) < 9 else 0,
            by=self.actor.person, at=request.now,
            reason=request.query_params.get("reason", "")[:200],
        )  # fmt: skip
        return Response(status=204)


class StepView(FieldApi):
    """Move an account: {"stage", "on", "remark", "version"}; a signed group counts by itself."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        row = account_of(self.actor, code, "field.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        stage = reader.choice(body.get("stage"), "/stage", Stage.values)
        on = reader.day(body.get("on"), "/on")
        remark = reader.text(body["remark"], "/remark", longest=200) if body.get("remark") else ""
        reader.check()
        if Stage.SIGNED in (stage, row.stage):
            self.actor.demand("field.confirm", row.unit_id)
        services.move_account(
            account=row, version=version_of(body), stage=stage, on=on, remark=remark,
            by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(whole(self, code))


def _entry(view: FieldApi, data: Any) -> services.Entry:
    reader, actor = Reader(), view.actor
    body = reader.record(data, "/")
    reader.check()
    units = {unit.code: unit for unit in units_for(actor, "field.write")}
    if not units:
        raise PermissionDenied
    unit = reader.member(body.get("unit"), "/unit", units)
    kind = reader.choice(body.get("kind"), "/kind", AccountKind.values)
    typed: dict[str, Any] = {
        name: reader.text(body.get(name), f"/{name}", longest=longest)
        for name, longest in TEXTS.items()
        if body.get(name) or name == "name_zh"
    }
    if body.get("responsible"):
        people = responsible_people(actor.district, actor.on, [unit.pk] if unit else [])
        known = {person.code: person for person in people}
        typed["responsible"] = reader.member(body["responsible"], "/responsible", known)
    for name in ("size", "expected_users"):
        if body.get(name) is not None:
            typed[name] = reader.whole(body[name], f"/{name}", 0, services.MOST)
    typed["expected_revenue"] = reader.number_or_none(
        body.get("expected_revenue"), "/expected_revenue"
    )
    if body.get("deadline"):
        typed["deadline"] = reader.day(body["deadline"], "/deadline")
    reader.check()
    return services.Entry(kind=kind, unit=unit, **typed)


def version_of(body: Any) -> int:
    version = body.get("version") if isinstance(body, dict) else None
    if isinstance(version, bool) or not isinstance(version, int):
        sentence = _("Send the version that you have read.")
        raise Invalid(sentence, [Fault("/version", sentence)])
    return version


def unit_among(units: Iterable[Unit], reader: Reader, body: dict[str, Any]) -> Any:
    """Return the unit named; PermissionDenied for a unit that is none of them."""
    known = {unit.code: unit for unit in units}
    code = body.get("unit")
    if isinstance(code, str) and code and code not in known:
        raise PermissionDenied
    return reader.member(code, "/unit", known)


def brief(row: Account) -> dict[str, Any]:
    """Return what lists say of an account."""
    return {
        "code": row.code,
        "kind": row.kind,
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "unit": row.unit.code,
        "area": row.area,
        "responsible": row.responsible.code if row.responsible else None,
        "stage": row.stage,
        "stage_on": row.stage_on.isoformat(),
        "deadline": row.deadline.isoformat() if row.deadline else None,
        "size": row.size,
        "expected_users": row.expected_users,
        "expected_revenue": plain(row.expected_revenue, 2),
        "version": row.version,
    }


def whole(view: FieldApi, code: str) -> dict[str, Any]:
    """Return an account with its contact and its steps."""
    row = account_of(view.actor, code)
    return brief(row) | {
        "address": row.address,
        "contact": row.contact,
        "contact_phone": row.contact_phone,
        "informant": row.informant,
        "note": row.note,
        "steps": [
            {
                "stage": step.stage,
                "on": step.on.isoformat(),
                "note": step.note,
                "by": step.by.code if step.by else None,
                "counted_in": month_text(step.event.month)
                if step.event and step.event.voided_at is None
                else None,
                "is_owed": step.is_owed,
            }
            for step in steps_of(row)
        ],
    }
