"""Alarms as people see them, and what the figures of outlets give reason for."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from fieldwork.models import Alarm, AlarmKind, AlarmState, OutletDay, ReportedDay
from fieldwork.queries.visits import visited_dealers
from fieldwork.rules.alarms import IDLE_DAYS, daily_mean, found
from orgchart.models import Dealer, DealerAffiliation, Person, Unit
from targets.months import month_after

LOOK_BACK = timedelta(days=13)  # days before the latest known one that are still worth an alarm


@dataclass(frozen=True, slots=True)
class Reason:
    """What an alarm is made of; figures only where days of the outlet gave the reason."""

    dealer: Dealer
    kind: str
    day: date
    users: int | None = None
    base_users: int | None = None
    base_days: int | None = None

    @property
    def key(self) -> tuple[int, str, date]:
        return self.dealer.pk, self.kind, self.day


@dataclass(frozen=True, slots=True)
class Standing:
    """Until when days are known, and which of the last fourteen are not."""

    latest: date | None
    missing: tuple[date, ...]


def alarms_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[Alarm]:
    """Return the alarms of the units (None: all, also of outlets without a unit), latest first."""
    rows = Alarm.objects.filter(district=district)
    rows = rows.select_related("dealer", "unit", "person", "seen_by", "closed_by", "visit")
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def unanswered(rows: QuerySet[Alarm]) -> QuerySet[Alarm]:
    """Return those that nobody has looked into."""
    return rows.filter(state=AlarmState.OPEN)


def waiting_counts(district_id: int) -> dict[str, int]:
    """Return kind → alarms that nobody has looked into, in the order of kinds; one query."""
    rows = unanswered(Alarm.objects.filter(district=district_id)).order_by()
    counts = dict(rows.values_list("kind").annotate(Count("pk")))
    return {kind.value: counts[kind] for kind in AlarmKind if kind in counts}


def alarm_people(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[Person]:
    """Return the managers who have alarms."""
    whose = alarms_of(district, unit_ids).order_by().values("person")
    return Person.objects.filter(pk__in=whose).order_by("code")


def standing(district: Unit, on: date) -> Standing:
    """Return how far the days of outlets are known; one query."""
    first = on - LOOK_BACK
    known = set(ReportedDay.objects.filter(district=district).values_list("day", flat=True))
    latest = max(known, default=None)
    if latest is None:
        return Standing(None, ())
    days = [first + timedelta(days=n) for n in range((latest - first).days + 1)]
    return Standing(latest, tuple(day for day in days if day not in known))


def without_manager(outlets: Mapping[int, Dealer]) -> Iterator[Reason]:
    """Yield the outlets that nobody looks after, since when they have been so; one query."""
    ended = DealerAffiliation.objects.filter(dealer=OuterRef("pk"), valid_to__isnull=False)
    last = Subquery(ended.order_by("-valid_to").values("valid_to")[:1])
    for dealer in outlets.values():
        if dealer.current is not None and dealer.current.account_manager_id is None:
            yield Reason(dealer, AlarmKind.FREE, dealer.current.valid_from)
    lost = [pk for pk, dealer in outlets.items() if dealer.current is None]
    for pk, until in Dealer.objects.filter(pk__in=lost).annotate(u=last).values_list("pk", "u"):
        since = until + timedelta(days=1) if until else outlets[pk].opened_on
        yield Reason(outlets[pk], AlarmKind.FREE, since)


def days_to_judge(district: Unit) -> list[date]:
    """Return the known days from the first that nobody has judged on, at most fourteen days."""
    rows = ReportedDay.objects.filter(district=district)
    marks = rows.aggregate(latest=Max("day"))
    first = rows.filter(judged_at=None).order_by("day").values_list("day", flat=True).first()
    if first is None:
        return []
    since = max(first, marks["latest"] - LOOK_BACK)
    return list(rows.filter(day__gte=since).order_by("day").values_list("day", flat=True))


def out_of_the_ordinary(
    district: Unit, outlets: Mapping[int, Dealer], judged: list[date]
) -> Iterator[Reason]:
    """Yield what begins on the judged days, outlet by outlet; three queries, however many."""
    first = judged[0] - timedelta(days=IDLE_DAYS)
    # The day before the first judged one may be of the month before.
    months = [month_after(judged[0].replace(day=1), steps) for steps in (-1, 0, 1)]
    base = month_after(months[0], -1)
    days = ReportedDay.objects.filter(district=district, day__range=(base, judged[-1]))
    known = list(days.order_by("day").values_list("day", flat=True))
    rows = OutletDay.objects.filter(dealer__in=outlets, day__range=(base, judged[-1])).order_by()
    sums: dict[int, dict[date, int]] = defaultdict(dict)
    monthly = rows.annotate(month=TruncMonth("day")).values_list("dealer", "month")
    for pk, month, users in monthly.annotate(Sum("users")):
        sums[pk][month] = users
    near: dict[int, dict[date, int]] = defaultdict(dict)
    for pk, day, users in rows.filter(day__gte=first).values_list("dealer", "day", "users"):
        near[pk][day] = users
    for pk, dealer in outlets.items():
        until = dealer.closed_on or judged[-1]
        mine = [day for day in known if dealer.opened_on <= day <= until]
        many = Counter(day.replace(day=1) for day in mine)
        bases: dict[date, tuple[int, int]] = {}
        means: dict[date, Fraction | None] = {}
        for month in months:
            before = month_after(month, -1)
            bases[month] = sums[pk].get(before, 0), many[before]
            means[month] = daily_mean(*bases[month])
        course = {day: near[pk].get(day, 0) for day in mine if day >= first}
        for kind, day in found(course, means, set(judged)):
            yield Reason(dealer, kind, day, course[day], *bases[day.replace(day=1)])


def known_alarms(district: Unit, first: date, free: Collection[int]) -> QuerySet[Alarm]:
    """Return the alarms that the timed job compares with: open ones, and those of its days."""
    is_again = Q(day__gte=first) | Q(kind=AlarmKind.FREE, dealer__in=free)
    return Alarm.objects.filter(~Q(state=AlarmState.CLOSED) | is_again, district=district)


def running(district: Unit, on: date) -> dict[int, Dealer]:
    """Return the outlets in business with their unit and manager of the day; one query."""
    return {dealer.pk: dealer for dealer in visited_dealers(district, on, None)}
