"""Where a figure comes from, in words: its rows with who and when, and what changed behind it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kpi.models import Event, EventKind
from kpi.present import words
from kpi.queries.sources import Change, Sources
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import Person
from targets.models import Indicator
from targets.templatetags.amounts import signed


def when(at: datetime) -> str:
    """Write an instant in the business time zone."""
    return date_format(at.astimezone(BUSINESS_ZONE), "SHORT_DATETIME_FORMAT")


def act(text: str, person: Person | None, at: datetime) -> str:
    """Say who did it, and when; of what an import brought, that it was imported."""
    return text % {"name": person.name if person else _("the import"), "at": when(at)}


def sources(
    target: Decimal | None,
    actual: Decimal | Fraction | None,
    indicator: Indicator | None,
    found: Sources,
) -> list[dict[str, str]]:
    """Return task, actual or events with who and when."""
    rows = []
    if found.tasks:
        parts = [_part(t.indicator, t.breakdown.name, t.value, found.tasks) for t in found.tasks]
        note = words.joined(parts)
        if found.sheets:
            note = _("sheet %(sheet)s: %(parts)s") % {
                "sheet": words.joined(found.sheets),
                "parts": note,
            }
        value = words.as_in_table(target, indicator) if target is not None else "—"
        rows.append({"label": _("Task"), "value": value, "note": note})
    if indicator is not None:
        parts = [
            _part(a.indicator, a.breakdown.name, a.value, found.actuals) for a in found.actuals
        ]
        latest = max(found.actuals, key=lambda a: a.reported_at, default=None)
        note = words.joined(parts)
        if latest is not None:
            by = latest.reported_by.name if latest.reported_by else "—"
            told = _("reported by %(by)s, %(at)s") % {"by": by, "at": when(latest.reported_at)}
            note = words.phrases([note, told])
        reported = {row.indicator_id for row in found.actuals if row.value is not None}
        is_void = actual is None and reported >= {term.source_id for term in found.terms}
        value = words.as_in_table(actual, indicator) if actual is not None or is_void else ""
        rows.append({"label": _("Actual"), "value": value, "note": note})
        rows += [
            {
                "label": _("Adjustment"),
                "value": signed(row.adjustment, row.indicator.decimals),
                "note": _("late corrections of published months, counted here"),
            }
            for row in found.actuals
            if row.adjustment
        ]
        rows += [
            {"label": _("Doubt"), "value": row.doubt_reason, "note": row.indicator.short}
            for row in found.actuals
            if row.doubt_reason
        ]
    rows += [_event(event) for event in found.events]
    if indicator is None and not found.events:
        rows.append({"label": _("Events"), "value": _("none"), "note": ""})
    return rows


def _part(indicator: Indicator, breakdown: str, value: Decimal | None, rows: list[Any]) -> str:
    """Name a cell by what tells it from its neighbours."""
    kinds = {row.indicator_id for row in rows}
    members = [row for row in rows if row.indicator_id == indicator.pk]
    name = indicator.short if len(kinds) > 1 else ""
    if len(members) > 1:
        name = f"{name} {breakdown}".strip()
    text = words.shown(value, indicator) if value is not None else _("Not reported")
    return f"{name} {text}".strip()


def _event(event: Event) -> dict[str, str]:
    by = event.noted_by.name if event.noted_by else "—"
    told = _("noted by %(by)s, %(at)s") % {"by": by, "at": when(event.noted_at)}
    note = words.phrases([_("voided") if event.voided_at else "", event.note, told])
    return {
        "label": event.get_kind_display(),
        "value": _("%(count)s times") % {"count": event.count},
        "note": note,
    }


def told_changes(changes: Sequence[Change], indicator: Indicator | None) -> list[dict[str, str]]:
    """Return the changes behind a figure; those of its parts by name."""
    return [_told_change(change, indicator) for change in changes]


def _told_change(change: Change, of: Indicator | None) -> dict[str, str]:
    indicator = change.indicator
    part = indicator.short if indicator is not None and indicator != of else ""

    def shown(value: Any) -> str:
        if value is None:
            return ""
        return words.shown(Decimal(value), indicator) if indicator else str(value)

    kind = str(EventKind(change.what).label) if change.what in EventKind.values else ""
    before, after = shown(change.before), shown(change.after)
    if not before:
        first = _("noted %(value)s") if kind else _("first reported %(value)s")
        text = first % {"value": after}
    elif not after:
        gone = _("%(value)s voided") if kind else _("%(value)s taken back")
        text = gone % {"value": before}
    else:
        text = f"{before} → {after}"
    return {
        "at": when(change.at),
        "text": " ".join(filter(None, (kind, part, change.member, text))),
        "by": change.by,
        "reason": change.reason,
    }
