"""The audit trail, readable: what was before and after, within what a reader may see."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orgchart.models import AuditEntry, Dealer, DealerKind, DealerTier, Person, Post, Unit, UnitKind
from orgchart.words import NAMES, action_words, field_words

SHOWN_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One cell or field; an absent value is None."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    by: str
    action: str
    subject: str
    unit: str
    reason: str
    source: str
    changes: tuple[Change, ...]
    more: tuple[Change, ...]  # beyond the first few


def trail(
    district: Unit, unit_ids: Collection[int] | None = None
) -> QuerySet[AuditEntry, AuditEntry]:
    """Return the entries of the district, newest first; with `unit_ids`, of those units."""
    rows = AuditEntry.objects.filter(district=district).select_related("by", "unit")
    return rows if unit_ids is None else rows.filter(unit__in=unit_ids)


def readable(
    district: Unit, entries: Iterable[AuditEntry], unit_ids: Collection[int] | None = None
) -> list[Entry]:
    """Return the entries in words, in a fixed number of queries for names.

    With `unit_ids`, cells of other units are left out of an entry that covers several.
    """
    units = {unit.code: unit for unit in Unit.objects.of(district)}
    covered = {unit.code for unit in units.values() if unit_ids is None or unit.pk in unit_ids}
    names: dict[str, Mapping[str, Any]] = {
        "unit": {code: unit.short for code, unit in units.items()},
        "person": {row.code: row.name for row in Person.objects.filter(district=district)},
        "post": {row.code: row.name for row in Post.objects.filter(district=district)},
        "dealer": {row.code: row.name for row in Dealer.objects.filter(district=district)},
        "kind": {value: str(label) for value, label in UnitKind.choices + DealerKind.choices},
        "tier": {value: str(label) for value, label in DealerTier.choices},
    }
    names |= {kind: names_of(district) for kind, names_of in NAMES.items()}
    for alias, kind in (
        ("parent", "unit"),
        ("supervisor", "person"),
        ("account_manager", "person"),
        ("head", "person"),
    ):
        names[alias] = names[kind]
    return [_entry(entry, names, covered) for entry in entries]


def _entry(entry: AuditEntry, names: Mapping[str, Mapping[str, Any]], covered: set[str]) -> Entry:
    changes = [
        Change(
            what=_what(change.get("key"), names),
            before=_value(change.get("before"), change.get("key"), names),
            after=_value(change.get("after"), change.get("key"), names),
        )
        for change in entry.changes
        if _is_covered(change.get("key"), covered)
    ]
    kind, _slash, rest = entry.subject.partition("/")
    code, slash, tail = rest.partition("/")
    subject = names.get(kind, names["unit"]).get(code, code) + (slash and " · ") + tail
    return Entry(
        at=entry.at,
        by=entry.by.name if entry.by else _("The system"),
        action=action_words(entry.action),
        subject=" · ".join(filter(None, (field_words(kind), subject))),
        unit=entry.unit.short if entry.unit else "",
        reason=entry.reason,
        source="" if entry.source == "web" else entry.source,
        changes=tuple(changes[:SHOWN_AT_ONCE]),
        more=tuple(changes[SHOWN_AT_ONCE:]),
    )


def _is_covered(key: Any, covered: set[str]) -> bool:
    return not isinstance(key, dict) or key.get("unit") in (None, "") or key["unit"] in covered


def _what(key: Any, names: Mapping[str, Mapping[str, Any]]) -> str:
    if not isinstance(key, dict):
        return field_words(str(key))
    parts = [
        field_words(str(value)) if name == "field" else _value(value, name, names)
        for name, value in key.items()
    ]
    return " · ".join(filter(None, parts))


def _value(value: Any, key: Any, names: Mapping[str, Mapping[str, Any]]) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(str(_value(each, "", names)) for each in value)
    if isinstance(value, dict):
        return " · ".join(
            f"{field_words(str(name))} {_value(each, name, names) or '—'}"
            for name, each in value.items()
        )
    text = str(value)
    return str(names.get(_field(key), {}).get(text, text))


def _field(key: Any) -> str:
    return str(key.get("field", "")) if isinstance(key, dict) else str(key)
