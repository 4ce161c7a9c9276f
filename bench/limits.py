"""Two other ways to score the month of bench.district: a statement for this card alone, the ORM.

Both know that every item is proportional with a threshold of 60 % and a cap of 120 %, that all
tasks are positive and everything is reported. They store the same lines, totals and ranks.
"""

from decimal import ROUND_HALF_UP, Decimal

from django.db import connection, transaction
from django.db.models import Sum

from bench import district
from kpi.models import Actual, Score, Scorecard, ScoreLine
from targets.models import Task

LINES = """
INSERT INTO kpi_scoreline
  (month, unit_id, item_id, state, target, actual, basis_n, basis_d, points)
SELECT %(month)s, t.unit_id, i.id, 'scored', t.value, a.value, a.value, t.value,
  CASE WHEN a.value * 5 > t.value * 6 THEN (i.weight * 12 + 500) / 1000 * 100
       WHEN a.value * 5 < t.value * 3 THEN 0
       ELSE (2 * i.weight * a.value + 100 * t.value) / (200 * t.value) * 100 END
FROM (
  SELECT t.unit_id, t.indicator_id, CAST(SUM(t.value) AS BIGINT) AS value
  FROM orgchart_unit u JOIN targets_task t ON t.month = %(month)s AND t.unit_id = u.id
  WHERE u.district_id = %(district)s GROUP BY t.unit_id, t.indicator_id
) t
JOIN (
  SELECT a.unit_id, a.indicator_id, CAST(SUM(a.value) AS BIGINT) AS value
  FROM orgchart_unit u JOIN kpi_actual a ON a.month = %(month)s AND a.unit_id = u.id
  WHERE u.district_id = %(district)s GROUP BY a.unit_id, a.indicator_id
) a ON a.unit_id = t.unit_id AND a.indicator_id = t.indicator_id
JOIN kpi_scorecarditem i ON i.indicator_id = t.indicator_id
WHERE TRUE
ON CONFLICT (month, unit_id, item_id) DO UPDATE SET
  target = excluded.target, actual = excluded.actual, basis_n = excluded.basis_n,
  basis_d = excluded.basis_d, points = excluded.points
"""
TOTALS = """
INSERT INTO kpi_score
  (month, unit_id, scorecard_id, applicable_weight, unspread, base, bonus, total, rank,
   pending, is_vetoed, is_award_vetoed)
SELECT %(month)s, unit_id, scorecard_id, 1000000, total, total, 0, total,
  RANK() OVER (ORDER BY total DESC), 0, FALSE, FALSE
FROM (
  SELECT l.unit_id, i.scorecard_id, CAST(SUM(l.points) AS BIGINT) AS total
  FROM orgchart_unit u
  JOIN kpi_scoreline l ON l.month = %(month)s AND l.unit_id = u.id
  JOIN kpi_scorecarditem i ON i.id = l.item_id
  WHERE u.district_id = %(district)s GROUP BY l.unit_id, i.scorecard_id
) totals
WHERE TRUE
ON CONFLICT (month, unit_id) DO UPDATE SET total = excluded.total, rank = excluded.rank
"""


def by_statement(chosen: district.District) -> None:
    """Score with the shortest statements that serve this card only."""
    given = {"month": district.MONTH.isoformat(), "district": chosen.root.pk}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LINES, given)
        cursor.execute(TOTALS, given)


@transaction.atomic
def by_orm(chosen: district.District) -> None:
    """Score as one writes it with the ORM: aggregates, a loop with Decimal, bulk upserts."""
    card = Scorecard.objects.get(district=chosen.root)
    items = {item.indicator_id: item for item in card.items.all()}
    where = {"month": district.MONTH, "unit__district": chosen.root}
    keys = ("unit_id", "indicator_id")
    tasks = Task.objects.filter(**where).order_by().values_list(*keys).annotate(Sum("value"))
    actuals = Actual.objects.filter(**where).order_by().values_list(*keys).annotate(Sum("value"))
    reported = {(unit, indicator): value for unit, indicator, value in actuals}
    lines, totals = [], {}
    for unit, indicator, task in tasks:
        item, actual = items[indicator], reported[unit, indicator]
        rate = min(actual / task, Decimal("1.2"))
        points = item.weight * rate if rate >= Decimal("0.6") else Decimal(0)
        points = points.quantize(Decimal("0.01"), ROUND_HALF_UP)
        totals[unit] = totals.get(unit, Decimal(0)) + points
        lines.append(
            ScoreLine(
                month=district.MONTH, unit_id=unit, item=item, state="scored", target=task,
                actual=actual, basis_n=int(actual * 10000), basis_d=int(task * 10000),
                points=points,
            )
        )  # fmt: skip
    ScoreLine.objects.bulk_create(
        lines,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["month", "unit_id", "item_id"],
        update_fields=["state", "target", "actual", "basis_n", "basis_d", "points"],
    )
    scores, above, rank = [], None, 0
    for place, (unit, total) in enumerate(sorted(totals.items(), key=lambda pair: -pair[1]), 1):
        if total != above:
            above, rank = total, place
        scores.append(
            Score(
                month=district.MONTH, unit_id=unit, scorecard=card, applicable_weight=Decimal(100),
                unspread=total, base=total, bonus=Decimal(0), total=total, rank=rank,
            )
        )  # fmt: skip
    Score.objects.bulk_create(
        scores,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["month", "unit_id"],
        update_fields=["total", "rank"],
    )
