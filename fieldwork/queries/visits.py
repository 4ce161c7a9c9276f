"""Visits as people see them, what they add up to, and what the month's figure could be."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from fieldwork.models import Activity, ActivityKind, ActivityState, Form, FormKind, VisitFrequency
from fieldwork.rules.visits import SIX_ITEMS
from kpi.models import Actual, Month, MonthState
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import Dealer, DealerTier, Unit
from orgchart.queries.dealers import dealers
from targets.models import Breakdown, Dimension, Indicator
from targets.months import last_day

INDICATOR = "channel_visits"
OPEN = (ActivityState.PLANNED, ActivityState.APPROVED)


@dataclass(frozen=True, slots=True)
class Tally:
    """A unit's visits of a month: planned, done of them, outlets planned and reached."""

    unit: Unit
    planned: int
    done: int
    outlets: int
    reached: int

    @property
    def rate(self) -> Decimal | None:
        return Decimal(self.done) / self.planned if self.planned else None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the visits make of the reported figure; `reported` None: nothing reported yet."""

    unit: Unit
    month: date
    counted: int
    reported: Decimal | None
    version: int | None
    is_open: bool

    @property
    def differs(self) -> bool:
        return self.reported != self.counted


def visits_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[Activity]:
    """Return the visits of the units (None: all) with outlet, unit and person, in day order."""
    rows = Activity.objects.filter(kind=ActivityKind.VISIT, unit__district=district)
    rows = rows.select_related("unit", "dealer", "person", "form")
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def unsolved(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    """Return those with a problem that nobody has closed, the most urgent first."""
    return rows.filter(follow_up_on__isnull=False, closed_at=None).order_by("follow_up_on", "pk")


def late(rows: QuerySet[Activity], on: date) -> QuerySet[Activity]:
    """Return those of the month of the day that should have been done before the day."""
    first = on.replace(day=1)
    return rows.filter(state__in=OPEN, planned_on__gte=first, planned_on__lt=on)


def missed(rows: QuerySet[Activity], on: date) -> QuerySet[Activity]:
    """Return those of past months that were never done: their figure has gone out."""
    return rows.filter(state__in=OPEN, planned_on__lt=on.replace(day=1))


def unsolved_late(rows: QuerySet[Activity], on: date) -> QuerySet[Activity]:
    """Return those with an open problem that should have been followed up before the day."""
    return unsolved(rows).filter(follow_up_on__lt=on)


def in_month(month: date) -> Q:
    """Return the condition of being planned for a day of the month."""
    return Q(planned_on__gte=month, planned_on__lte=last_day(month))


def done_in(month: date) -> Q:
    """Return the condition of being done in the month, by the business day."""
    first = datetime.combine(month, time(), tzinfo=BUSINESS_ZONE)
    after = datetime.combine(last_day(month) + timedelta(days=1), time(), tzinfo=BUSINESS_ZONE)
    return Q(state=ActivityState.DONE, done_at__gte=first, done_at__lt=after)


def tallies(district: Unit, month: date, unit_ids: Collection[int] | None) -> list[Tally]:
    """Return what each unit planned and did in the month; two queries."""
    units = Unit.objects.of(district).business().open_on(last_day(month)).order_by("position", "pk")
    if unit_ids is not None:
        units = units.filter(pk__in=unit_ids)
    live = in_month(month) & ~Q(state=ActivityState.CANCELLED)
    sums = {
        each["unit"]: each
        for each in Activity.objects.filter(kind=ActivityKind.VISIT, unit__in=units)
        .order_by()
        .values("unit")
        .annotate(
            planned=Count("pk", filter=live),
            done=Count("pk", filter=live & Q(state=ActivityState.DONE)),
            outlets=Count("dealer", filter=live, distinct=True),
            reached=Count("dealer", filter=live & Q(state=ActivityState.DONE), distinct=True),
        )
    }
    nothing = {"planned": 0, "done": 0, "outlets": 0, "reached": 0}
    return [
        Tally(unit, each["planned"], each["done"], each["outlets"], each["reached"])
        for unit in units
        for each in [sums.get(unit.pk, nothing)]
    ]


def suggestions(district: Unit, month: date, unit_ids: Collection[int] | None) -> list[Suggestion]:
    """Return the visits done in the month beside the figure reported; at most five queries."""
    units = Unit.objects.of(district).business().open_on(last_day(month)).order_by("position", "pk")
    if unit_ids is not None:
        units = units.filter(pk__in=unit_ids)
    row = Month.objects.filter(district=district, month=month).first()
    counts = dict(
        Activity.objects.filter(done_in(month), kind=ActivityKind.VISIT, unit__in=units)
        .order_by()
        .values_list("unit")
        .annotate(Count("pk"))
    )
    figures = {
        figure.unit_id: figure
        for figure in Actual.objects.filter(
            month=month, unit__in=units, indicator__code=INDICATOR,
            indicator__district=district, breakdown__dimension=Dimension.WHOLE,
        )
    }  # fmt: skip
    return [
        Suggestion(
            unit, month, counts.get(unit.pk, 0), figure.value if figure else None,
            (figure.version or None) if figure else None,
            row is not None and row.state == MonthState.OPEN,
        )
        for unit in units
        for figure in [figures.get(unit.pk)]
    ]  # fmt: skip


def visit_cell(district: Unit) -> tuple[Indicator, Breakdown] | None:
    """Return where the channel-visit figure is reported; None where no such indicator is kept."""
    indicator = Indicator.objects.filter(
        district=district, code=INDICATOR, is_derived=False, entry=Dimension.WHOLE
    ).first()
    whole = Breakdown.objects.filter(district=district, dimension=Dimension.WHOLE).first()
    return (indicator, whole) if indicator and whole else None


def frequencies(district: Unit, on: date) -> dict[str, Decimal]:
    """Return tier → visits a month, as in force on the day."""
    rows = VisitFrequency.objects.filter(district=district, valid_from__lte=on)
    return dict(rows.order_by("valid_from").values_list("tier", "visits"))


def visited_dealers(district: Unit, on: date, unit_ids: Collection[int] | None) -> QuerySet[Dealer]:
    """Return the outlets that are visited: in business on the day, no legacy ones."""
    return dealers(district, on, unit_ids).open_on(on).exclude(tier=DealerTier.LEGACY)


def check_list(district: Unit, on: date, kind: str = FormKind.SIX_ITEMS) -> Form | None:
    """Return the version of a form in force on the day."""
    rows = Form.objects.on(on).filter(district=district, kind=kind)
    return rows.order_by("-number").first()


def six_items_of(district: Unit, on: date) -> Form:
    """Return the six items in force; the default, not stored, where the district has none."""
    fields = [
        {"code": code, "zh": zh, "en": en, "type": "check", "options": [], "required": False}
        for code, zh, en in SIX_ITEMS
    ]
    return check_list(district, on) or Form(
        district=district, kind=FormKind.SIX_ITEMS, fields=fields, valid_from=on,
        name_zh="六个一标准", name_en="Six-item standard",
    )  # fmt: skip
