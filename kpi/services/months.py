"""Opening, closing, publishing and reopening a district's month."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpi.models import Month, MonthState, Score
from kpi.queries.cells import Cell, unreported
from kpi.queries.verification import requires_verification, unverified
from kpi.services.scoring import write_scores
from orgchart import audit, jobs
from orgchart.errors import Fault, Invalid, Locked
from orgchart.models import Person, Unit
from targets.months import last_day, month_text


@transaction.atomic
def open_month(*, district: Unit, month: date, by: Person | None, at: datetime) -> Month:
    """Open a month for entry, due on its last day; an open one is returned as it is."""
    row, is_new = Month.objects.get_or_create(
        district=district, month=month, defaults={"due_on": last_day(month)}
    )
    if is_new:
        _record(row, "open", by=by, at=at, before=None, reason="")
        jobs.request("rescore", district_id=district.pk, month=month)
    return row


def hold_open(*, district_id: int, month: date) -> Month:
    """Return the open month, held so that it cannot be closed before this transaction ends.

    Everybody who reports holds it together (FOR KEY SHARE); closing takes it alone (FOR UPDATE),
    re-scoring may count its revision meanwhile. SQLite has one writer anyway. Raises Locked.
    """
    rows = Month.objects.filter(district_id=district_id, month=month)
    if connection.vendor == "postgresql":
        rows = Month.objects.raw(
            "SELECT * FROM kpi_month WHERE district_id = %s AND month = %s FOR KEY SHARE",
            [district_id, month],
        )
    row = next(iter(rows), None)
    text = month_text(month)
    if row is None:
        raise Locked(_("%(month)s is not open yet.") % {"month": text})
    if row.state == MonthState.CLOSED:
        raise Locked(
            _("%(month)s is closed. The head can reopen it with a reason.") % {"month": text}
        )
    if row.state == MonthState.PUBLISHED:
        raise Locked(
            _("%(month)s is published and stays as it is. Adjust in an open month.")
            % {"month": text}
        )
    return row


def _alone(month: Month) -> Month:
    """Lock the month against everybody who holds it."""
    return Month.objects.select_for_update().select_related("district").get(pk=month.pk)


@transaction.atomic
def close_month(*, month: Month, by: Person | None, at: datetime, reason: str = "") -> Month:
    """End entry. What is not reported then counts as zero points, which takes a reason (§4.9).

    Raises Invalid naming what is missing or, where the closing rule asks for it, not verified by
    the auditor; Locked unless the month is open.
    """
    row = _alone(month)
    text = month_text(row.month)
    if row.state != MonthState.OPEN:
        raise Locked(_("%(month)s is closed already.") % {"month": text})
    missing = unreported(row.district_id, row.month)
    if missing and not reason.strip():
        raise Invalid(
            ngettext(
                "%(count)s figure of %(month)s is not reported: %(names)s.",
                "%(count)s figures of %(month)s are not reported: %(names)s.",
                len(missing),
            )
            % {"count": len(missing), "month": text, "names": _named(missing)},
            [Fault("/reason", _("Write why the month is closed without them."))],
            {"missing": [_cell(cell) for cell in missing]},
        )
    if requires_verification(row.district_id, row.month):
        _all_verified(row)

    row.state, row.closed_at, row.closed_by = MonthState.CLOSED, at, by
    row.missing_reason = reason.strip()[:200] if missing else ""
    row.revision += 1
    row.save()
    write_scores(row.district_id, row.month)
    _record(row, "close", by=by, at=at, before=MonthState.OPEN, reason=reason)
    return row


def _all_verified(row: Month) -> None:
    open_units = unverified(row.district_id, row.month)
    if open_units:
        raise Invalid(
            _("The auditor has not verified these units: %(units)s.")
            % {"units": _(", ").join(unit.short for unit in open_units)},
            [Fault("/month", _("Verification is missing."))],
            {"unverified": [unit.code for unit in open_units]},
        )


@transaction.atomic
def publish_month(*, month: Month, by: Person | None, at: datetime) -> Month:
    """Freeze scores and ranks; subsidies and the award follow (job "settle").

    Raises Locked unless the month is closed, Invalid when a unit has no total.
    """
    _owe_settlement(month)
    row = _alone(month)
    text = month_text(row.month)
    if row.state == MonthState.PUBLISHED:
        raise Locked(_("%(month)s is published already.") % {"month": text})
    if row.state == MonthState.OPEN:
        raise Locked(_("%(month)s is still open. Close it first.") % {"month": text})
    write_scores(row.district_id, row.month)
    scores = list(
        Score.objects.filter(month=row.month, unit__district_id=row.district_id).select_related(
            "unit"
        )
    )
    without = [score.unit.name for score in scores if score.total is None]
    if not scores:
        raise Invalid(_("No scorecard is in force in %(month)s.") % {"month": text})
    if without:
        raise Invalid(
            _("These units have no total: %(units)s. A task or a figure is missing.")
            % {"units": _(", ").join(without)},
        )

    row.state, row.published_at, row.published_by = MonthState.PUBLISHED, at, by
    row.revision += 1
    row.save()
    _record(row, "publish", by=by, at=at, before=MonthState.CLOSED, reason="")
    return row


@transaction.atomic
def reopen_month(*, month: Month, by: Person | None, at: datetime, reason: str) -> Month:
    """Open a closed or published month again, with a reason; its decisions are taken anew.

    Raises Invalid without a reason, Locked when the month is open.
    """
    _owe_settlement(month)
    row = _alone(month)
    if row.state == MonthState.OPEN:
        raise Locked(_("%(month)s is open.") % {"month": month_text(row.month)})
    if not reason.strip():
        detail = _("Write why the month is reopened.")
        raise Invalid(detail, [Fault("/reason", detail)])

    before = row.state
    row.state, row.missing_reason = MonthState.OPEN, ""
    row.closed_at = row.closed_by = row.published_at = row.published_by = None
    row.revision += 1
    row.save()
    write_scores(row.district_id, row.month)
    _record(row, "reopen", by=by, at=at, before=before, reason=reason)
    return row


def _owe_settlement(month: Month) -> None:
    """Ask for the job before the month is locked: a running one holds them in this order."""
    jobs.request("settle", district_id=month.district_id, month=month.month)


def _record(
    row: Month, verb: str, *, by: Person | None, at: datetime, before: str | None, reason: str
) -> None:
    audit.record(
        by=by,
        at=at,
        action=f"month.{verb}",
        subject=f"months/{month_text(row.month)}",
        district=row.district,
        changes=[{"key": {"field": "state"}, "before": before, "after": row.state}],
        reason=reason,
    )


def _named(missing: Sequence[Cell]) -> str:
    """Name what is missing, by unit; a long list ends in a count."""
    names = [f"{cell.unit.short} {cell.indicator.short}" for cell in missing]
    shown = _(", ").join(dict.fromkeys(names[:8]))
    return shown if len(names) <= 8 else _("%(names)s and others") % {"names": shown}


def _cell(cell: Cell) -> dict[str, str]:
    return {
        "unit": cell.unit.code,
        "indicator": cell.indicator.code,
        "breakdown": cell.breakdown.code,
        "month": month_text(cell.month),
    }
