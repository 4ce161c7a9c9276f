"""The store as people see it: stock by item and place, what is promised, requests, the ledger."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from fieldwork.models import (
    RequestState,
    StockItem,
    StockMovement,
    StockRequest,
    StockRequestLine,
)
from fieldwork.rules.warehouse import closing, is_short
from orgchart.models import Unit
from targets.months import last_day

Stock = Mapping[tuple[int, int], int]  # (item, place) → count


@dataclass(frozen=True, slots=True)
class Shelf:
    """An item with what lies where, by place id; `promised`: approved and not issued yet."""

    item: StockItem
    counts: Mapping[int, int]
    store: int
    promised: int

    @property
    def free(self) -> int:
        return self.store - self.promised

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def is_short(self) -> bool:
        return not self.item.is_closed and is_short(
            self.store, self.promised, self.item.warning_level
        )


def items_of(district: Unit) -> QuerySet[StockItem]:
    """Return the items of the district's store."""
    return StockItem.objects.filter(district=district)


def stock_of(
    district: Unit, unit_ids: Collection[int] | None = None, item_ids: Collection[int] | None = None
) -> dict[tuple[int, int], int]:
    """Return what lies where, summed from the ledger: (item, place) → count; one query."""
    rows = movements_of(district, unit_ids)
    if item_ids is not None:
        rows = rows.filter(item_id__in=item_ids)
    sums = rows.order_by().values_list("item", "unit").annotate(count=Sum("quantity"))
    return {(item, unit): count for item, unit, count in sums}


def promised(district: Unit) -> dict[int, int]:
    """Return what approved requests still wait for, by item id."""
    lines = StockRequestLine.objects.filter(
        request__district=district, request__state=RequestState.APPROVED
    )
    return dict(lines.order_by().values_list("item").annotate(Sum("granted")))


def shelves(
    district: Unit, items: Iterable[StockItem], unit_ids: Collection[int] | None = None
) -> list[Shelf]:
    """Return items with their counts at the places (None: all) and in the store; two queries."""
    places = None if unit_ids is None else {*unit_ids, district.pk}
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    for (item_id, place), count in stock_of(district, places).items():
        counts[item_id][place] = count
    taken = promised(district)
    return [
        Shelf(item, counts[item.pk], counts[item.pk].get(district.pk, 0), taken.get(item.pk, 0))
        for item in items
    ]


def shortages(district: Unit) -> list[Shelf]:
    """Return the items of which less than the warning level is free in the store."""
    items = items_of(district).filter(is_closed=False, warning_level__gt=0)
    return [shelf for shelf in shelves(district, items, ()) if shelf.is_short]


def movements_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[StockMovement]:
    """Return the ledger's lines at the places (None: all), the latest first."""
    rows = StockMovement.objects.filter(district=district)
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


@dataclass(frozen=True, slots=True)
class Flow:
    """A month of an item at a place: brought forward, came, left (both positive), there."""

    item: StockItem
    unit: Unit
    opening: int
    came: int
    left: int

    @property
    def closing(self) -> int:
        return closing(self.opening, self.came, self.left)


def flows_of(district: Unit, unit_ids: Collection[int] | None, month: date) -> list[Flow]:
    """Return the month of every item at every place (None: all) that held or moved it.

    Three queries. Stock-takes count as what came or left.
    """
    in_month, last = Q(on__gte=month), last_day(month)
    sums = (
        movements_of(district, unit_ids)
        .filter(on__lte=last)
        .order_by()
        .values_list("item", "unit")
        .annotate(
            opening=Sum("quantity", filter=~in_month, default=0),
            came=Sum("quantity", filter=in_month & Q(quantity__gt=0), default=0),
            left=Sum("quantity", filter=in_month & Q(quantity__lt=0), default=0),
        )
    )
    found = {(item, unit): rest for item, unit, *rest in sums}
    units = Unit.objects.filter(pk__in={unit for _item, unit in found})
    places = sorted(units, key=lambda unit: (unit.pk != district.pk, unit.position, unit.pk))
    return [
        Flow(item, place, opening, came, -left)
        for item in items_of(district)
        for place in places
        if (item.pk, place.pk) in found
        for opening, came, left in [found[item.pk, place.pk]]
        if opening or came or left
    ]


def requests_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[StockRequest]:
    """Return the requests of the units (None: all), the latest first."""
    rows = StockRequest.objects.filter(district=district).select_related(
        "unit", "made_by", "decided_by", "issued_by"
    )
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def place_name(place: Unit, district_id: int) -> str:
    """Return a place in short: the district's own is the store."""
    return _("Store") if place.pk == district_id else place.short
