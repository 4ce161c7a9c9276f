"""Importing what outlets activated day by day: all or nothing; again, it changes nothing."""

from collections import defaultdict
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import OutletDay, ReportedDay
from fieldwork.services.account_import import Imported, NotImported
from fieldwork.workbooks.alarms import COLUMNS, REQUIRED
from fieldwork.workbooks.tables import Table, by_name
from orgchart import audit
from orgchart.actors import business_day
from orgchart.models import Dealer, Person, Unit

MOST_USERS = 100_000


@transaction.atomic
def import_days(*, district: Unit, content: bytes, by: Person, at: datetime) -> Imported:
    """Take the days of a file over; each day is the whole district's and replaces what was known.

    An outlet that a day does not name had none. Return how many days are new, changed, the same;
    changed ones are judged again. Raises NotAList, NotImported with every fault.
    """
    today = business_day(at)
    # One import, or one making of alarms, of a district at a time.
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    table = Table(content, COLUMNS, required=REQUIRED)
    known = by_name(Dealer.objects.filter(district=district))
    days: dict[date, dict[int, int]] = defaultdict(dict)
    seen: dict[tuple[date, int], int] = {}
    for row in table:
        dealer = row.one_of("dealer", known, is_required=True)
        day, users = row.day("day"), row.whole("users")
        for column, value in (("day", day), ("users", users)):
            if value is None and row.is_sound:
                row.fault(column, _("This cell must be filled in."))
        if day is not None and day > today:
            row.fault("day", _("The day lies in the future."))
        if users is not None and users > MOST_USERS:
            row.fault("users", _("At most %(count)s a day.") % {"count": f"{MOST_USERS:,}"})
        if not row.is_sound or day is None or users is None:
            continue
        if (day, dealer.pk) in seen:
            text = _("The outlet stands in row %(row)s of this day already.")
            row.fault("dealer", text % {"row": seen[day, dealer.pk]})
        elif users and not dealer.is_open_on(day):
            row.fault("dealer", _("The outlet was not in business on that day."))
        seen[day, dealer.pk] = row.number
        days[day] |= {dealer.pk: users} if users else {}
    if table.faults:
        text = _("%(count)s faults; nothing was imported.") % {"count": len(table.faults)}
        raise NotImported(text, table.faults)
    return store_days(district=district, days=days, by=by, at=at)


def store_days(
    *, district: Unit, days: dict[date, dict[int, int]], by: Person, at: datetime
) -> Imported:
    """Write the days, as dealer id → users more than none, and owe their judging."""
    present = OutletDay.objects.filter(dealer__district=district, day__in=days)
    before: dict[date, dict[int, int]] = defaultdict(dict)
    for day, dealer_id, users in present.values_list("day", "dealer", "users"):
        before[day][dealer_id] = users
    there = ReportedDay.objects.filter(district=district, day__in=days)
    known = set(there.values_list("day", flat=True))
    made = [day for day in days if day not in known]
    changed = [day for day in days if day in known and days[day] != before[day]]
    touched = sorted([*made, *changed])
    present.filter(day__in=touched).delete()
    OutletDay.objects.bulk_create(
        [
            OutletDay(day=day, dealer_id=dealer_id, users=users)
            for day in touched
            for dealer_id, users in days[day].items()
        ],
        batch_size=1000,
    )
    there.filter(day__in=changed).update(loaded_by=by, loaded_at=at, judged_at=None)
    ReportedDay.objects.bulk_create(
        ReportedDay(district=district, day=day, loaded_by=by, loaded_at=at) for day in made
    )
    if touched:
        audit.record(
            by=by, at=at, action="outlets.import", subject="alarms/days", district=district,
            source="file",
            changes=[
                {"key": {"day": day.isoformat()}, "before": sum(before[day].values()) or None,
                 "after": sum(days[day].values())}
                for day in touched
            ],
        )  # fmt: skip
    return Imported(len(made), len(changed), len(days) - len(touched))
