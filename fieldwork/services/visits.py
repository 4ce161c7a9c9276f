"""Visits: planned by tier and frequency, given to somebody, done on the phone, problems closed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import (
    Activity,
    ActivityKind,
    ActivityState,
    VisitFrequency,
)
from fieldwork.queries.visits import (
    OPEN,
    frequencies,
    in_month,
    suggestions,
    visit_cell,
    visited_dealers,
)
from fieldwork.rules.visits import spread, visits_in_month, working_days
from fieldwork.services.forms import answers_of, six_items
from fieldwork.services.photos import keep_photos, read_photos
from kpi.services.actuals import Figure, save_actuals
from kpi.services.entered import CellEntry
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused, VersionConflict
from orgchart.models import Dealer, DealerTier, Person, Unit
from targets.months import last_day, month_text

TEXTS = {"stock": 200, "rivals": 500, "problem": 500, "measure": 500}


@dataclass(frozen=True, slots=True)
class Report:
    """What was found at an outlet; `answers` by the codes of the check-list."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    stock: str = ""
    rivals: str = ""
    problem: str = ""
    measure: str = ""
    follow_up_on: date | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@transaction.atomic
def set_frequency(
    *, district: Unit, tier: str, visits: Decimal, valid_from: date, by: Person, at: datetime
) -> VisitFrequency:
    """Set how often outlets of a tier are visited from a day on."""
    if tier not in DealerTier.values:
        raise Invalid(_("There is no such tier."), [Fault("/tier", _("There is no such tier."))])
    if not 0 <= visits <= 31:
        sentence = _("Write 0 to 31 visits a month.")
        raise Invalid(sentence, [Fault("/visits", sentence)])
    before = frequencies(district, valid_from).get(tier)
    row, _is_new = VisitFrequency.objects.update_or_create(
        district=district, tier=tier, valid_from=valid_from,
        defaults={"visits": visits, "set_by": by, "set_at": at},
    )  # fmt: skip
    audit.record(
        by=by, at=at, action="visit.frequency", subject=f"visits/{tier}", district=district,
        changes=[{"key": {"tier": tier}, "before": before, "after": visits}],
    )  # fmt: skip
    return row


@transaction.atomic
def plan_visits(*, unit: Unit, month: date, by: Person, at: datetime) -> int:
    """Plan what is missing of a unit's month; return how many visits were added.

    Each outlet gets as many as its tier's frequency says, on working days from today on, for the
    manager it has on the month's last day. Again, it adds nothing. Raises Locked for a past month
    or without frequencies.
    """
    today, last = business_day(at), last_day(month)
    if last < today:
        raise Locked(_("%(month)s is over.") % {"month": month_text(month)})
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # two who plan at once
    often = frequencies(unit.district, month)
    if not often:
        raise Locked(_("Nobody has set yet how often outlets are visited."))
    planned = Counter(
        Activity.objects.filter(in_month(month), kind=ActivityKind.VISIT, unit=unit)
        .exclude(state=ActivityState.CANCELLED)
        .values_list("dealer_id", flat=True)
    )
    days = working_days(max(today, month), last) or [last]
    added = []
    for turn, dealer in enumerate(visited_dealers(unit.district, last, [unit.pk])):
        wanted = visits_in_month(often.get(dealer.tier, Decimal(0)), month.month)
        missing = max(0, wanted - planned[dealer.pk])
        manager = dealer.current.account_manager if dealer.current else None
        added += [
            Activity(
                kind=ActivityKind.VISIT, unit=unit, dealer=dealer, person=manager, planned_on=day,
            )
            for day in spread(days, missing, turn)
        ]  # fmt: skip
    Activity.objects.bulk_create(added, batch_size=500)
    if added:
        audit.record(
            by=by, at=at, action="visit.plan", subject=f"visits/{unit.code}/{month_text(month)}",
            district=unit.district, unit=unit,
            changes=[{"key": "visits", "before": sum(planned.values()),
                      "after": sum(planned.values()) + len(added)}],
        )  # fmt: skip
    return len(added)


@transaction.atomic
def add_visit(
    *, unit: Unit, dealer: Dealer, person: Person | None, on: date, by: Person, at: datetime
) -> Activity:
    """Plan one visit beside the plan."""
    if on < business_day(at):
        sentence = _("The day lies in the past.")
        raise Invalid(sentence, [Fault("/planned_on", sentence)])
    row = Activity.objects.create(
        kind=ActivityKind.VISIT, unit=unit, dealer=dealer, person=person, planned_on=on,
    )  # fmt: skip
    note(row, "visit.add", by=by, at=at, before=None, after=on.isoformat())
    return row


@transaction.atomic
def assign_visit(
    *, visit: Activity, version: int, person: Person | None, on: date, by: Person, at: datetime
) -> Activity:
    """Give an open visit to somebody, or move its day."""
    row = held(visit, version, *OPEN)
    before = f"{row.person.code if row.person else ''} {row.planned_on}"
    row.person, row.planned_on, row.version = person, on, row.version + 1
    row.save(update_fields=["person", "planned_on", "version"])
    after = f"{person.code if person else ''} {on}"
    note(row, "visit.assign", by=by, at=at, before=before, after=after)
    return row


