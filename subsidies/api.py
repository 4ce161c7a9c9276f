"""What is paid, for programs: subsidies, commission sheets and their steps, the simulator."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.api import ActorMixin
from orgchart.errors import Fault, Invalid
from orgchart.idempotency import idempotent
from subsidies.access import may_return, sheet_of
from subsidies.downloads import sheet_download
from subsidies.models import CommissionSheet, SheetKind
from subsidies.queries.entitlements import subsidy_table
from subsidies.queries.sheets import (
    COLUMNS,
    PayeeStatement,
    Sheet,
    own_lines,
    sheet_list,
    statements_of,
    summed,
)
from subsidies.rules import entitlement as rules
from subsidies.rules.sheet import Settlement
from subsidies.services import commissions as services
from subsidies.wording import subsidy_note
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text

_MONTH = OpenApiParameter("month", str, description="YYYY-MM")
_KIND = OpenApiParameter("kind", str, enum=SheetKind.values)
_READS = "commissions.read"


class SubsidiesView(ActorMixin, APIView):
    """The subsidies of a month; completion is a ratio, null figures are pending.

    `state`: settled, pending, or manual, a floating part that a person has to decide.
    """

    @extend_schema(parameters=[_MONTH], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        self.actor.demand("subsidies.read")
        month = _month(request.query_params.get("month"), "/month")
        table = subsidy_table(self.actor.district, month, self.actor.unit_ids("subsidies.read"))
        return Response(
            {
                "month": month_text(month),
                "rows": [
                    {
                        "unit": row.unit.code,
                        "fixed": plain(row.fixed, 2),
                        "floating_base": plain(row.policy.floating_base, 2),
                        "completion": _ratio(row.completion),
                        "floating": plain(row.floating, 2),
                        "total": plain(row.total, 2),
                        "state": str(row.state),
                        "note": subsidy_note(row),
                    }
                    for row in table.rows
                ],
                "total": plain(table.total, 2),
            }
        )


class SimulateSubsidyView(ActorMixin, APIView):
    """What a unit would get (plan §7.1, rules §8); nothing is stored."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        self.actor  # noqa: B018  a post is needed, any will do
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        zero = Decimal(0)
        policy = rules.Policy(
            fixed=reader.number(body.get("fixed"), "/fixed", low=zero),
            floating_base=reader.number(body.get("floating"), "/floating", low=zero),
            cap=None
            if body.get("cap", "1") is None
            else reader.number(body.get("cap", "1"), "/cap", low=zero),
        )
        task = reader.number_or_none(body.get("task"), "/task")
        actual = reader.number_or_none(body.get("actual"), "/actual")
        reader.check()
        result = rules.entitlement(policy, task, actual)
        return Response(
            {
                "completion": _ratio(result.completion),
                "floating": plain(result.floating, 2),
                "total": plain(result.total, 2),
                "state": result.state.value,
            }
        )


