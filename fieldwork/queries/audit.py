"""What the auditor compares, as people see it: differences, imbalances, the sampled papers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from fieldwork.models import (
    DayTakings,
    DealerStatement,
    MovementKind,
    Sample,
    SampledUser,
    StockMovement,
)
from fieldwork.rules.audit import SETTLE_WITHIN
from fieldwork.rules.retention import rate
from orgchart.models import DealerAffiliation, Unit
from targets.months import last_day

DIFFERS = Q(system=None) | Q(receipts=None) | ~Q(system=F("receipts"))
NO_FINDING = Q(finding=None) | Q(finding__voided_at__isnull=False)
UNSOUND = Q(contract=False) | Q(id_copy=False) | Q(signature=False)


@dataclass(frozen=True, slots=True)
class Result:
    """A sample so far: how many are drawn, looked at, and sound of these."""

    drawn: int
    checked: int
    sound: int

    @property
    def sound_share(self) -> Fraction | None:
        return rate(self.sound, self.checked)


def takings_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[DayTakings]:
    """Return the takings of the units' dealers (None: all), the latest first."""
    rows = DayTakings.objects.filter(district=district).select_related(
        "dealer", "unit", "finding", "settled_by"
    )
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def unsettled(rows: QuerySet[DayTakings]) -> QuerySet[DayTakings]:
    """Return the differences that are neither settled nor a finding."""
    return rows.filter(DIFFERS, NO_FINDING, settled_at=None)


def overdue(rows: QuerySet[DayTakings], on: date) -> QuerySet[DayTakings]:
    """Return those that should have been settled before the day."""
    return unsettled(rows).filter(day__lt=on - timedelta(days=SETTLE_WITHIN))


def statements_of(
    district: Unit, unit_ids: Collection[int] | None, month: date
) -> QuerySet[DealerStatement]:
    """Return a month's statements with `gap` (in less out less balance) and, of goods, `handed`:
    what the store's ledger says the unit handed to the dealer in the month."""
    handed = (
        StockMovement.objects.filter(
            dealer=OuterRef("dealer"), item=OuterRef("item"), kind=MovementKind.HAND_OUT,
            on__gte=month, on__lte=last_day(month),
        )
        .order_by().values("dealer").annotate(count=-Sum("quantity")).values("count")
    )  # fmt: skip
    rows = (
        DealerStatement.objects.filter(district=district, month=month)
        .select_related("dealer", "unit", "item", "finding")
        .annotate(
            gap=F("opening") + F("taken") - F("sold") - F("returned") - F("balance"),
            handed=Coalesce(Subquery(handed, output_field=IntegerField()), 0),
        )
    )
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def off_balance(rows: QuerySet[DealerStatement]) -> QuerySet[DealerStatement]:
    """Return the statements that do not balance, or took otherwise than was handed out."""
    return rows.filter(~Q(gap=0) | (Q(item__isnull=False) & ~Q(handed=F("taken"))))


def statement_months(district: Unit) -> list[date]:
    """Return the months that have statements, the latest first."""
    rows = DealerStatement.objects.filter(district=district).order_by("-month")
    return list(rows.values_list("month", flat=True).distinct())


def samples_of(district: Unit) -> QuerySet[Sample]:
    """Return the samples, the latest month first."""
    return Sample.objects.filter(district=district).select_related("drawn_by")


def sampled_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[SampledUser]:
    """Return the drawn users of the units (None: all)."""
    rows = SampledUser.objects.filter(district=district).select_related(
        "sample", "dealer", "unit", "finding", "checked_by"
    )
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def result_of(rows: QuerySet[SampledUser]) -> Result:
    """Return how the papers of drawn users were; one query."""
    checked = Q(checked_at__isnull=False)
    found = rows.order_by().aggregate(
        drawn=Count("pk"), checked=Count("pk", filter=checked),
        sound=Count("pk", filter=checked & ~UNSOUND),
    )  # fmt: skip
    return Result(**found)


class Belonging:
    """Which unit each dealer of a district belonged to on a day; one query."""

    def __init__(self, district: Unit) -> None:
        self._spans: dict[int, list[tuple[date, date | None, Unit]]] = {}
        rows = DealerAffiliation.objects.filter(dealer__district=district).select_related("unit")
        for row in rows.order_by("valid_from", "pk"):
            spans = self._spans.setdefault(row.dealer_id, [])
            spans.append((row.valid_from, row.valid_to, row.unit))

    def unit(self, dealer_id: int, day: date) -> Unit | None:
        for first, last, unit in self._spans.get(dealer_id, []):
            if first <= day and (last is None or day <= last):
                return unit
        return None
