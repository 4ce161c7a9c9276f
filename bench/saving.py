"""Goal 4: 288 figures saved with their trail, beside a bare upsert of the same rows."""

from dataclasses import replace
from itertools import product
from statistics import quantiles

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench import district
from bench.measure import Row, Work, compared, middle, timings
from kpi.models import Actual
from kpi.services.actuals import save_actuals
from kpi.services.entered import CellEntry
from orgchart.models import Unit, UnitKind
from targets.models import Breakdown, Indicator
from targets.months import last_day, month_after

UNITS = 12
ROUNDS = 40


class Saving:
    """The cells of twelve units, and the works that are timed on them."""

    def __init__(self, chosen: district.District) -> None:
        self.root = chosen.root
        units = Unit.objects.filter(district=self.root, kind=UnitKind.GRID).order_by("pk")[:UNITS]
        indicators = Indicator.objects.filter(district=self.root)
        products = Breakdown.objects.filter(district=self.root)
        self.keys = [
            (unit.pk, indicator.pk, one.pk)
            for unit, indicator, one in product(units, indicators, products)
        ]
        Actual.objects.bulk_create(  # the month before, as in any month but the first
            Actual(month=month_after(district.MONTH, -1), unit_id=unit, indicator_id=indicator,
                   breakdown_id=part, value=100, as_of=last_day(month_after(district.MONTH, -1)),
                   reported_at=district.NOW)
            for unit, indicator, part in self.keys
        )  # fmt: skip
        self.cells: list[CellEntry] = []
        self.rows: list[Actual] = []

    def change(self, count: int) -> None:
        """Prepare a save of every cell in which so many have changed."""
        rows = {
            (row.unit_id, row.indicator_id, row.breakdown_id): row
            for row in Actual.objects.filter(
                month=district.MONTH, unit_id__in={unit for unit, _, _ in self.keys}
            )
        }
        as_of = last_day(district.MONTH)
        self.rows = [rows[key] for key in self.keys]
        self.cells = []
        for number, row in enumerate(self.rows):
            entry = CellEntry(
                row.unit_id, row.indicator_id, row.breakdown_id, district.MONTH,
                row.value, row.as_of, row.version,
            )  # fmt: skip
            if number < count:
                entry = replace(entry, value=row.value + 1, as_of=as_of)
            self.cells.append(entry)
        for row in self.rows:
            row.value, row.version = row.value + 1, row.version + 1

    def save(self) -> None:
        save_actuals(district=self.root, cells=self.cells, by=None, at=district.NOW)

    def upsert(self) -> None:
        with transaction.atomic():
            Actual.objects.bulk_create(
                self.rows,
                update_conflicts=True,
                unique_fields=["month", "unit_id", "indicator_id", "breakdown_id"],
                update_fields=["value", "as_of", "version", "reported_at", "reported_by"],
            )


def saving(chosen: district.District) -> list[Row]:
    """Save all of the cells, then all of them with twelve changes."""
    one = Saving(chosen)
    count = len(one.keys)
    one.change(count)
    one.save()
    one.change(count)
    with CaptureQueriesContext(connection) as asked:
        one.save()
    taken = timings(
        [
            Work(one.save, lambda: one.change(count)),
            Work(one.upsert, lambda: one.change(count)),
            Work(one.save, lambda: one.change(12)),
        ],
        ROUNDS,
    )
    ours, bare, few = (middle(times) for times in taken)
    late, bare_late = (quantiles((one.clock for one in times), n=20)[18] for times in taken[:2])
    own = [query for query in asked if not _is_frame(query["sql"])]
    return [
        *compared(f"save {count} figures: bare upsert", ours, bare, 1.6),
        *compared(f"save 12 of {count} figures: bare upsert", few, bare, 0.7),
        Row(f"save {count} figures, p95: bare upsert, p95", late, bare_late, 2),
        Row(f"save {count} figures: statements", len(own), 8, 1, "stmts"),
    ]


def _is_frame(sql: str) -> bool:
    return sql.split(" ")[0] in {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}
