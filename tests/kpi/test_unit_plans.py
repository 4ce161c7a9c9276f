"""Short plans and long targets: filled from tasks and pace, written by the unit's manager only."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kpi.models import Actual, LongTarget, MonthState, ShortPlan
from kpi.queries.unit_plans import long_sheet, short_sheet
from kpi.services.unit_plans import LONG, SHORT, save_short_plan
from orgchart.errors import Locked, VersionConflict
from orgchart.models import AuditEntry
from targets.models import Task
from targets.months import months_of
from tests.district import MARCH, NOW, build_district

PAGE = "/unit-plans/grid1/2026-03/"
TODAY = date(2026, 3, 17)


@pytest.fixture
def planned(district):
    """Tasks of grid 1: 1 001 + 560 users and 40.05 revenue in March, the same each month."""
    for month in months_of(2026):
        for code, tier, value in (
            ("mobile_gross_adds", "t1", "1001"), ("mobile_gross_adds", "t2", "560"),
            ("mobile_revenue", "all", "40.05"), ("fixed_net_adds", "fixed_line", "9"),
            ("fixed_net_adds", "broadband", "19"),
        ):  # fmt: skip
            Task.objects.create(
                month=month, unit=district.units["grid1"], indicator=district.indicators[code],
                breakdown=district.breakdowns[tier], value=Decimal(value),
            )  # fmt: skip
    return district


def report(district, value: str, as_of: date = TODAY) -> None:
    Actual.objects.create(
        month=MARCH, unit=district.units["grid1"], breakdown=district.breakdowns["all"],
        indicator=district.indicators["mobile_gross_adds"], value=Decimal(value), as_of=as_of,
        reported_at=datetime(2026, 3, 17, tzinfo=UTC),
    )  # fmt: skip


def written(**figures):
    return dict.fromkeys(SHORT[:2]) | {"measures": ""} | figures


def save(district, version: int, **figures):
    return save_short_plan(
        unit=district.units["grid1"], month=MARCH, figures=written(**figures), version=version,
        by=district.people["grid1"], at=NOW,
    )  # fmt: skip


def body(form: str, version: int = 0, **figures) -> dict[str, object]:
    names = {"short": SHORT, "long": LONG}[form]
    given = dict.fromkeys(names, "") | figures | {"version": version}
    return {"form": form} | {f"{form}-{name}": value for name, value in given.items()}


def test_a_months_task_becomes_weeks_that_add_up_and_a_day(planned) -> None:
    sheet = short_sheet(planned.units["grid1"], MARCH, TODAY)
    assert sheet.task == 1561
    assert dict(sheet.tiers) == {"一级": 1001, "二级": 560}
    assert sum(week.task for week in sheet.weeks) == 1561
    assert sum(week.days for week in sheet.weeks) == sheet.days == 31
    assert (sheet.weeks[0].first, sheet.weeks[-1].last) == (MARCH, date(2026, 3, 31))
    assert sheet.per_day == 51  # 1561 ÷ 31 = 50.35


def test_without_a_figure_the_gap_is_not_known_and_never_zero(planned) -> None:
    sheet = short_sheet(planned.units["grid1"], MARCH, TODAY)
    assert sheet.gap is None and sheet.uncovered is None


def test_the_gap_is_that_of_the_pace_and_promotions_fill_it(planned) -> None:
    report(planned, "680")  # ÷ 17 × 31 = 1240
    save(planned, 0, shop_promotion=200, outdoor_promotion=100)
    sheet = short_sheet(planned.units["grid1"], MARCH, TODAY)
    assert (sheet.gap, sheet.covered, sheet.uncovered) == (321, 300, 21)

    save(planned, 1, shop_promotion=400, outdoor_promotion=100)
    assert short_sheet(planned.units["grid1"], MARCH, TODAY).uncovered == 0


def test_the_long_target_sums_the_year_and_says_why_there_is_no_growth(planned) -> None:
    sheet = long_sheet(planned.units["grid1"], 2026)
    assert sheet.revenue == Decimal("480.60")
    assert sheet.gross == 18732
    assert dict(sheet.fixed) == {"固话": 108, "宽带": 228}
    assert sheet.growth is None and sheet.why is not None


def test_a_save_is_versioned_and_in_the_trail_and_an_older_one_refused(planned) -> None:
    assert save(planned, 0, shop_promotion=60).version == 1
    entry = AuditEntry.objects.get(action="unit_plan.save")
    assert entry.unit.code == "grid1"
    assert entry.changes == [{"key": {"field": "shop_promotion"}, "before": None, "after": 60}]

    with pytest.raises(VersionConflict):
        save(planned, 0, shop_promotion=70)
    assert save(planned, 1, shop_promotion=60).version == 1, "nothing changed"
    assert AuditEntry.objects.filter(action="unit_plan.save").count() == 1


@pytest.mark.parametrize("state", [MonthState.CLOSED, MonthState.PUBLISHED])
def test_a_closed_month_keeps_its_plan(planned, state) -> None:
    planned.month.state = state
    planned.month.save()
    with pytest.raises(Locked):
        save(planned, 0, shop_promotion=60)
    assert not ShortPlan.objects.exists()


def test_the_manager_writes_both_forms_on_the_page(planned, signed_in) -> None:
    client = signed_in("test-grid1")
    assert (
        client.post(PAGE, body("short", shop_promotion=60, measures="联合促销")).status_code == 302
    )
    assert client.post(PAGE, body("long", contracts=9000, groups=8)).status_code == 302
    page = client.get(PAGE).content.decode()
    assert "联合促销" in page and "9,000 + 9,732" in page
    assert LongTarget.objects.get().groups == 8


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        ({"form": "short", "shop_promotion": "-1"}, "shop_promotion"),
        ({"form": "short", "outdoor_promotion": "1.5"}, "outdoor_promotion"),
        ({"form": "short", "outdoor_promotion": "99999999999"}, "outdoor_promotion"),
        ({"form": "long", "contracts": "18733"}, "contracts"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_kept(
    planned, signed_in, figures, field
) -> None:
    sent = body(**figures)
    answer = signed_in("test-grid1").post(PAGE, sent)
    form = answer.context[f"{figures['form']}_form"]
    assert form.errors[field]
    assert str(figures[field]) in answer.content.decode()
    assert not ShortPlan.objects.exists() and not LongTarget.objects.exists()


def test_a_conflict_keeps_what_was_typed_beside_what_is_stored(planned, signed_in) -> None:
    save(planned, 0, shop_promotion=60)
    client = signed_in("test-grid1")
    page = client.post(PAGE, body("short", shop_promotion=75)).content.decode()
    assert 'value="75"' in page and "<dd>60</dd>" in page
    assert client.post(PAGE, body("short", version=1, shop_promotion=75)).status_code == 302
    assert ShortPlan.objects.get().shop_promotion == 75


@pytest.mark.parametrize("account", ["head", "clerk", "auditor", "grid2", "supervisor", "staff"])
def test_nobody_else_writes_a_units_plan(planned, signed_in, account) -> None:
    answer = signed_in(f"test-{account}").post(PAGE, body("short", shop_promotion=1))
    assert answer.status_code in (403, 404)
    assert not ShortPlan.objects.exists()


def test_the_head_reads_every_unit_and_a_manager_lands_on_the_own(planned, signed_in) -> None:
    page = signed_in("test-head").get("/unit-plans/?month=2026-03")
    assert "网格1" in page.content.decode()
    assert signed_in("test-grid1").get("/unit-plans/?month=2026-03").headers["Location"] == PAGE
    assert signed_in("test-grid2").get(PAGE).status_code == 404


@pytest.mark.parametrize("count", [2, 20])
def test_the_list_asks_as_often_for_twenty_units(
    db, signed_in, django_assert_num_queries, count
) -> None:
    district = build_district("many", unit_codes=tuple(f"grid{n}" for n in range(1, count + 1)))
    for number in range(1, count + 1):
        Task.objects.create(
            month=MARCH, unit=district.units[f"grid{number}"], value=Decimal(10),
            indicator=district.indicators["mobile_gross_adds"],
            breakdown=district.breakdowns["t1"],
        )  # fmt: skip
    client = signed_in("many-head")
    client.get("/unit-plans/")
    with django_assert_num_queries(QUERIES):
        client.get("/unit-plans/?month=2026-03")


QUERIES = 33
