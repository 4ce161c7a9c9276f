"""Where a line's figures come from: task and actual cells, events, and the trail behind them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from kpi.models import Actual, Event, ScorecardItem
from kpi.queries.scorecards import parameters
from orgchart.models import AuditEntry, Unit
from targets.models import Breakdown, Indicator, SheetKind, Task, TaskSheet, Term
from targets.months import month_text

ENTRIES_READ = 60  # of the trail; the newest of them concern the line


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a cell or event of the line, as the trail has it.

    `indicator` is the figure that changed, which may be a part of the line's; None for events.
    `member` names the part of a divided figure.
    """

    at: datetime
    by: str
    what: str
    before: Any
    after: Any
    reason: str
    indicator: Indicator | None = None
    member: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """The rows that a line was computed from; `terms` say how a figure is made of others."""

    terms: list[Term]
    tasks: list[Task]
    sheets: list[str]
    actuals: list[Actual]
    events: list[Event]
    changes: list[Change]


def sources(item: ScorecardItem, unit: Unit, month: date) -> Sources:
    """Return the source rows of an item's line; five queries."""
    if item.indicator_id is None:
        return _event_sources(item, unit, month)
    return indicator_sources(item.indicator_id, unit, month)


def indicator_sources(indicator_id: int, unit: Unit, month: date) -> Sources:
    """Return the source rows of an indicator's figure; five queries."""
    terms = list(Term.objects.filter(indicator_id=indicator_id).select_related("source"))
    source_ids = [term.source_id for term in terms]
    tasks = list(
        Task.objects.filter(month=month, unit=unit, indicator_id__in=source_ids).select_related(
            "indicator", "breakdown"
        )
    )
    actuals = list(
        Actual.objects.filter(month=month, unit=unit, indicator_id__in=source_ids).select_related(
            "indicator", "breakdown", "reported_by"
        )
    )
    sheets = list(
        TaskSheet.objects.filter(
            plan__district_id=unit.district_id,
            plan__year=month.year,
            kind=SheetKind.UNITS,
            indicator_id__in=[task.indicator_id for task in tasks],
        ).values_list("code", flat=True)
    )
    entered = {row.indicator.code: row.indicator for row in actuals}
    members = {
        row.breakdown.code: row.breakdown.name
        for row in actuals
        if row.breakdown.code != Breakdown.WHOLE_CODE
    }
    changes = [
        replace(
            found,
            indicator=entered[key["indicator"]],
            member=members.get(key.get("breakdown", ""), ""),
        )
        for key, found in _changes(_subjects("actuals", unit, month), unit)
        if key.get("indicator") in entered
        and key.get("unit") == unit.code
        and key.get("month") == month_text(month)
    ]
    return Sources(terms, tasks, sheets, actuals, [], changes)


def _event_sources(item: ScorecardItem, unit: Unit, month: date) -> Sources:
    kinds = set(parameters(item.params).per)
    events = list(
        Event.objects.filter(month=month, unit=unit, kind__in=kinds).select_related("noted_by")
    )
    subject = f"events/{unit.code}/{month_text(month)}"
    changes = [found for key, found in _changes([subject], unit) if key.get("kind") in kinds]
    return Sources([], [], [], [], events, changes)


def _subjects(kind: str, unit: Unit, month: date) -> list[str]:
    """Return the subjects under which a save of several units or months may stand too."""
    text = month_text(month)
    return [f"{kind}/{u}/{m}" for u in (unit.code, "*") for m in (text, "*")]


def _changes(subjects: Iterable[str], unit: Unit) -> list[tuple[dict[str, Any], Change]]:
    entries = (
        AuditEntry.objects.filter(district_id=unit.district_id, subject__in=list(subjects))
        .select_related("by")
        .order_by("-at", "-pk")[:ENTRIES_READ]
    )
    return [
        (
            change["key"],
            Change(
                at=entry.at,
                by=entry.by.name if entry.by else "",
                what=change["key"].get("breakdown", change["key"].get("kind", "")),
                before=change.get("before"),
                after=change.get("after"),
                reason=change.get("reason") or entry.reason,
            ),
        )
        for entry in entries
        for change in entry.changes
    ]
