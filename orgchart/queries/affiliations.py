"""Affiliation statistics (plan, appendix 3): outlets by unit, manager, tier and kind on a day."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef

from orgchart.models import (
    KINDS_OF_TIER,
    Dealer,
    DealerAffiliation,
    DealerKind,
    DealerTier,
    Person,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of outlet; `is_first` opens the columns of a tier."""

    kind: str
    label: str
    tier: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Counts of outlets in the order of the columns. No manager: stray outlets (rules §6)."""

    manager: str
    manager_code: str
    counts: tuple[int, ...]
    total: int

    @property
    def is_stray(self) -> bool:
        return not self.manager_code


@dataclass(frozen=True, slots=True)
class UnitLines:
    """The account managers of a unit, strays last, and the unit's own sums."""

    code: str
    unit: str
    lines: tuple[Line, ...]
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Statistics:
    on: date
    tiers: tuple[tuple[str, int], ...]  # label, number of columns
    columns: tuple[Column, ...]
    units: tuple[UnitLines, ...]
    counts: tuple[int, ...]
    total: int
    strays: int  # outlets of a unit without an account manager
    unaffiliated: int  # open outlets that belonged to no unit on the day


COLUMNS: tuple[tuple[DealerTier, DealerKind, bool], ...] = tuple(
    (tier, kind, place == 0)
    for tier, kinds in KINDS_OF_TIER.items()
    for place, kind in enumerate(kinds)
)


def statistics(district: Unit, on: date, unit_ids: Collection[int] | None = None) -> Statistics:
    """Count the outlets as of a day, in four queries. With `unit_ids`, of those units only."""
    units = Unit.objects.of(district).business().open_on(on)
    affiliations = DealerAffiliation.objects.on(on).filter(dealer__district=district)
    if unit_ids is not None:
        units, affiliations = units.filter(pk__in=unit_ids), affiliations.filter(unit__in=unit_ids)
    cells = affiliations.values_list(
        "unit_id", "account_manager_id", "dealer__tier", "dealer__kind"
    ).annotate(Count("pk")).order_by()  # fmt: skip
    managers = Person.objects.in_bulk({cell[1] for cell in cells} - {None})
    loose = 0
    if unit_ids is None:
        loose = (
            Dealer.objects.open_on(on)
            .filter(district=district)
            .exclude(Exists(DealerAffiliation.objects.on(on).filter(dealer=OuterRef("pk"))))
            .count()
        )

    counts: dict[tuple[int, int | None], Counter[tuple[str, str]]] = {}
    for unit_id, manager_id, tier, kind, number in cells:
        counts.setdefault((unit_id, manager_id), Counter())[tier, kind] += number
    blocks = tuple(_unit_lines(unit, counts, managers) for unit in units)
    return Statistics(
        on=on,
        tiers=tuple((str(tier.label), len(kinds)) for tier, kinds in KINDS_OF_TIER.items()),
        columns=tuple(
            Column(kind.value, str(kind.label), tier.value, is_first)
            for tier, kind, is_first in COLUMNS
        ),
        units=blocks,
        counts=_sums([block.counts for block in blocks]),
        total=sum(block.total for block in blocks),
        strays=sum(line.total for block in blocks for line in block.lines if line.is_stray),
        unaffiliated=loose,
    )


def _unit_lines(
    unit: Unit,
    counted: dict[tuple[int, int | None], Counter[tuple[str, str]]],
    managers: dict[int, Person],
) -> UnitLines:
    lines = []
    for (unit_id, manager_id), cells in counted.items():
        if unit_id != unit.pk:
            continue
        manager = managers[manager_id] if manager_id is not None else None
        counts = tuple(cells[tier.value, kind.value] for tier, kind, _ in COLUMNS)
        lines.append(
            Line(
                manager=manager.name if manager else "",
                manager_code=manager.code if manager else "",
                counts=counts,
                total=sum(counts),
            )
        )
    lines.sort(key=lambda line: (line.is_stray, line.manager_code))
    return UnitLines(
        code=unit.code,
        unit=unit.name,
        lines=tuple(lines),
        counts=_sums([line.counts for line in lines]),
        total=sum(line.total for line in lines),
    )


def _sums(rows: list[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(row[place] for row in rows) for place in range(len(COLUMNS)))