class SheetsView(ActorMixin, APIView):
    """The sheets in force; POST {"month", "kind"} makes a sheet, kind staff or dealers."""

    @extend_schema(
        operation_id="commission_sheets_list",
        parameters=[_MONTH, _KIND],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand(_READS)
        asked = request.query_params.get("month")
        month = _month(asked, "/month") if asked else None
        asked_kind = request.query_params.get("kind")
        sheets = sheet_list(
            self.actor.district,
            self.actor.unit_ids(_READS),
            month=month,
            kind=_kind(asked_kind) if asked_kind else "",
        )
        pages = PageNumberPagination()
        page = pages.paginate_queryset(sheets, request, view=self)
        return pages.get_paginated_response([_sheet(sheet) for sheet in page or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("commissions.make")
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        made = services.make_sheet(
            district=self.actor.district,
            month=_month(body.get("month"), "/month"),
            kind=_kind(body.get("kind", SheetKind.DEALERS.value)),
            by=self.actor.person,
            at=request.now,
        )
        return Response(_detail(self, made.pk), status=201)


class OwnStatementsView(ActorMixin, APIView):
    """The signed-in person's own commission statements with their lines, latest month first."""

    @extend_schema(responses={200: {"type": "array", "items": {"type": "object"}}})
    def get(self, request: Request) -> Response:
        self.actor.demand("commissions.open")
        return Response(
            [
                {"month": month_text(sheet.month), "state": sheet.state} | _statement(statement)
                for sheet, statement in own_lines(self.actor.person)
            ]
        )


class SheetView(ActorMixin, APIView):
    """A sheet with its statements and lines."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        self.actor.demand(_READS)
        return Response(_detail(self, pk))


class SheetExportView(ActorMixin, APIView):
    """The sheet as Excel."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> FileResponse:
        self.actor.demand(_READS)
        return sheet_download(self.actor, sheet_of(self.actor, pk))


class _StepView(ActorMixin, APIView):
    """A step of a sheet, done by a POST."""

    def step(self, row: CommissionSheet, request: Request) -> Any:
        raise NotImplementedError

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.actor.demand(_READS)
        self.step(sheet_of(self.actor, pk), request)
        return Response(_detail(self, pk))


class AuditView(_StepView):
    """Pass a made sheet on for approval."""

    def step(self, row: CommissionSheet, request: Request) -> Any:
        self.actor.demand("commissions.audit")
        services.audit_sheet(sheet=row, by=self.actor.person, at=request.now)


class ApproveView(_StepView):
    """Approve and seal an audited sheet."""

    def step(self, row: CommissionSheet, request: Request) -> Any:
        self.actor.demand("commissions.approve")
        services.approve_sheet(sheet=row, by=self.actor.person, at=request.now)


class PayView(_StepView):
    """Register the payment of an approved sheet: {"note"} names the voucher."""

    def step(self, row: CommissionSheet, request: Request) -> Any:
        self.actor.demand("commissions.pay")
        note = _text(request, "note")
        services.pay_sheet(sheet=row, by=self.actor.person, at=request.now, note=note)


class ArchiveView(_StepView):
    """File a paid sheet."""

    def step(self, row: CommissionSheet, request: Request) -> Any:
        self.actor.demand("commissions.pay")
        services.archive_sheet(sheet=row, by=self.actor.person, at=request.now)


class ReturnView(_StepView):
    """Send a sheet back to its maker: {"reason"}."""

    def step(self, row: CommissionSheet, request: Request) -> Any:
        if not may_return(self.actor, row.state):
            raise PermissionDenied
        services.return_sheet(
            sheet=row, by=self.actor.person, at=request.now, reason=_text(request, "reason")
        )


def _text(request: Request, name: str) -> str:
    """Return a text of the body; "" where there is none."""
    body = request.data if isinstance(request.data, dict) else {}
    found = body.get(name, "")
    return found if isinstance(found, str) else ""


def _month(text: Any, pointer: str) -> date:
    """Return the month asked for. Raises Invalid with its pointer."""
    reader = Reader()
    month = reader.month(text, pointer)
    reader.check()
    return month


def _kind(text: Any) -> str:
    """Return the kind of sheet asked for. Raises Invalid with its pointer."""
    if text not in SheetKind.values:
        sentence = _("Write dealers or staff.")
        raise Invalid(sentence, [Fault("/kind", sentence)])
    return str(text)


def _ratio(value: Any) -> str | None:
    if value is None:
        return None
    return plain(Decimal(value.numerator) / Decimal(value.denominator), 6)


def _detail(view: ActorMixin, pk: int) -> dict[str, Any]:
    row = sheet_of(view.actor, pk)
    unit_ids = view.actor.unit_ids(_READS)
    statements = statements_of(pk, unit_ids, with_lines=True)
    return _sheet(summed([row], unit_ids)[0]) | {
        "statements": [_statement(statement) for statement in statements]
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "id": sheet.pk,
        "month": month_text(sheet.month),
        "version": sheet.version,
        "state": sheet.state,
        "scheme": sheet.scheme_code,
        "kind": sheet.kind,
        "payees": sheet.payees,
        **_money(sheet.totals),
        "steps": [
            {"step": step.state, "by": step.by.code, "at": _instant(step.at)}
            for step in sheet.steps
            if step.by is not None
        ],
        "return_reason": sheet.return_reason,
        "seal": sheet.seal,
    }


def _statement(statement: PayeeStatement) -> dict[str, Any]:
    return {
        **(
            {"person": statement.payee.code, "post": statement.post.code}
            if statement.post
            else {"dealer": statement.payee.code}
        ),
        "name": statement.payee.name,
        "unit": statement.unit.code,
        "class": statement.commission_class,
        "counted_users": statement.counted_users,
        **_money(statement.totals),
        "lines": [
            {
                "code": line.code,
                "quantity": plain(line.quantity, 0),
                "rate": plain(line.rate, 4),
                "amount": plain(line.amount, 2),
                "is_deduction": line.is_deduction,
                "formula": line.formula,
            }
            for line in statement.lines
        ],
    }


def _money(settlement: Settlement) -> dict[str, str | None]:
    return {name: plain(getattr(settlement, name), 2) for name in COLUMNS}


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
