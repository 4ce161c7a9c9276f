"""Today shows each role its own: figures of units in scope, whose turn it is, what is wrong."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from competitions.models import Campaign, Round
from competitions.services import campaigns
from competitions.services.objections import answer_objection, raise_objection
from kpi.models import Actual, DailyFigure, Event, EventKind, Month, MonthState
from kpi.queries.alarms import day_alarms
from kpi.queries.daily import month_course
from kpi.queries.months import chosen_month, months
from kpi.queries.verification import returns
from kpi.rules.alarms import Alarm
from kpi.rules.pace import days_of, every_day
from orgchart.actors import actor_for
from orgchart.models import Job, Person, Supervision, Tenure
from portal import alerts, panels
from portal.queries.deadlines import deadlines
from portal.queries.progress import year_of
from portal.queries.todos import Todo, todos
from subsidies.models import CommissionScheme, CommissionSheet, SheetState
from targets.models import PlanState, Task
from tests.competitions.campaigns import AFTER, LAST, NOTICED, announced, enter
from tests.competitions.contest import PUBLISHED_AT, build_contest
from tests.competitions.test_services import settled
from tests.district import MARCH, NOW, START, UNITS, District
from tests.subsidies.claims import approved, at, attach, open_claims, submitted
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


@pytest.fixture
def reported(district: District) -> District:
    """Five units have reported, grid4 has not."""
    for number, unit in enumerate(UNITS, 1):
        actual = None if unit == "grid4" else str(number * 100)
        report(district, unit, "mobile_gross_adds", "600", actual)
    return district


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


def tasks_of(district: District, account: str, on: date = ON) -> list[Todo]:
    """Return what waits for somebody, but for summaries: those are owed every day."""
    with override("en"):
        found = todos(actor_for(district.people[account], on=on), months(district.root.pk))
    return [each for each in found if each.kind != "Summaries"]


def waiting(district: District, account: str) -> list[tuple[str, str]]:
    """Return what waits for somebody, but for gaps in the organisation."""
    found = tasks_of(district, account)
    return [(todo.kind, todo.label) for todo in found if todo.kind != "Staffing"]


def test_the_clerk_has_to_chase_reports_and_to_close_a_month_that_is_over(
    reported: District,
) -> None:
    Month.objects.update(due_on=date(2026, 3, 31))
    assert waiting(reported, "clerk") == [("Reports", "Chase"), ("Closing", "Close month")]
    assert waiting(reported, "grid4") == [("Reports", "Report")]
    assert waiting(reported, "staff") == []


def test_a_closed_month_waits_for_its_publication(reported: District) -> None:
    Month.objects.update(state=MonthState.CLOSED)
    assert waiting(reported, "clerk") == [("Closing", "Publish")]


@pytest.mark.parametrize(
    ("state", "account", "label"),
    [
        (None, "clerk", "Make"),
        (SheetState.RETURNED, "clerk", "Make"),
        (SheetState.MADE, "auditor", "Audit"),
        (SheetState.AUDITED, "head", "Approve"),
    ],
)
def test_a_commission_sheet_waits_for_the_next_hand(
    state: str | None, account: str, label: str, reported: District
) -> None:
    Month.objects.update(state=MonthState.PUBLISHED)
    reported.plan.state = PlanState.RELEASED
    reported.plan.save()
    if state:
        people = reported.people
        scheme = CommissionScheme.objects.create(
            district=reported.root, code="v1", name_zh="办法", valid_from=MARCH, body={}
        )
        CommissionSheet.objects.create(
            district=reported.root, month=MARCH, scheme=scheme, state=state,
            made_by=people["clerk"], made_at=NOW, paid=Decimal("10.00"),
        )  # fmt: skip
    for each in ("clerk", "auditor", "head"):
        expected = [("Commission", label)] if each == account else []
        assert waiting(reported, each) == expected


def test_the_administrator_is_told_of_a_computation_that_fails(district: District) -> None:
    Job.objects.create(
        kind="rescore", district=district.root, month=MARCH, requested=1, failures=3,
        requested_at=datetime(2026, 4, 1, tzinfo=UTC), last_error="division by zero",
    )  # fmt: skip
    actor = actor_for(district.people["admin"], on=ON)
    assert todos(actor, [])[0].note == "division by zero"


def test_clerk_and_administrator_are_told_who_is_missing(district: District) -> None:
    Supervision.objects.exclude(unit=district.units["grid1"]).delete()
    for code in UNITS:
        Supervision.objects.get_or_create(
            unit=district.units[code], person=district.people["supervisor"], valid_from=START
        )
    assert [one for one in tasks_of(district, "admin") if one.kind == "Staffing"] == []
    Tenure.objects.filter(person=district.people["grid3"]).update(valid_to=date(2026, 4, 1))
    Tenure.objects.filter(person=district.people["grid2"]).update(valid_to=date(2026, 4, 16))
    Tenure.objects.filter(person=district.people["grid1"]).update(valid_to=date(2026, 4, 17))
    Supervision.objects.filter(unit=district.units["group"]).delete()
    Person.objects.filter(code="suburban").update(user=None)
    expected = [
        ("grid2's term as manager ends", "/organisation/people/grid2/", date(2026, 4, 16)),
        ("1 unit has no manager", "/organisation/units/grid3/", None),
        ("1 unit has no supervisor", "/organisation/units/group/", None),
        ("1 manager has no account", "/organisation/people/", None),
    ]
    for account in ("admin", "clerk"):
        found = [one for one in tasks_of(district, account) if one.kind == "Staffing"]
        assert [(one.text, one.url, one.due) for one in found] == expected
    assert [one for one in tasks_of(district, "head") if one.kind == "Staffing"] == []


def test_what_is_due_first_comes_first_and_says_how_near_it_is(reported: District) -> None:
    Month.objects.update(due_on=date(2026, 4, 4))
    found = tasks_of(reported, "grid4")
    assert [(one.kind, one.due) for one in found] == [("Reports", date(2026, 4, 4))]
    with override("en"):
        assert [panels.due(date(2026, 4, day), ON).partition(", ")[2] for day in (1, 2, 3, 4)] == [
            "1 day over",
            "today",
            "tomorrow",
            "2 days left",
        ]


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


def test_claims_without_receipts_wait_for_their_writer_and_are_told_to_the_clerk(
    district: District,
) -> None:
    open_claims(district)
    row = approved(district, "80.00", when=at(9), receipt=False)
    on = date(2026, 3, 10)

    def found(account: str) -> list[tuple[str, str, str]]:
        actor = actor_for(district.people[account], on=on)
        with override("en"):
            return [(todo.text, todo.label, todo.url) for todo in todos(actor, [])
                    if todo.kind == "Expense claims"]  # fmt: skip

    assert found("staff") == [
        (f"Claim {row.number} lacks its receipts", "Add receipts", f"/claims/{row.pk}/")
    ]
    assert found("clerk") == [("1 claim waits for its receipts", "Look", "/claims/?state=approved")]
    assert found("grid1") == found("head") == []
    attach(district, row)
    assert found("staff") == []
    assert found("clerk") == [("1 claim", "Check", "/claims/?state=approved")]


def turns(
    district: District, on: date, kind: str = "Campaigns"
) -> dict[str, list[tuple[str, str, str, str]]]:
    """Return text, note, button and address of what of a kind waits for whom."""
    found = {}
    for account in ("head", "clerk", "auditor", "grid1", "staff"):
        actor = actor_for(district.people[account], on=on)
        with override("en"):
            mine = [
                (one.text, one.note, one.label, one.url)
                for one in todos(actor, [])
                if one.kind == kind
            ]
        if mine:
            found[account] = mine
    return found


def test_a_campaign_waits_for_its_decision_its_approval_and_its_payment(district: District) -> None:
    row = announced(district)
    enter(district, row, {"staff": "60"})
    clerk, head, url = district.people["clerk"], district.people["head"], f"/campaigns/{row.code}/"
    name, awards = "“Value-added contest”", "“Value-added contest”, CNY 320"
    assert turns(district, LAST) == {}
    over, noticed = date(2026, 4, 2), date(2026, 4, 6)
    assert turns(district, over) == {
        "clerk": [(f"{name} is over", "ended on 2026-03-31", "Decide", url)]
    }
    campaigns.decide(campaign=row, by=clerk, at=AFTER)
    assert turns(district, over) == {"head": [(awards, "on notice until 2026-04-04", "Look", url)]}
    assert turns(district, noticed) == {"head": [(awards, "notice is over", "Approve", url)]}
    campaigns.approve(campaign=row, by=head, at=NOTICED)
    assert turns(district, noticed) == {"clerk": [(awards, "approved", "Pay", url)]}
    campaigns.pay(campaign=row, by=clerk, at=NOTICED)
    assert turns(district, noticed) == {}


def test_whoever_wrote_a_campaign_is_not_asked_to_approve_it(district: District) -> None:
    row = announced(district)
    enter(district, row, {"staff": "60"})
    campaigns.decide(campaign=row, by=district.people["clerk"], at=AFTER)
    Campaign.objects.update(made_by=district.people["head"])
    assert turns(district, date(2026, 4, 6)) == {}


def test_an_objection_waits_for_the_clerk_and_holds_the_approval_up(db: None) -> None:
    district = build_contest()
    settled(district, 3)
    on, url, award = date(2026, 8, 10), "/competition/?month=2026-03", "March award, CNY 500"
    before = {"head": [(award, "notice is over", "Approve", url)]}
    assert turns(district, on, "Competition") == before
    row = raise_objection(
        round=Round.objects.get(), unit=district.units["grid1"], text="漏计 3 户",
        by=district.people["grid1"], at=PUBLISHED_AT,
    )  # fmt: skip
    assert turns(district, on, "Competition") == {
        "head": [(award, "an objection waits for its answer", "Look", url)],
        "clerk": [("Grid 1 objects to the decision of March", "漏计 3 户", "Answer", url)],
    }
    answer_objection(
        objection=row, is_upheld=False, answer="已复核", by=district.people["clerk"],
        at=PUBLISHED_AT,
    )  # fmt: skip
    assert turns(district, on, "Competition") == before


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
