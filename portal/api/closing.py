"""The closing checklist of a month for programs, and what reopening it would touch."""

from datetime import date
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.months import month_told
from kpi.models import MonthState
from kpi.queries.board import month_row
from orgchart.api import ActorMixin
from portal.queries.closing import Step, checklist, done
from portal.queries.reopening import consequences


class ClosingView(ActorMixin, APIView):
    """GET a month's checklist: each step with its state, what it lacks and whose turn it is.

    `state` of a step is done, next, waiting or wrong. `reopening` says what hangs on a month that
    is closed or published, and what becomes of it when the head reopens it; null while it is open.
    """

    @extend_schema(operation_id="month_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, month: date) -> Response:
        self.actor.demand("month.read")
        row = month_row(self.actor.district.pk, month)
        if row is None:
            raise Http404
        steps = checklist(row)
        touched = None if row.state == MonthState.OPEN else consequences(row)
        return Response(
            month_told(row)
            | {
                "done": done(steps),
                "of": len(steps),
                "steps": [_told(step) for step in steps],
                "reopening": touched
                and [
                    {"what": one.what, "now": one.now, "then": one.then, "warning": one.is_warning}
                    for one in touched
                ],
            }
        )


def _told(step: Step) -> dict[str, Any]:
    return {
        "code": step.code,
        "label": step.label,
        "state": step.state,
        "text": step.text,
        "details": [{"what": what, "text": text} for what, text in step.details],
        "turn": step.turn or None,
    }
