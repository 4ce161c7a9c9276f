"""Saving figures: versions, doubts, faults, one entry in the trail, few statements."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kpi.models import Actual, Month, MonthState
from kpi.services.actuals import save_actuals
from orgchart.errors import Doubtful, Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry, Job
from tests.district import MARCH, NOW, District, build_district
from tests.kpi.march import cell, set_task

APRIL = date(2026, 4, 1)
APRIL_END = date(2026, 4, 30)


def save(district: District, *cells, by: str = "clerk"):
    return save_actuals(district=district.root, cells=list(cells), by=district.people[by], at=NOW)


@pytest.fixture
def reported(district: District) -> District:
    """March has revenue 28.07 in grid2 and 0.0815 churn; April is open."""
    save(
        district,
        cell(district, "grid2", "mobile_revenue", "28.07"),
        cell(district, "grid2", "churn_rate", "0.0815"),
        cell(district, "grid2", "channel_visits", "36"),
    )
    Month.objects.create(district=district.root, month=APRIL)
    return district


def april(district: District, indicator: str, value: str | None, **given):
    return cell(district, "grid2", indicator, value, month=APRIL, as_of=APRIL_END, **given)


def test_the_first_entry_has_no_version_and_the_next_needs_the_first(reported: District) -> None:
    (row,) = save(reported, cell(reported, "grid2", "mobile_revenue", "28.81", version=1))
    assert (row.value, row.version) == (Decimal("28.81"), 2)
    stored = Actual.objects.get(unit=reported.units["grid2"], indicator__code="mobile_revenue")
    assert (stored.value, stored.version) == (Decimal("28.81"), 2)


@pytest.mark.parametrize("version", [None, 2, 9])
def test_a_stale_version_is_refused_with_both_values(reported: District, version) -> None:
    with pytest.raises(VersionConflict) as refusal:
        save(reported, cell(reported, "grid2", "mobile_revenue", "30", version=version))
    (conflict,) = refusal.value.extra["conflicts"]
    assert (conflict["yours"], Decimal(conflict["theirs"]), conflict["version"]) == (
        "30",
        Decimal("28.07"),
        1,
    )
    assert (conflict["unit"], conflict["indicator"]) == ("grid2", "mobile_revenue")
    assert Actual.objects.get(indicator__code="mobile_revenue").value == Decimal("28.07")


def test_one_conflict_saves_none_of_the_cells(reported: District) -> None:
    with pytest.raises(VersionConflict):
        save(
            reported,
            cell(reported, "grid2", "mobile_revenue", "30", version=7),
            cell(reported, "grid3", "mobile_revenue", "27.89"),
        )
    assert not Actual.objects.filter(unit=reported.units["grid3"]).exists()


def test_null_takes_a_figure_back(reported: District) -> None:
    (row,) = save(reported, cell(reported, "grid2", "mobile_revenue", None, version=1))
    assert (row.value, row.version) == (None, 2)


def test_an_unchanged_figure_writes_nothing(reported: District) -> None:
    entries = AuditEntry.objects.count()
    (row,) = save(reported, cell(reported, "grid2", "mobile_revenue", "28.07", version=1))
    assert row.version == 1
    assert save(reported) == []
    assert AuditEntry.objects.count() == entries


def test_a_save_is_one_entry_with_every_cell(reported: District) -> None:
    entry = AuditEntry.objects.get(action="actuals.save")
    assert entry.subject == "actuals/grid2/2026-03"
    assert entry.unit == reported.units["grid2"]
    assert entry.changes[0] == {
        "key": {
            "unit": "grid2",
            "indicator": "mobile_revenue",
            "breakdown": "all",
            "month": "2026-03",
        },
        "before": None,
        "after": "28.07",
    }
    assert len(entry.changes) == 3
    assert Job.objects.get(kind="rescore").requested == 1


def test_yuan_entered_for_ten_thousands_is_doubted_with_the_figure_meant(
    reported: District,
) -> None:
    with pytest.raises(Doubtful) as refusal:
        save(reported, april(reported, "mobile_revenue", "288100"))
    (doubt,) = refusal.value.extra["doubts"]
    assert (doubt["code"], doubt["suggestion"]) == ("unit_slip", "28.81")
    assert doubt["month"] == "2026-04"
    assert not Actual.objects.filter(month=APRIL).exists()


def test_what_is_low_is_judged_by_the_part_of_the_month_that_it_covers(
    reported: District,
) -> None:
    early = replace(april(reported, "channel_visits", "2"), as_of=date(2026, 4, 5))
    save(reported, early)
    with pytest.raises(Doubtful) as refusal:
        save(reported, replace(early, as_of=APRIL_END, version=1))
    (doubt,) = refusal.value.extra["doubts"]
    assert (doubt["code"], doubt["suggestion"]) == ("tenth", "20")
    assert [fault.pointer for fault in refusal.value.faults] == ["/0/value"]


def test_a_digit_too_many_is_suggested_away(reported: District) -> None:
    with pytest.raises(Doubtful) as refusal:
        save(reported, april(reported, "mobile_revenue", "288.10"))
    (doubt,) = refusal.value.extra["doubts"]
    assert (doubt["code"], doubt["suggestion"]) == ("tenfold", "28.81")


@pytest.mark.parametrize(
    "indicator,value,code",
    [
        ("channel_visits", "359", None),
        ("channel_visits", "360", "tenfold"),
        ("mobile_revenue", "280.69", None),
        ("mobile_revenue", "280.70", "tenfold"),
        ("mobile_revenue", "-1", "negative"),
        ("mobile_net_adds", "-19", None),
        ("churn_rate", "1", "tenfold"),
        ("churn_rate", "7.72", "over_whole"),
        ("fixed_revenue", "99999999", None),
        ("mobile_revenue", "2.80", "tenth"),
        ("mobile_revenue", "2.81", None),
        ("mobile_revenue", "0", "zero"),
        ("channel_visits", "0", "zero"),
        ("mobile_gross_adds", "4999", None),
        ("mobile_gross_adds", "5000", "over_task"),
    ],
)
def test_what_is_doubted(reported: District, indicator: str, value: str, code: str | None) -> None:
    set_task(reported, "grid2", "mobile_gross_adds", Decimal(1000), month=APRIL)
    entry = april(reported, indicator, value)
    if code is None:
        save(reported, entry)
        return
    with pytest.raises(Doubtful) as refusal:
        save(reported, entry)
    assert [doubt["code"] for doubt in refusal.value.extra["doubts"]] == [code]
    save(reported, april(reported, indicator, value, reason="一次性大额入账"))
    assert Actual.objects.get(month=APRIL).doubt_reason == "一次性大额入账"


@pytest.mark.parametrize(
    "indicator,given,pointer",
    [
        ("mobile_gross_adds", {"value": "12.5"}, "/0/value"),
        ("mobile_revenue", {"value": "28.071"}, "/0/value"),
        ("churn_rate", {"value": "0.08151"}, "/0/value"),
        ("mobile_revenue", {"value": "100000000"}, "/0/value"),
        ("total_revenue", {"value": "1"}, "/0/indicator"),
        ("fixed_net_adds", {"value": "1"}, "/0/breakdown"),
        ("mobile_revenue", {"value": "1", "breakdown": "t1"}, "/0/breakdown"),
        ("mobile_revenue", {"value": "1", "as_of": date(2026, 5, 1)}, "/0/as_of"),
    ],
)
def test_what_is_no_figure_is_refused_where_it_stands(
    reported: District, indicator: str, given: dict, pointer: str
) -> None:
    given = {"month": APRIL, "as_of": APRIL_END} | given
    with pytest.raises(Invalid) as refusal:
        save(reported, cell(reported, "grid2", indicator, **given))
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


def test_the_same_figure_twice_is_refused(reported: District) -> None:
    with pytest.raises(Invalid) as refusal:
        save(
            reported,
            april(reported, "channel_visits", "30"),
            april(reported, "channel_visits", "31"),
        )
    assert refusal.value.faults[0].pointer == "/1/unit"


def test_another_districts_unit_is_none_of_ours(reported: District) -> None:
    other = build_district("other", unit_codes=("grid1",))
    foreign = cell(other, "grid1", "channel_visits", "1")
    with pytest.raises(Invalid) as refusal:
        save(reported, foreign)
    assert refusal.value.faults[0].pointer == "/0/unit"


@pytest.mark.parametrize("state", [MonthState.CLOSED, MonthState.PUBLISHED])
def test_a_month_that_is_not_open_takes_no_figures(reported: District, state) -> None:
    Month.objects.filter(month=APRIL).update(state=state)
    with pytest.raises(Locked):
        save(reported, april(reported, "channel_visits", "30"))


def test_a_month_nobody_opened_takes_no_figures(reported: District) -> None:
    may = date(2026, 5, 1)
    with pytest.raises(Locked):
        save(reported, cell(reported, "grid2", "channel_visits", "30", month=may, as_of=may))


def test_the_database_itself_refuses_a_closed_month(reported: District) -> None:
    Month.objects.filter(month=MARCH).update(state=MonthState.CLOSED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Actual.objects.filter(month=MARCH).update(value=1)


def test_288_cells_take_eight_statements(db) -> None:
    district = build_district(unit_codes=tuple(f"grid{n}" for n in range(1, 49)))
    codes = ["mobile_revenue", "fixed_revenue", "mobile_gross_adds", "mobile_net_adds"]
    codes += ["churn_rate", "channel_visits"]
    cells = [
        cell(district, f"grid{n}", code, "0.05" if code == "churn_rate" else "5")
        for n in range(1, 49)
        for code in codes
    ]
    with CaptureQueriesContext(
        connection,
    ) as statements:
        save(district, *cells)
    issued = [query for query in statements if "SAVEPOINT" not in query["sql"]]
    assert len(cells) == 288
    # Two fewer once the month's job exists, one once there is a month before to compare with.
    assert len(issued) <= 11
    Actual.objects.bulk_create(
        Actual(
            month=date(2026, 2, 1), unit=unit, indicator=district.indicators["channel_visits"],
            breakdown=district.breakdowns["all"], value=5, as_of=date(2026, 2, 28), reported_at=NOW,
        )
        for unit in district.units.values()
    )  # fmt: skip
    with CaptureQueriesContext(connection) as statements:
        save(
            district,
            *[cell(district, f"grid{n}", "channel_visits", "6", version=1) for n in range(1, 13)],
        )
    assert len([query for query in statements if "SAVEPOINT" not in query["sql"]]) <= 8
