"""Writing the audit trail: called by every service inside its own transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from orgchart.models import AuditEntry, Person, Unit


def record(
    *,
    by: Person | None,
    at: datetime,
    action: str,
    subject: str,
    district: Unit,
    changes: Sequence[dict[str, Any]],
    unit: Unit | None = None,
    reason: str = "",
    source: str = "web",
) -> AuditEntry:
    """Append one entry. `changes`: [{"key", "before", "after"}], values JSON-ready or Decimal."""
    return AuditEntry.objects.create(
        by=by,
        at=at,
        action=action,
        subject=subject,
        district=district,
        unit=unit,
        changes=list(changes),
        reason=reason,
        source=source,
    )
