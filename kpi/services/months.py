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
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked
from orgchart.models import Person, Unit
from targets.months import last_day, month_after, month_text


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


def open_next_month(*, district: Unit, month: date, by: Person | None, at: datetime) -> Month:
    """Open the month that follows the last one. Raises Locked for any other."""
    last = Month.objects.filter(district=district).order_by("-month").first()
    if last is not None and month <= last.month:
        raise Locked(_("%(month)s has been opened already.") % {"month": month_text(month)})
    following = month_after(last.month) if last else business_day(at).replace(day=1)
    if month != following:
        raise Locked(
            _("Months are opened in turn: %(following)s comes before %(month)s.")
            % {"following": month_text(following), "month": month_text(month)}
        )
    return open_month(district=district, month=month, by=by, at=at)


def hold_open(*, district_id: int, month: date) -> Month:
    """Return the open month, held so that it cannot be closed before this transaction ends.

    Everybody who reports holds it together (FOR KEY SHARE); closing takes it alone (FOR UPDATE),
    re-scoring may count its revision meanwhile. SQLite has one writer anyway. Raises Locked.
    """
    row = _held(district_id, month)
    text = month_text(month)
    if row is None:
        raise Locked(_("%(month)s is not open yet. The clerk opens it.") % {"month": text})
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


def hold_published(*, district_id: int, month: date) -> Month:
    """Return the published month, held so that it cannot be reopened meanwhile. Raises Locked."""
    row, text = _held(district_id, month), month_text(month)
    if row is None:
        raise Locked(_("%(month)s was never opened. Name a published month.") % {"month": text})
    if row.state != MonthState.PUBLISHED:
        raise Locked(
            _("%(month)s is not published: correct the figure there instead.") % {"month": text}
        )
    return row


def _held(district_id: int, month: date) -> Month | None:
    rows = Month.objects.filter(district_id=district_id, month=month)
    if connection.vendor == "postgresql":
        rows = Month.objects.raw(
            "SELECT * FROM kpi_month WHERE district_id = %s AND month = %s FOR KEY SHARE",
            [district_id, month],
        )
    return next(iter(rows), None)


def _alone(month: Month) -> Month:
    """Lock the month against everybody who holds it."""
    return Month.objects.select_for_update().select_related("district").get(pk=month.pk)


@transaction.atomic
def close_month(*, month: Month, by: Person | None, at: datetime, reason: str = "") -> Month:
    """End entry. What is not reported then counts as zero points, which takes a reason (§4.9).

    Raises Invalid naming what is missing; Locked unless the month is open and, where the closing
    rule asks for it, verified by the auditor.
    """
    row = _alone(month)
    text = month_text(row.month)
    if row.state != MonthState.OPEN:
        raise _ended(row)
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


def _ended(row: Month) -> Locked:
    """Return why a month that is not open cannot be closed, and what is next."""
    text = {"month": month_text(row.month)}
    if row.state == MonthState.CLOSED:
        return Locked(_("%(month)s is closed already. Publish it next.") % text)
    return Locked(_("%(month)s is published already. The head can reopen it.") % text)


def _all_verified(row: Month) -> None:
    open_units = unverified(row.district_id, row.month)
    if open_units:
        raise Locked(
            _("The auditor has to verify these units first: %(units)s.")
            % {"units": _(", ").join(unit.short for unit in open_units)},
            extra={"unverified": [unit.code for unit in open_units]},
        )


@transaction.atomic
def publish_month(*, month: Month, by: Person | None, at: datetime) -> Month:
    """Freeze scores and ranks; subsidies and the award follow (job "settle").

    Raises Locked unless the month is closed and every unit has a total.
    """
    _owe_settlement(month)
    row = _alone(month)
    text = month_text(row.month)
    if row.state == MonthState.PUBLISHED:
        raise _ended(row)
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
        raise Locked(
            _("No scorecard is in force in %(month)s. The head publishes one first.")
            % {"month": text}
        )
    if without:
        raise Locked(
            _("These units have no total: %(units)s. A task is missing: reopen the month, set it.")
            % {"units": _(", ").join(without)}
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
        text = month_text(row.month)
        raise Locked(_("%(month)s is open: figures can be entered as it is.") % {"month": text})
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
