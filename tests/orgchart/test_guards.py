"""The database refuses what no code path may do."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from kpi.models import Actual, Month, MonthState
from orgchart import audit
from orgchart.models import AuditEntry
from tests.district import MARCH, NOW, District


@pytest.fixture
def entry(district: District) -> AuditEntry:
    return audit.record(
        by=district.people["clerk"], at=NOW, action="test", subject="test", changes=[],
        district=district.root,
    )  # fmt: skip


def test_the_trail_cannot_be_rewritten(entry: AuditEntry) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(reason="other")


def test_the_trail_cannot_be_deleted(entry: AuditEntry) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_a_closed_month_takes_no_actual(district: District) -> None:
    figure = {
        "month": MARCH, "unit": district.units["grid1"], "value": 1, "as_of": MARCH,
        "indicator": district.indicators["mobile_revenue"], "reported_at": NOW,
        "breakdown": district.breakdowns["all"],
    }  # fmt: skip
    Actual.objects.create(**figure)
    district.month.state = MonthState.CLOSED
    district.month.save()
    for change in (
        lambda: Actual.objects.update(value=2),
        lambda: Actual.objects.all().delete(),
        lambda: Actual.objects.create(**figure | {"unit": district.units["grid2"]}),
    ):
        with pytest.raises(DatabaseError, match="the month is closed"), transaction.atomic():
            change()


def test_one_row_of_a_closed_month_stops_the_whole_statement(district: District) -> None:
    """Also the row an upsert would change, and one taken out of the month or brought into it."""
    april = date(2026, 4, 1)
    Month.objects.create(district=district.root, month=april)
    rows = [
        Actual(
            month=month, unit=district.units["grid1"], value=1, as_of=month, reported_at=NOW,
            indicator=district.indicators[code], breakdown=district.breakdowns["all"],
        )
        for month in (MARCH, april)
        for code in ("mobile_revenue", "mobile_gross_adds")
    ]  # fmt: skip
    Actual.objects.bulk_create([rows[0], rows[2]])
    district.month.state = MonthState.CLOSED
    district.month.save()
    upsert = {
        "update_conflicts": True, "update_fields": ["value"],
        "unique_fields": ["month", "unit_id", "indicator_id", "breakdown_id"],
    }  # fmt: skip
    gross_adds = district.indicators["mobile_gross_adds"]
    for change in (
        lambda: Actual.objects.update(value=2),
        lambda: Actual.objects.bulk_create([rows[2], rows[0]], **upsert),
        lambda: Actual.objects.bulk_create([rows[3], rows[1]]),
        lambda: Actual.objects.filter(month=MARCH).update(month=april, indicator=gross_adds),
        lambda: Actual.objects.filter(month=april).update(month=MARCH, indicator=gross_adds),
    ):
        with pytest.raises(DatabaseError, match="the month is closed"), transaction.atomic():
            change()
    assert list(Actual.objects.values_list("month", "value")) == [(MARCH, 1), (april, 1)]
    Actual.objects.bulk_create([rows[2], rows[3]], **upsert)
