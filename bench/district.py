"""A district of any size with one month of tasks and figures: 12 indicators × 2 products."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from kpi.models import Month
from kpi.rules.scoring import Rule
from kpi.services.entries import ItemEntry
from kpi.services.scorecards import publish_scorecard, save_scorecard
from orgchart.guards import GUARDS
from orgchart.models import Person, Post, Role, Tenure, Unit, UnitKind
from targets.models import Breakdown, Dimension, Indicator, Term

MONTH = date(2026, 3, 1)
START = date(2026, 1, 1)
NOW = datetime(2026, 4, 2, 2, 0, tzinfo=UTC)
# Both gates of the leaderboard, and ten more.
CODES = ["total_revenue", "mobile_gross_adds", *(f"indicator{n}" for n in range(3, 13))]

_CELLS = """
FROM orgchart_unit u, targets_indicator n, targets_breakdown b
WHERE u.district_id = %s AND u.kind = 'grid' AND n.district_id = u.district_id
  AND b.district_id = u.district_id
ORDER BY u.id, n.id, b.id
"""
TASKS = f"""
INSERT INTO targets_task
  (month, unit_id, indicator_id, breakdown_id, value, is_locked, lock_reason, version)
SELECT %s, u.id, n.id, b.id, 10000 * (100 + (u.id * 7 + n.id * 13 + b.id) %% 50), FALSE, '', 1
{_CELLS}"""
ACTUALS = f"""
INSERT INTO kpi_actual
  (month, unit_id, indicator_id, breakdown_id, value, as_of, version, reported_at, doubt_reason)
SELECT %s, u.id, n.id, b.id, 10000 * (80 + (u.id * 11 + n.id * 5 + b.id) %% 90), %s, 1, %s, ''
{_CELLS}"""


@dataclass(frozen=True, slots=True)
class District:
    """A district, the account of its head, and its open month."""

    root: Unit
    head: User
    month: Month


def build(code: str, units: int) -> District:
    """Build a district with so many units; everything of the month is reported."""
    root = Unit.objects.create(
        code=code, kind=UnitKind.DISTRICT, name_zh=code, name_en=code, opened_on=START
    )
    root.district = root
    root.save()
    Unit.objects.bulk_create(
        [
            Unit(
                code=f"{code}-{n}",
                kind=UnitKind.GRID,
                name_zh=f"网格{n}",
                name_en=f"Grid {n}",
                parent=root,
                district=root,
                position=n % 30_000,
                opened_on=START,
            )
            for n in range(1, units + 1)
        ],
        batch_size=500,
    )
    for position, product in enumerate(("fixed_line", "broadband")):
        Breakdown.objects.create(
            district=root,
            dimension=Dimension.PRODUCT,
            code=product,
            name_zh=product,
            position=position,
        )
    for position, indicator_code in enumerate(CODES):
        indicator = Indicator.objects.create(
            district=root,
            code=indicator_code,
            name_zh=indicator_code,
            measure_zh="户",
            decimals=0,
            entry=Dimension.PRODUCT,
            position=position,
        )
        Term.objects.create(indicator=indicator, source=indicator)
    _put_card_in_force(root)
    month = Month.objects.create(district=root, month=MONTH)
    with connection.cursor() as cursor:
        fill(cursor, root, MONTH)
    return District(root, _appoint_head(root), month)


def fill(cursor: Any, root: Unit, month: date) -> None:
    """Give every unit a task and a figure in each cell of a month."""
    first, at = month.isoformat(), connection.ops.adapt_datetimefield_value(NOW)
    with _unchecked(cursor):
        cursor.execute(TASKS, [first, root.pk])
        cursor.execute(ACTUALS, [first, first, at, root.pk])


@contextmanager
def _unchecked(cursor: Any) -> Iterator[None]:
    """Ask no guard and no foreign key about rows that are right: it takes longer than they do."""
    if connection.vendor == "sqlite":
        off, on = "PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"
    else:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (may,) = cursor.fetchone()
        off, on = (f"SET session_replication_role = {one if may else 'DEFAULT'}"
                   for one in ("replica", "DEFAULT"))  # fmt: skip
    guards = [one for one in GUARDS.values() if one.table in ("targets_task", "kpi_actual")]
    cursor.execute(off)
    for guard in guards:
        guard.lift()
    yield
    for guard in guards:
        guard.install()
    cursor.execute(on)


def _put_card_in_force(root: Unit) -> None:
    weights = [Decimal(8)] * (len(CODES) - 1) + [Decimal(12)]
    card = save_scorecard(
        district=root,
        code="v1",
        name_zh="评分办法",
        unit_kinds=[UnitKind.GRID],
        valid_from=START,
        items=[
            ItemEntry(
                code=f"K{n}",
                name_zh=code,
                rule=Rule.PROPORTIONAL,
                indicator=code,
                weight=weight,
                params={"cap": "1.2", "floor": "0.6"},
            )
            for n, (code, weight) in enumerate(zip(CODES, weights, strict=True), start=1)
        ],
        by=None,
        at=NOW,
    )
    publish_scorecard(scorecard=card, by=None, at=NOW)


def _appoint_head(root: Unit) -> User:
    user = User.objects.create_user(f"{root.code}-head")
    person = Person.objects.create(district=root, code="head", name_zh="主任", user=user)
    post = Post.objects.create(district=root, code="head", role=Role.HEAD, name_zh="主任")
    Tenure.objects.create(person=person, post=post, unit=root, valid_from=START)
    return user


def analyse() -> None:
    """Let the database know what it holds, as it would in service."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
