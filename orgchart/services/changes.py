"""What every change of the organisation shares: versions, names, the row of the trail."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import F, Model
from django.utils.translation import gettext as _

from orgchart import audit
from orgchart.errors import Fault, Invalid, VersionConflict
from orgchart.models import AuditEntry, Dealer, Person, Unit


def refuse(pointer: str, sentence: str) -> Invalid:
    """Return the refusal of one field, to be raised."""
    return Invalid(sentence, [Fault(pointer, sentence)])


def advance(row: Unit | Person | Dealer, *, version: int, **fields: Any) -> None:
    """Write `fields` if the row still has `version`, and count it up.

    Raises VersionConflict naming who changed it meanwhile; the row is then as it is stored.
    """
    changed = (
        type(row)
        .objects.filter(pk=row.pk, version=version)
        .update(version=F("version") + 1, **fields)
    )
    row.refresh_from_db()
    if not changed:
        last = AuditEntry.objects.filter(subject=subject_of(row)).select_related("by").first()
        who = last.by.name if last and last.by else _("Somebody")
        raise VersionConflict(
            _("%(who)s changed this meanwhile. Your input is kept; compare and save again.")
            % {"who": who},
            extra={"version": row.version},
        )


def subject_of(row: Model) -> str:
    """Return the path by which the trail knows a row: "unit/grid1", "person/p07", "dealer/d12"."""
    return f"{row._meta.model_name}/{row.code}"


def differences(row: Model, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the trail's changes for the fields whose new value is another one."""
    return [
        {"key": name, "before": _plain(getattr(row, name)), "after": _plain(value)}
        for name, value in fields.items()
        if getattr(row, name) != value
    ]


def change(key: str, before: Any, after: Any) -> dict[str, Any]:
    """Return one entry of the trail's changes."""
    return {"key": key, "before": _plain(before), "after": _plain(after)}


def note(
    row: Unit | Person | Dealer,
    action: str,
    changes: list[dict[str, Any]],
    *,
    by: Person,
    at: datetime,
    unit: Unit | None = None,
    reason: str = "",
) -> None:
    """Append the one row of the trail for a change of `row`."""
    audit.record(
        by=by,
        at=at,
        action=action,
        subject=subject_of(row),
        district=by.district,
        unit=unit,
        changes=changes,
        reason=reason,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return getattr(value, "code", value.pk)
    return value.isoformat() if isinstance(value, date) else value
