"""The database refuses what no code path may do."""

import pytest
from django.db import DatabaseError, transaction

from kpi.models import Actual, MonthState
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
