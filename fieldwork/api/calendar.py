"""The work calendar for programs: what stands in a period, entries, ticks."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fieldwork.access import entry_of, may_change, may_tick, writable_units
from fieldwork.api.accounts import FieldApi, unit_among, version_of
from fieldwork.models import CalendarEntry
from fieldwork.queries.calendar import Event, events
from fieldwork.services import calendar as services
from orgchart.idempotency import idempotent
from targets.api.reading import Reader

LONGEST = 93  # days that one answer covers


class CalendarView(FieldApi):
    """What stands from ?since= to ?until=; POST adds an entry: {"text", "first", "last", "unit"}.

    Without `unit` (null) it is the caller's own; the district's code makes it everybody's.
    """

    @extend_schema(
        operation_id="field_calendar_list",
        parameters=[
            OpenApiParameter("since", str, description="YYYY-MM-DD, today"),
            OpenApiParameter("until", str, description="YYYY-MM-DD, a week later"),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        reader, asked = Reader(), request.query_params
        since = until = None
        if text := asked.get("since"):
            since = reader.day(text, "/since")
        if text := asked.get("until"):
            until = reader.day(text, "/until")
        reader.check()
        first = since or self.actor.on
        if not services.SINCE <= first < services.UNTIL:
            reader.fault("/since", _("Write the day as 2026-03-17."))
            reader.check()
        last = until or first + timedelta(days=6)
        if not 0 <= (last - first).days < LONGEST:
            reader.fault("/until", _("The last day lies before the first, or too far after."))
            reader.check()
        found = events(self.actor, first, last, in_one=False)
        return Response({"results": [written(each) for each in found]})

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        unit = None
        if body.get("unit") is not None:
            unit = unit_among(writable_units(self.actor), reader, body)
        typed = _entry(reader, body)
        made = services.save_entry(
            district=self.actor.district, entry=None, version=0, unit=unit, by=self.actor.person,
            at=request.now, **typed,
        )  # fmt: skip
        return Response(entry_written(entry_of(self.actor, made.pk)), status=201)


class EntryView(FieldApi):
    """An entry; PUT writes it anew: {"text", "first", "last", "note", "version"}."""

    @extend_schema(operation_id="field_calendar_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        return Response(entry_written(entry_of(self.actor, pk)))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, pk: int) -> Response:
        row = self._changeable(pk)
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        services.save_entry(
            district=self.actor.district, entry=row, version=version_of(body), unit=None,
            by=self.actor.person, at=request.now, **_entry(reader, body),
        )  # fmt: skip
        return Response(entry_written(entry_of(self.actor, pk)))

    @extend_schema(
        parameters=[OpenApiParameter("version", int)], responses={204: None},
    )  # fmt: skip
    def delete(self, request: Request, pk: int) -> Response:
        row = self._changeable(pk)
        text = request.query_params.get("version", "")
        version = int(text) if text.isdecimal() and len(text) < 9 else 0
        services.remove_entry(entry=row, version=version, by=self.actor.person, at=request.now)
        return Response(status=204)

    def _changeable(self, pk: int) -> CalendarEntry:
        row = entry_of(self.actor, pk)
        if not may_change(self.actor, row):
            raise PermissionDenied
        return row


class TickView(FieldApi):
    """Note that an entry is done, or not: {"is_done", "version"}."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        row = entry_of(self.actor, pk)
        if not may_tick(self.actor, row):
            raise PermissionDenied
        reader = Reader()
        body = reader.record(request.data, "/")
        if not isinstance(body.get("is_done"), bool):
            reader.fault("/is_done", _("Write true or false."))
        reader.check()
        services.tick_entry(
            entry=row, version=version_of(body), is_done=body["is_done"], by=self.actor.person,
            at=request.now,
        )  # fmt: skip
        return Response(entry_written(entry_of(self.actor, pk)))


def _entry(reader: Reader, body: dict[str, Any]) -> dict[str, Any]:
    """Return text, days and note of a body; raises Invalid with all that is wrong."""
    typed: dict[str, Any] = {
        "text": reader.text(body.get("text"), "/text"),
        "first": reader.day(body.get("first"), "/first"),
        "last": reader.day(body["last"], "/last") if body.get("last") else None,
        "note": reader.text(body["note"], "/note", longest=500) if body.get("note") else "",
    }
    reader.check()
    return typed


def written(each: Event) -> dict[str, Any]:
    """Return what stands in a calendar."""
    return {
        "key": each.key,
        "kind": each.kind,
        "first": each.first.isoformat(),
        "last": each.last.isoformat(),
        "text": each.text,
        "url": each.url or None,
        "is_done": each.is_done,
        "entry": entry_written(each.entry) if each.entry else None,
    }


def entry_written(row: CalendarEntry) -> dict[str, Any]:
    """Return an entry."""
    return {
        "id": row.pk,
        "text": row.name,
        "first": row.first.isoformat(),
        "last": row.last.isoformat(),
        "note": row.note,
        "duty": row.duty.code if row.duty else None,
        "unit": row.unit.code if row.unit else None,
        "person": row.person.code if row.person else None,
        "done_by": row.done_by.code if row.done_by else None,
        "done_at": row.done_at.isoformat() if row.done_at else None,
        "version": row.version,
    }