@transaction.atomic
def cancel_visit(
    *, visit: Activity, version: int, by: Person, at: datetime, reason: str
) -> Activity:
    """Cancel an open visit, with a reason."""
    row = held(visit, version, *OPEN)
    demand_text(reason, "/reason")
    row.state, row.version = ActivityState.CANCELLED, row.version + 1
    row.save(update_fields=["state", "version"])
    note(row, "visit.cancel", by=by, at=at, before="planned", after="cancelled", reason=reason)
    return row


@transaction.atomic
def do_visit(
    *, visit: Activity, version: int, report: Report, by: Person, at: datetime,
    photos: Sequence[IO[bytes]] = (), may_stand_in: bool = False,
) -> Activity:  # fmt: skip
    """Note what was found. Whoever it is given to does it, or, with `may_stand_in`, a manager.

    A problem needs a measure and a day of follow-up. Raises Invalid with pointers, Refused,
    Locked once done or cancelled, VersionConflict.
    """
    row = held(visit, version, *OPEN)
    if row.person_id not in (None, by.pk) and not may_stand_in:
        raise Refused(_("This visit is given to somebody else."))
    kept = read_photos(photos)
    row.form = six_items(district=row.unit.district, on=business_day(at), at=at)
    answers, faults = answers_of(row.form, report.answers)
    faults += _report_faults(report, business_day(at))
    if faults:
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
    for name in TEXTS:
        setattr(row, name, getattr(report, name).strip())
    row.answers = answers
    row.follow_up_on = report.follow_up_on if row.problem else None
    row.latitude, row.longitude = report.latitude, report.longitude
    row.state, row.done_at, row.done_by = ActivityState.DONE, at, by
    row.person = row.person or by
    row.version += 1
    row.save()
    keep_photos(row, kept, by=by, at=at)
    note(row, "visit.do", by=by, at=at, before="planned", after="done")
    return row


@transaction.atomic
def close_problem(
    *, visit: Activity, version: int, by: Person, at: datetime, remark: str
) -> Activity:
    """Close the problem of a visit, saying how it was solved."""
    row = held(visit, version, ActivityState.DONE)
    if row.follow_up_on is None or row.closed_at is not None:
        raise Locked(_("There is no open problem."))
    demand_text(remark, "/remark")
    row.closed_at, row.closed_by, row.closing_note = at, by, remark.strip()[:200]
    row.version += 1
    row.save(update_fields=["closed_at", "closed_by", "closing_note", "version"])
    note(row, "visit.close", by=by, at=at, before=row.problem, after=row.closing_note)
    return row


def confirm_visits(*, unit: Unit, month: date, by: Person, at: datetime) -> Figure:
    """Take the visits done as the month's channel-visit figure, as reported by `by`.

    Raises Locked unless the month is open, and where the district keeps no such figure.
    """
    cell = visit_cell(unit.district)
    [found] = suggestions(unit.district, month, [unit.pk])
    if cell is None:
        raise Locked(_("The district keeps no channel-visit figure."))
    indicator, whole = cell
    [figure] = save_actuals(
        district=unit.district, by=by, at=at,
        cells=[
            CellEntry(
                unit_id=unit.pk, indicator_id=indicator.pk, breakdown_id=whole.pk, month=month,
                value=Decimal(found.counted), as_of=min(business_day(at), last_day(month)),
                version=found.version, reason=_("counted from the visits done"),
            )
        ],
    )  # fmt: skip
    return figure


def held(visit: Activity, version: int, *states: ActivityState) -> Activity:
    """Return the activity, locked, as it was read and in one of the states."""
    row = (
        Activity.objects.select_for_update(of=("self",))
        .select_related("unit__district", "dealer", "person", "form")
        .get(pk=visit.pk)
    )
    if row.state not in states:
        text = _("This visit is in state “%(state)s”.")
        raise Locked(text % {"state": row.get_state_display()})
    if row.version != version:
        raise VersionConflict(
            _("Somebody changed this visit meanwhile. Compare and save again."),
            extra={"version": row.version},
        )
    return row


def _report_faults(report: Report, today: date) -> list[Fault]:
    found = []
    for name, longest in TEXTS.items():
        if len(getattr(report, name)) > longest:
            text = _("At most %(count)s characters.") % {"count": longest}
            found.append(Fault(f"/{name}", text))
    if report.problem.strip():
        if not report.measure.strip():
            found.append(Fault("/measure", _("Write what is done about the problem.")))
        if report.follow_up_on is None:
            found.append(Fault("/follow_up_on", _("Choose the day of the follow-up.")))
    if report.follow_up_on and report.follow_up_on < today:
        found.append(Fault("/follow_up_on", _("The day lies in the past.")))
    for name, most in (("latitude", 90), ("longitude", 180)):
        value = getattr(report, name)
        if value is not None and abs(value) > most:
            found.append(Fault(f"/{name}", _("This is no place on earth.")))
    return found


def demand_text(text: str, pointer: str) -> None:
    if not text.strip():
        sentence = _("Write a few words.")
        raise Invalid(sentence, [Fault(pointer, sentence)])


def note(
    row: Activity, action: str, *, by: Person, at: datetime, before: Any, after: Any,
    reason: str = "",
) -> None:  # fmt: skip
    """Append the trail's row about an activity."""
    audit.record(
        by=by, at=at, action=action, subject=f"visits/{row.pk}", district=row.unit.district,
        unit=row.unit, reason=reason[:200],
        changes=[{"key": {"dealer": row.dealer.code if row.dealer else ""}, "before": before,
                  "after": after}],
    )  # fmt: skip
