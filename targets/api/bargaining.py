"""Answers to a released plan for programs: accept, propose, withdraw, decide; versions."""

from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from orgchart.models import Unit
from targets.amounts import plain
from targets.api.reading import Reader
from targets.models import Plan, PlanRelease, Proposal, ProposalKind, TaskSheet
from targets.months import month_text
from targets.queries.bargaining import Proposed, bargain, proposed
from targets.queries.releases import changed_cells
from targets.services.bargaining import (
    Wish,
    accept_plan,
    ask_to_borrow,
    counter_propose,
    insist,
    withdraw_proposal,
)
from targets.services.rehoming import Home, agree

MOST = 500


class _PlanView(ActorMixin, APIView):
    def plan(self, year: int) -> Plan:
        plans = Plan.objects.select_related("district")
        return get_object_or_404(plans, district=self.actor.district, year=year)

    def own_unit(self, reader: Reader, body: dict[str, Any]) -> Unit:
        """Return the unit for which the caller answers; 403 for another's."""
        self.actor.demand("tasks.answer")
        code = reader.text(body.get("unit"), "/unit")
        reader.check()
        unit = get_object_or_404(Unit, district=self.actor.district, code=code)
        self.actor.demand("tasks.answer", unit)
        return unit


class AnswersView(_PlanView):
    """GET who accepted the version in force, and the proposals that the caller may see."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, year: int) -> Response:
        self.actor.demand("tasks.read")
        found = bargain(self.plan(year), self.actor.unit_ids("tasks.read"))
        return Response(
            {
                "year": year, "state": found.plan.state, "version": found.plan.version,
                "settled": found.is_settled,
                "units": [
                    {"unit": each.unit.code, "state": each.code,
                     "by": each.acceptance.by.name if each.acceptance else None,
                     "at": each.acceptance.at if each.acceptance else None}
                    for each in found.standings
                ],
                "proposals": [_written(each) for each in (*found.open, *found.past)],
            }
        )  # fmt: skip


class AcceptView(_PlanView):
    """POST {"unit", "version"}: accept the unit's tasks."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, year: int) -> Response:
        reader = Reader()
        body = reader.record(request.data, "/")
        unit = self.own_unit(reader, body)
        version = reader.whole(body.get("version"), "/version", 1, 9999)
        reader.check()
        accept_plan(
            plan=self.plan(year), unit=unit, version=version, by=self.actor.person, at=request.now
        )
        return Response({"unit": unit.code, "version": version, "state": "accepted"})


class ProposalsView(_PlanView):
    """POST a counter-proposal or a borrowing of the own unit.

    {"unit", "sheet", "version", "reason", "rows": [{"breakdown", "total"} or {"breakdown",
    "months": {"2026-11": "500"}}]}, or with "kind": "borrow" {"breakdown", "from", "to", "amount"}.
    """

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, year: int) -> Response:
        reader = Reader()
        body = reader.record(request.data, "/")
        unit = self.own_unit(reader, body)
        code = reader.text(body.get("sheet"), "/sheet", longest=10)
        version = reader.whole(body.get("version"), "/version", 1, 9999)
        reason = reader.text(body.get("reason"), "/reason", longest=500)
        kind = reader.choice(body.get("kind", "counter"), "/kind", ProposalKind.values)
        reader.check()
        sheets = TaskSheet.objects.select_related("plan__district", "indicator")
        sheet = get_object_or_404(sheets, plan=self.plan(year), code=code)
        common = {"sheet": sheet, "unit": unit, "version": version, "reason": reason,
                  "by": self.actor.person, "at": request.now}  # fmt: skip
        if kind == ProposalKind.BORROW:
            asked = {
                "breakdown": reader.text(body.get("breakdown", "all"), "/breakdown", longest=40),
                "lower": reader.month(body.get("from"), "/from"),
                "raise_": reader.month(body.get("to"), "/to"),
                "amount": reader.number(body.get("amount"), "/amount"),
            }
            reader.check()
            made = ask_to_borrow(**asked, **common)
        else:
            made = counter_propose(wishes=_wishes(reader, body.get("rows")), **common)
        return Response(_written(_figures(made)), status=201)


