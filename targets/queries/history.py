"""Who changed a cell last, from the audit trail."""

from typing import Any

from orgchart.models import AuditEntry

_DEPTH = 50  # entries looked through: enough for a conflict, which is minutes old


def last_change(subject: str, district_id: int, key: dict[str, Any]) -> dict[str, Any]:
    """Return {"by", "at"} of the newest trail entry of `subject` with the cell; empty if none."""
    entries = (
        AuditEntry.objects.filter(district_id=district_id, subject=subject)
        .select_related("by")
        .order_by("-at", "-pk")[:_DEPTH]
    )
    for entry in entries:
        if any(change["key"] == key for change in entry.changes):
            return {"by": entry.by.name if entry.by else "", "at": entry.at.isoformat()}
    return {}
