"""Today shows each role its own: figures of units in scope, what comes next, what is wrong."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from kpi.models import Actual, DailyFigure, Event, EventKind, Month, MonthState
from kpi.queries.alarms import day_alarms
from kpi.queries.daily import month_course
from kpi.queries.months import chosen_month, months
from kpi.queries.verification import returns
from kpi.rules.alarms import Alarm
from kpi.rules.pace import days_of, every_day
from orgchart.actors import actor_for
from portal import alerts, panels
from portal.queries.deadlines import deadlines
from portal.queries.progress import year_of
from targets.models import Task
from tests.district import MARCH, NOW, UNITS, District
from tests.subsidies.claims import at, open_claims, submitted
from tests.subsidies.test_claim_pages import set_clock
from tests.worked_examples import UNITS as CODES
from tests.worked_examples import example

ON = date(2026, 4, 2)
AS_OF = date(2026, 3, 17)


def report(district: District, unit: str, code: str, task: str, actual: str | None) -> None:
    key = {
        "month": MARCH,
        "unit": district.units[unit],
        "indicator": district.indicators[code],
        "breakdown": district.breakdowns["all"],
    }
    Task.objects.create(**key, value=Decimal(task))
    if actual is not None:
        Actual.objects.create(**key, value=Decimal(actual), as_of=AS_OF, reported_at=NOW)


def all_but_grid4(district: District) -> District:
    """Five units have reported, grid4 has not."""
    for number, unit in enumerate(UNITS, 1):
        actual = None if unit == "grid4" else str(number * 100)
        report(district, unit, "mobile_gross_adds", "600", actual)
    return district


@pytest.fixture
def reported(district: District) -> District:
    return all_but_grid4(district)


def paces(district: District, unit_ids: Any = None) -> Any:
    year = year_of(district.root, MARCH, unit_ids)
    return year, panels.paces(year, MARCH, days_of(MARCH, AS_OF, every_day))


def test_units_come_by_rate_and_the_unreported_last(reported: District) -> None:
    _year, rows = paces(reported)
    assert [row.unit.code for row in rows if row.unit] == [
        "group", "suburban", "grid3", "grid2", "grid1", "grid4",
    ]  # fmt: skip
    assert rows[-2].pace.actual is None


def test_the_total_judges_only_those_who_reported(reported: District) -> None:
    _year, rows = paces(reported)
    total = rows[-1]
    assert (total.reported, total.of) == (5, 6)
    assert (total.pace.target, total.pace.actual) == (Decimal(3000), Decimal(1700))


def test_a_unit_sees_its_own_figures_only(reported: District) -> None:
    unit = reported.units["grid2"]
    year, rows = paces(reported, {unit.pk})
    assert year.unit_ids == [unit.pk]
    assert rows[-1].pace.target == Decimal(600)


@pytest.mark.parametrize(
    ("account", "sees", "hidden"),
    [
        ("head", ["网格1", "网格2", "月结"], []),
        ("clerk", ["网格1", "网格2", "月结"], []),
        ("grid1", ["网格1"], ["网格2", "城乡结合办事处", "月结"]),
        ("staff", ["网格1"], ["网格2", "城乡结合办事处", "月结"]),
        ("supervisor", ["网格2"], ["网格1", "城乡结合办事处", "月结"]),
        ("admin", [], ["各单元进度", "预警", "月结"]),
    ],
)
def test_nobody_sees_figures_of_units_outside_the_post(
    account: str, sees: list[str], hidden: list[str], reported: District, signed_in: Any
) -> None:
    response = signed_in(f"test-{account}").get("/?month=2026-03")
    page = response.content.decode().partition("<main")[2]
    assert response.status_code == 200
    assert [text for text in sees if text not in page] == []
    assert [text for text in hidden if text in page] == []


def test_vetoes_and_units_far_behind_are_warned_of(reported: District) -> None:
    event = Event.objects.create(
        month=MARCH, unit=reported.units["group"], kind=EventKind.AWARD_VETO, noted_at=NOW
    )
    _year, rows = paces(reported)
    found = returns(reported.root.pk, MARCH)
    with override("en"):
        told = [
            *alerts.vetoed([event]), *alerts.behind(rows, MARCH, 0),
            *alerts.unreported(found, MARCH),
        ]  # fmt: skip
    assert [each["text"] for each in told][:3] == [
        "Group centre: Veto: no award",
        "Grid 2 is heading for 364, task 600",
        "Grid 1 is heading for 182, task 600",
    ]
    assert "Grid 4 has not reported" in [each["text"] for each in told]
    assert told[-1]["text"] == "Group centre: 1 of 6 figures reported"
    assert told[1]["url"] == "/pace/?month=2026-03&unit=grid2"
    assert told[-1]["url"] == "/actuals/?month=2026-03&unit=group"


@pytest.mark.parametrize(
    ("account", "on", "days"),
    [
        ("head", date(2026, 3, 25), [date(2026, 3, 25), date(2026, 3, 31)]),
        ("head", date(2026, 3, 26), [date(2026, 3, 31), date(2026, 4, 25)]),
        ("grid1", date(2026, 4, 1), [date(2026, 4, 25)]),
        ("admin", date(2026, 3, 25), []),
    ],
)
def test_the_next_deadlines_are_those_of_reports_and_claims(
    account: str, on: date, days: list[date], district: District
) -> None:
    Month.objects.update(due_on=date(2026, 3, 31))
    actor = actor_for(district.people[account], on=on)
    assert [one.day for one in deadlines(actor, months(district.root.pk))] == days


def test_a_day_that_stands_out_is_told_with_what_it_is_compared_with(reported: District) -> None:
    indicator = reported.indicators["mobile_gross_adds"]
    whole = reported.breakdowns["all"]

    def report_days(unit: str, month: date, values: dict[int, int]) -> None:
        for day, value in values.items():
            DailyFigure.objects.create(
                month=month, unit=reported.units[unit], indicator=indicator, breakdown=whole,
                day=month.replace(day=day), value=Decimal(value), reported_at=NOW,
            )  # fmt: skip

    for unit in ("grid1", "grid2", "grid3"):
        report_days(unit, date(2026, 2, 1), {28: 280})  # ten a day
    report_days("grid1", MARCH, {16: 80})  # 100 stands on the 17th: 20 on that day
    report_days("grid2", MARCH, {16: 197})  # 200: three
    report_days("grid3", MARCH, dict.fromkeys(range(10, 17), 300))  # 300: none for a week
    report_days("suburban", MARCH, {16: 480})  # no month before
    units = [reported.units[code] for code in UNITS]
    found = day_alarms(
        month_course(indicator, MARCH, units), month_course(indicator, date(2026, 2, 1), units)
    )
    assert [(one.unit.code, one.alarm, one.brought) for one in found] == [
        ("grid1", Alarm.JUMP, 20), ("grid2", Alarm.DROP, 3), ("grid3", Alarm.QUIET, 0),
    ]  # fmt: skip
    with override("en"):
        told = list(alerts.days(found, "Gross adds", 0))
    assert [(each["text"], each["note"]) for each in told] == [
        ("Grid 1: Gross adds 20 on 17 March", "last month 10.0 a day; 2.00 times that"),
        ("Grid 2: Gross adds 3 on 17 March", "last month 10.0 a day; 0.30 times that"),
        ("Grid 3: no Gross adds for 7 days up to 17 March", "last month 10.0 a day"),
    ]


def test_odd_figures_and_missing_tasks_are_alerts(reported: District) -> None:
    Actual.objects.filter(unit=reported.units["grid1"]).update(value=Decimal(30_000))
    found = returns(reported.root.pk, MARCH)
    with override("en"):
        told = list(alerts.odd(found, MARCH, may_verify=False))
        assert [each["text"] for each in told] == [
            "Grid 1 Mobile gross adds: This is far above the task"
        ]
        assert told[0]["url"] == "/actuals/?month=2026-03&unit=grid1"
        [verified] = alerts.odd(found, MARCH, may_verify=True)
        assert verified["url"] == "/verification/2026-03/grid1/"
        [lacking] = alerts.without_task({reported.units["grid2"]: ["A", "B", "C", "D"]}, MARCH)
        assert (lacking["text"], lacking["note"]) == ("Grid 2 lacks a task", "A, B, C and 1 more")


def test_of_many_alerts_the_first_are_shown_and_the_rest_counted() -> None:
    some = [{"text": str(n)} for n in range(alerts.MOST + 1)]
    assert alerts.shown(some[:-1])["more"] == ""
    with override("en"):
        assert alerts.shown(some)["more"] == "and 1 more"
    assert len(alerts.shown(some)["rows"]) == alerts.MOST


def test_the_table_is_the_bulletin_of_the_example(district: District) -> None:
    bulletin = example("8_pace")["unit_bulletin_3月17日"]
    for row in bulletin:
        unit = CODES[row["单元"]]
        report(district, unit, "mobile_gross_adds", str(row["任务"]), str(row["累计"]))
    year, rows = paces(district)
    table = panels.pace_table(rows, year)
    lamps = {"绿": "ahead", "黄": "slightly", "红": "behind"}
    assert [
        (each["unit"], each["rank"], each["rate"], each["lamp"], each["gap"], each["per_day"])
        for each in table["rows"]
    ] == [
        (
            district.units[CODES[row["单元"]]].name_zh,
            row["名次"],
            row["完成率"].rstrip("%"),
            lamps[row["灯"]],
            str(row["缺口"]),
            str(row["日均需(自然日14天)"]),
        )
        for row in sorted(bulletin, key=lambda row: row["名次"])
    ]
    assert [int(each["forecast"].replace(",", "")) for each in table["rows"]] == [
        row["预测"] for row in sorted(bulletin, key=lambda row: row["名次"])
    ]
    total = table["total"]
    assert (total["task"], total["actual"], total["rate"]) == ("6,159", "2,987", "48.50")
    assert (total["difference"], total["per_day"], total["forecast"]) == ("−6.34", "227", "5,446")
    with override("en"):
        assert "6.34 pp behind time: 227 a day needed, 176 now" in panels.sentence(rows, year)


@pytest.mark.parametrize("open_units", [2, 6])
def test_today_takes_the_same_queries_for_any_number_of_units(
    open_units: int, reported: District, signed_in: Any, django_assert_num_queries: Any
) -> None:
    for code in list(UNITS)[open_units:]:
        reported.units[code].opened_on = date(2026, 5, 1)
        reported.units[code].save()
    client = signed_in("test-head")
    client.get("/")
    with django_assert_num_queries(54):
        client.get("/")


def test_a_page_opens_on_the_month_asked_for_or_the_latest_open_one(district: District) -> None:
    april = Month.objects.create(district=district.root, month=date(2026, 4, 1))
    may = Month.objects.create(
        district=district.root, month=date(2026, 5, 1), state=MonthState.CLOSED
    )
    rows = months(district.root.pk)
    assert chosen_month(rows) == april
    assert chosen_month(rows, "2026-05") == may
    assert chosen_month(rows, "2031-05") == chosen_month(rows, "nonsense") == april
    assert chosen_month([]) is None


@pytest.mark.parametrize("day", [10, 25, 26])
def test_who_may_claim_sees_the_balance_before_spending(
    district: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch, day: int
) -> None:
    open_claims(district)
    submitted(district, "486.50", when=at(3))
    set_clock(monkeypatch, at(day))
    for account in ("staff", "grid1"):
        page = signed_in(f"test-{account}").get("/").content.decode()
        assert "本月可报额度" in page
        assert "913.50" in page and "600.00" in page and "800.00" in page
        assert ("/claims/new/" in page) is (day <= 25)
    for account in ("head", "clerk", "auditor"):
        assert "本月可报额度" not in signed_in(f"test-{account}").get("/").content.decode()
