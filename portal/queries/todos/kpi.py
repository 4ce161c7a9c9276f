"""What waits for reporting, verifying, correcting, closing and publishing."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competitions.wording import join, month_name
from kpi.models import Actual, Adjustment, AdjustmentState, CheckState, Month, MonthState
from kpi.queries.cells import expected_cells
from kpi.queries.verification import requires_verification, unverified
from orgchart.models import Unit
from orgchart.permissions import Actor
from portal.queries.todos.base import Todo, month_url


def todos(actor: Actor, rows: list[Month]) -> Iterator[Todo]:
    """Yield what waits in the actor's months; `rows`: the district's."""
    if actor.can("actuals.write"):
        yield from _reports(actor, rows)
        yield from _sent_back(actor, rows)
    if actor.can("actuals.verify"):
        yield from _to_verify(actor, rows)
    yield from _corrections(actor)
    if actor.can("month.close"):
        yield from _months(actor, rows)


def _reports(actor: Actor, rows: list[Month]) -> list[Todo]:
    """Return the open month that units have not reported in full."""
    row = next((row for row in reversed(rows) if row.state == MonthState.OPEN), None)
    if row is None:
        return []
    cells = expected_cells(actor.district.pk, row.month, actor.unit_ids("actuals.write"))
    missing: dict[str, int] = {}
    for cell in cells:
        if cell.value is None:
            missing[cell.unit.short] = missing.get(cell.unit.short, 0) + 1
    if not missing:
        return []
    is_whole = actor.unit_ids("actuals.write") is None
    if is_whole:
        text = ngettext(
            "%(count)s unit has not reported %(month)s in full",
            "%(count)s units have not reported %(month)s in full",
            len(missing),
        ) % {"count": len(missing), "month": month_name(row.month)}
        note = join(list(missing))
    else:
        count = sum(missing.values())
        text = ngettext(
            "%(count)s figure of %(month)s to report",
            "%(count)s figures of %(month)s to report",
            count,
        ) % {"count": count, "month": month_name(row.month)}
        note = join(list(missing)) if len(missing) > 1 else ""
    url, label = month_url("actuals", row.month), _("Chase") if is_whole else _("Report")
    return [Todo(_("Reports"), text, note, url, label, row.due_on)]


def _sent_back(actor: Actor, rows: list[Month]) -> Iterator[Todo]:
    """Yield the figures that the auditor sent back, by unit."""
    due = {row.month: row.due_on for row in rows if row.state == MonthState.OPEN}
    back = Actual.objects.filter(
        month__in=due,
        unit__district=actor.district,
        check_state=CheckState.RETURNED,
    )
    ids = actor.unit_ids("actuals.write")
    if ids is not None:
        back = back.filter(unit_id__in=ids)
    found: dict[tuple[date, Unit], list[str]] = {}
    for row in back.select_related("unit", "indicator"):
        found.setdefault((row.month, row.unit), []).append(row.indicator.short)
    for (month, unit), names in found.items():
        text = ngettext(
            "%(unit)s: %(count)s figure sent back", "%(unit)s: %(count)s figures sent back",
            len(names),
        ) % {"unit": unit.short, "count": len(names)}  # fmt: skip
        url = f"{month_url('actuals', month)}&unit={unit.code}"
        yield Todo(_("Reports"), text, join(names), url, _("Correct"), due[month])


def _to_verify(actor: Actor, rows: list[Month]) -> Iterator[Todo]:
    """Yield the open months that are due and have figures to verify."""
    for row in rows:
        if row.state != MonthState.OPEN or not (row.due_on and row.due_on <= actor.on):
            continue
        if not requires_verification(actor.district.pk, row.month):
            continue
        units = unverified(actor.district.pk, row.month)
        if units:
            text = ngettext(
                "%(count)s unit of %(month)s to verify", "%(count)s units of %(month)s to verify",
                len(units),
            ) % {"count": len(units), "month": month_name(row.month)}  # fmt: skip
            note = join([unit.short for unit in units])
            yield Todo(_("Closing"), text, note, month_url("verification", row.month), _("Verify"))


def _corrections(actor: Actor) -> Iterator[Todo]:
    """Yield the corrections of published months whose next step is the actor's."""
    hands = {
        AdjustmentState.REQUESTED: ("adjustments.verify", _("Verify")),
        AdjustmentState.VERIFIED: ("adjustments.approve", _("Approve")),
    }
    mine = {state: label for state, (what, label) in hands.items() if actor.can(what)}
    if not mine:
        return
    waiting = Adjustment.objects.filter(unit__district=actor.district, state__in=mine)
    for one in waiting.select_related("unit", "indicator").order_by("pk"):
        text = _("Correction of %(month)s, %(unit)s %(figure)s") % {
            "month": month_name(one.month),
            "unit": one.unit.short,
            "figure": one.indicator.short,
        }
        url = reverse("adjustment", kwargs={"pk": one.pk})
        yield Todo(_("Corrections"), text, one.reason, url, mine[AdjustmentState(one.state)])


def _months(actor: Actor, rows: list[Month]) -> Iterator[Todo]:
    """Yield the months to close (a later one has begun, or it is over) and to publish."""
    for row in rows:
        name, url = month_name(row.month), month_url("closing", row.month)
        if row.state == MonthState.CLOSED:
            text = _("%(month)s is closed and not published") % {"month": name}
            yield Todo(_("Closing"), text, "", url, _("Publish"))
        elif row.state == MonthState.OPEN and row.due_on and row.due_on < actor.on:
            text = _("%(month)s is over and still open") % {"month": name}
            yield Todo(_("Closing"), text, "", url, _("Close month"), row.due_on)