class ProposalStepView(_PlanView):
    """POST a step of a proposal: withdraw (the unit), agree or insist (the head)."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int, step: str) -> Response:
        capability = "tasks.answer" if step == "withdraw" else "targets.release"
        self.actor.demand(capability)
        found = Proposal.objects.select_related(
            "plan__district", "sheet__plan__district", "sheet__indicator", "unit", "by"
        )
        proposal = get_object_or_404(found, pk=pk, plan__district=self.actor.district)
        self.actor.demand(capability, proposal.unit)
        reader = Reader()
        body = reader.record(request.data or {}, "/")
        common = {"proposal": proposal, "by": self.actor.person, "at": request.now}
        if step == "withdraw":
            reader.check()
            withdraw_proposal(**common)
        elif step == "insist":
            reason = reader.text(body.get("reason"), "/reason", longest=500)
            reader.check()
            insist(answer=reason, **common)
        else:
            homes = _homes(reader, body.get("homes", []))
            answer = reader.text(body["reason"], "/reason", longest=500) \
                if body.get("reason") else ""  # fmt: skip
            reader.check()
            agree(homes=homes, answer=answer, **common)
        proposal.refresh_from_db()
        plan = Plan.objects.get(pk=proposal.plan_id)
        return Response({**_written(_figures(proposal)), "plan_version": plan.version})


class VersionView(_PlanView):
    """GET the cells that a version changed against the one before, with who, when and why."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, year: int, version: int) -> Response:
        self.actor.demand("tasks.read")
        plan = self.plan(year)
        release = get_object_or_404(PlanRelease.objects.select_related("by"), plan=plan,
                                    version=version)  # fmt: skip
        before = PlanRelease.objects.filter(plan=plan, version=version - 1).first()
        cells = changed_cells(plan, release, before, self.actor.unit_ids("tasks.read"))
        return Response(
            {
                "year": year, "version": version, "at": release.at,
                "by": release.by.name if release.by else None, "reason": release.reason,
                "cells": [
                    {"sheet": cell.sheet, "unit": cell.unit, "breakdown": cell.breakdown,
                     "month": month_text(cell.month), "before": plain(cell.before, cell.decimals),
                     "after": plain(cell.after, cell.decimals),
                     "change": plain(cell.change, cell.decimals), "by": cell.by, "at": cell.at,
                     "reason": cell.why}
                    for cell in cells
                ],
            }
        )  # fmt: skip


def _wishes(reader: Reader, rows: Any) -> list[Wish]:
    wishes = []
    for n, item in enumerate(reader.items(rows, "/rows", MOST, least=1)):
        pointer = f"/rows/{n}"
        row = reader.record(item, pointer)
        total = reader.number_or_none(row.get("total"), f"{pointer}/total")
        months = [
            (reader.month(month, f"{pointer}/months"),
             reader.number(value, f"{pointer}/months/{month}"))
            for month, value in reader.record(row.get("months", {}), f"{pointer}/months").items()
        ]  # fmt: skip
        if (total is None) == (not months):
            reader.fault(pointer, _("Give a total or months."))
        code = reader.text(row.get("breakdown", "all"), f"{pointer}/breakdown", longest=40)
        wishes.append(Wish(code, total, tuple(months), pointer))
    reader.check()
    return wishes


def _homes(reader: Reader, rows: Any) -> list[Home]:
    homes = []
    for n, item in enumerate(reader.items(rows, "/homes", MOST)):
        pointer = f"/homes/{n}"
        row = reader.record(item, pointer)
        homes.append(
            Home(
                reader.text(row.get("unit"), f"{pointer}/unit"),
                reader.text(row.get("breakdown", "all"), f"{pointer}/breakdown", longest=40),
                reader.month(row["month"], f"{pointer}/month") if row.get("month") else None,
                reader.number(row.get("amount"), f"{pointer}/amount"),
                pointer,
            )
        )
    return homes


def _figures(proposal: Proposal) -> Proposed:
    rows = proposal.sheet.rows.select_related("indicator")
    return proposed(proposal, {row.indicator.code: row.indicator for row in rows})


def _written(each: Proposed) -> dict[str, Any]:
    row = each.proposal
    sums: dict[str, Decimal] = {"before": each.before, "after": each.after,
                                "orphaned": each.orphaned}  # fmt: skip
    return {
        "id": row.pk, "kind": row.kind, "state": row.state, "unit": row.unit.code,
        "sheet": row.sheet.code, "version": row.version, "reason": row.reason,
        "answer": row.answer, **{name: plain(value, each.decimals) for name, value in sums.items()},
        "cells": row.cells,
    }  # fmt: skip
