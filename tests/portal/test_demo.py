"""The demo district: the plan's own figures, lived through the services; the same every time."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F, Sum

from competitions.models import Award, Round, RoundState
from fieldwork.models import Activity
from kpi.models import (
    Actual,
    Event,
    EventKind,
    Month,
    MonthState,
    Score,
    ScoreLine,
    ShortPlan,
)
from kpi.queries.figures import figures
from orgchart import jobs
from orgchart.models import (
    AuditEntry,
    Dealer,
    DealerAffiliation,
    DealerTier,
    Person,
    Post,
    Supervision,
    Tenure,
    Unit,
)
from portal.book.gather import gather_book
from portal.demo import UNITS, organisation, plan
from portal.demo.book import opening_book
from portal.demo.returns import returns
from portal.demo.year import NET, OPENING_USERS, months
from subsidies.models import (
    Claim,
    CommissionSheet,
    DealerReturn,
    Entitlement,
    SheetKind,
    SheetState,
    Statement,
)
from targets.models import Plan, PlanState, Task
from targets.months import last_day
from tests.portal.workbook_files import YEAR, demo_district
from tests.worked_examples import BREAKDOWNS, example
from tests.worked_examples import UNITS as NAMES

MARCH = date(2026, 3, 1)
FINISHED = [date(2026, number, 1) for number in range(1, 11)]
NOVEMBER = date(2026, 11, 1)
pytestmark = pytest.mark.usefixtures("demo")


def sum_of(indicator: str, month: date, unit: str | None = None) -> Decimal:
    rows = Actual.objects.filter(indicator__code=indicator, month=month, value__isnull=False)
    rows = rows.filter(unit__district=demo_district())
    if unit:
        rows = rows.filter(unit__code=unit)
    return sum((row.value for row in rows), Decimal(0))


# --- March is the worked examples ----------------------------------------------------------


def test_scores_of_march_are_example_4() -> None:
    expected = example("4_kpi")
    scores = {
        score.unit.code: (score.total, score.rank)
        for score in Score.objects.filter(
            month=MARCH, unit__district=demo_district()
        ).select_related("unit")
    }
    assert scores == {
        NAMES[name]: (Decimal(total), expected["名次(1,2,2,4)"][name])
        for name, total in expected["总分"].items()
    }


def test_every_line_of_march_is_example_4() -> None:
    points = {
        (line.unit.code, line.item.code): line.points
        for line in ScoreLine.objects.filter(
            month=MARCH, unit__district=demo_district()
        ).select_related("unit", "item")
    }
    for name, card in example("4_kpi")["base_case"].items():
        for code, item in card["items"].items():
            score = item["score"]
            assert points[NAMES[name], code] == (None if score is None else Decimal(score))


def test_subsidies_of_march_are_example_5() -> None:
    rows = {
        row.unit.code: row
        for row in Entitlement.objects.filter(
            month=MARCH, unit__district=demo_district()
        ).select_related("unit")
    }
    for expected in example("5_subsidy")["rows"]:
        row = rows[NAMES.get(expected["业务单元"], "group")]
        assert (row.task, row.actual) == (
            Decimal(expected["总收入任务(万元)"]), Decimal(expected["总收入完成(万元)"]),
        )  # fmt: skip
        assert (row.floating, row.total) == (
            Decimal(expected["cap100"]["浮动"]), Decimal(expected["cap100"]["合计"]),
        )  # fmt: skip
    assert sum(row.total for row in rows.values()) == Decimal("9240.43")


def test_the_award_of_march_is_example_7() -> None:
    award = Award.objects.get(round__month=MARCH, round__competition__district=demo_district())
    assert (award.unit.code, award.amount) == ("suburban", Decimal(500))
    assert award.round.state == RoundState.PAID


def test_the_commission_sheet_of_march_is_example_6() -> None:
    sheet = CommissionSheet.objects.get(
        month=MARCH, district=demo_district(), kind=SheetKind.DEALERS
    )
    total = example("6_commission")["total"]
    assert (sheet.gross, sheet.deductions, sheet.net, sheet.paid, sheet.carried) == tuple(
        Decimal(total[name]) for name in ("应发小计", "扣减小计", "净额", "本期支付", "结转下期")
    )
    nets = {statement.dealer.code: statement.net for statement in sheet.statements.all()}
    expected = {row["经销商"]: Decimal(row["净额"]) for row in example("6_commission")["dealers"]}
    assert sorted(nets.values()) == sorted(expected.values())
    assert sheet.statements.get(dealer__code="heping").brought_forward == Decimal("-37.20")
    assert sheet.state == SheetState.PAID
    assert len({sheet.made_by_id, sheet.audited_by_id, sheet.approved_by_id}) == 3


def test_revenue_and_gross_adds_of_march_are_those_of_the_examples() -> None:
    assert sum_of("mobile_revenue", MARCH) == Decimal("253.46")
    assert sum_of("mobile_revenue", MARCH, "xx") == Decimal("55.43")
    for expected in example("7_competition")["months"][0]["table"]:
        unit = NAMES[expected["单元"]]
        assert sum_of("mobile_gross_adds", MARCH, unit) == expected["发展完成"]
        revenue = sum_of("mobile_revenue", MARCH, unit) + sum_of("fixed_revenue", MARCH, unit)
        assert revenue == Decimal(expected["收入完成"])


# --- The plan ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("indicator", "group"),
    [
        ("mobile_gross_adds", "3A_发展用户_70000户_row_first"),
        ("mobile_revenue", "3B_移动业务收入_3109.92万元_row_first"),
        ("mobile_net_adds", "3H_移动净增_11200户"),
    ],
)
def test_tasks_are_example_3(indicator: str, group: str) -> None:
    for row in example("3_decomposition")[group]["rows"]:
        unit = NAMES.get(row["单元"], "xx")
        cells = Task.objects.filter(
            unit__code=unit, unit__district=demo_district(), indicator__code=indicator,
            breakdown__code=BREAKDOWNS[row["层级"]],
        ).order_by("month")  # fmt: skip
        assert [cell.value for cell in cells] == [Decimal(value) for value in row["月"]]


def test_fixed_line_tasks_are_example_3g_but_for_the_locked_march() -> None:
    expected = example("3_decomposition")["3G_固话净增_seed_numbers"]["by month (flat season)"]
    for name, values in expected.items():
        cells = Task.objects.filter(
            unit__code=NAMES[name], unit__district=demo_district(), breakdown__code="fixed_line"
        ).order_by("month")
        if name != "网格3":
            assert [int(cell.value) for cell in cells] == values
        assert sum(cell.value for cell in cells) == sum(values)
    locked = Task.objects.filter(unit__district=demo_district(), is_locked=True)
    assert {(cell.unit.code, cell.month, cell.value) for cell in locked} == {
        ("grid3", MARCH, Decimal(0))
    }
    assert all(cell.lock_reason == plan.LOCK_REASON for cell in locked)


def test_fixed_net_add_targets_of_march_are_those_of_example_4() -> None:
    sums: Counter[str] = Counter()
    for cell in Task.objects.filter(
        month=MARCH, indicator__code="fixed_net_adds", unit__district=demo_district()
    ).select_related("unit"):
        sums[cell.unit.code] += int(cell.value)
    assert [sums[unit] for unit in UNITS] == [25, 22, 0, 20, 30, 60]


def test_segments_cut_the_units_a_second_time() -> None:
    """大众 46 % + 公众 18 % of the users are the four grids' (rules §13.4)."""
    totals: Counter[str] = Counter()
    for cell in plan.segment_tasks():
        if cell.indicator == "mobile_gross_adds":
            totals[cell.breakdown] += int(cell.value)
    assert totals == {
        "mass": 32_200, "public": 12_600, "group_customers": 10_500, "township": 9_400,
        "labour": 5_300,
    }  # fmt: skip
    assert sum(totals.values()) == 70_000


def test_the_plan_is_released() -> None:
    found = Plan.objects.get(district=demo_district(), year=YEAR)
    assert (found.state, found.version) == (PlanState.RELEASED, 1)


# --- The year ------------------------------------------------------------------------------


def test_ten_months_are_published_and_november_is_open() -> None:
    states = dict(Month.objects.filter(district=demo_district()).values_list("month", "state"))
    assert states == dict.fromkeys(FINISHED, MonthState.PUBLISHED) | {NOVEMBER: MonthState.OPEN}


def test_november_waits_for_two_units() -> None:
    scores = Score.objects.filter(month=NOVEMBER, unit__district=demo_district())
    assert {s.unit.code for s in scores if s.total is None} == {"grid4", "group"}
    assert {s.unit.code for s in scores if s.total is not None} == set(UNITS) - {"grid4", "group"}


def test_nine_months_have_a_winner_and_one_has_none() -> None:
    rounds = Round.objects.filter(competition__district=demo_district())
    assert Counter(rounds.values_list("state", flat=True)) == {
        RoundState.PAID: 8, RoundState.DECIDED: 1, RoundState.NO_WINNER: 1,
    }  # fmt: skip
    october = rounds.get(state=RoundState.DECIDED)
    assert october.notice_ends_on == date(2026, 12, 2)  # as the demo ends, day 18 of 30
    winners = set(Award.objects.filter(round__in=rounds).values_list("unit__code", flat=True))
    assert len(winners) >= 3
    assert Award.objects.filter(round__in=rounds).count() == 9


def test_the_tie_of_may_is_broken_by_the_revenue_rate() -> None:
    may = date(2026, 5, 1)
    first = Score.objects.filter(month=may, rank=1, unit__district=demo_district())
    assert {score.unit.code for score in first} == {"grid1", "suburban"}
    decided = Round.objects.get(month=may, competition__district=demo_district())
    assert decided.reason["code"] == "tie_broken"
    assert [award.unit.code for award in decided.awards.all()] == ["grid1"]


def test_grid_4_comes_closer_after_june() -> None:
    def mean_gap(some: list[date]) -> Decimal:
        gaps = []
        for month in some:
            scores = Score.objects.filter(month=month, unit__district=demo_district())
            totals = {score.unit.code: score.total for score in scores}
            gaps.append(max(totals.values()) - totals["grid4"])
        return sum(gaps, Decimal(0)) / len(gaps)

    ordinary = [month for month in FINISHED[:6] if month != MARCH]
    assert mean_gap(FINISHED[6:]) < mean_gap(ordinary)


def test_january_and_february_are_example_8_and_the_net_adds_example_9() -> None:
    first = sum(sum_of("mobile_gross_adds", month) for month in FINISHED[:2])
    assert first == example("8_pace")["year_to_date"]["1-2月完成"]
    path = {row["月"]: row for row in example("9_plan_roll_forward")["rows"]}
    revenue = sum(sum_of("mobile_revenue", month) for month in FINISHED[:2])
    assert revenue == Decimal(path[1]["收入(万元)"]) + Decimal(path[2]["收入(万元)"])
    for month in FINISHED:
        if month != MARCH:
            assert sum_of("mobile_net_adds", month) == path[month.month]["净增"] == NET[month.month]


def test_opening_users_plus_net_adds_are_the_closing_users() -> None:
    users = Decimal(OPENING_USERS)
    for month in FINISHED:
        users += sum_of("mobile_net_adds", month)
        assert sum_of("billed_users", month) == users


# --- Invariants (rules §13.10) -------------------------------------------------------------


def test_units_and_legacy_outlets_add_up_to_the_district() -> None:
    district = demo_district()
    found = figures(district_id=district.pk, months=[MARCH], codes=["total_revenue"])
    units = Unit.objects.filter(district=district, code__in=UNITS)
    parts = [found[unit.pk, "total_revenue"].actual for unit in units]
    legacy = sum_of("mobile_revenue", MARCH, "xx")
    assert sum(parts) + legacy == sum_of("mobile_revenue", MARCH) + sum_of("fixed_revenue", MARCH)


def test_totals_are_the_sum_of_their_items_and_the_bonus() -> None:
    for score in Score.objects.filter(
        unit__district=demo_district(), total__isnull=False, is_vetoed=False
    ):
        assert score.total == score.base + score.bonus
        if score.applicable_weight == 100:
            lines = ScoreLine.objects.filter(
                month=score.month, unit_id=score.unit_id, item__role="item"
            )
            assert sum(line.points for line in lines) == score.base


def test_paid_and_carried_make_the_net_of_every_statement() -> None:
    sheets = CommissionSheet.objects.filter(district=demo_district())
    last = {SheetKind.DEALERS: SheetState.APPROVED, SheetKind.STAFF: SheetState.MADE}
    for kind in SheetKind:
        found = sheets.filter(kind=kind).order_by("month")
        assert [sheet.month for sheet in found] == FINISHED
        states = [SheetState.PAID] * (len(FINISHED) - 1) + [last[kind]]
        assert [sheet.state for sheet in found] == states
    statements = Statement.objects.filter(sheet__in=sheets)
    assert not statements.exclude(net=F("paid") + F("carried")).exists()
    for sheet in sheets:
        sums = sheet.statements.aggregate(net=Sum("net"), paid=Sum("paid"))
        assert (sums["net"], sums["paid"]) == (sheet.net, sheet.paid)


def test_dealers_add_up_to_their_unit() -> None:
    for month in FINISHED:
        if month == MARCH:
            continue  # the five dealers of the worked example only
        found = DealerReturn.objects.filter(month=month, dealer__district=demo_district())
        total = found.aggregate(total=Sum("gross"))["total"]
        assert total == sum_of("mobile_gross_adds", month)


def test_every_award_has_a_published_month() -> None:
    for award in Award.objects.filter(round__competition__district=demo_district()):
        month = Month.objects.get(district=demo_district(), month=award.round.month)
        assert month.state == MonthState.PUBLISHED


# --- The organisation ----------------------------------------------------------------------


def test_thirty_seven_people_of_the_plan_and_one_administrator() -> None:
    people = Person.objects.filter(district=demo_district())
    assert people.count() == organisation.PEOPLE_OF_THE_PLAN + 1
    assert len(set(people.values_list("name_zh", flat=True))) == people.count()
    held = Counter(
        Tenure.objects.filter(person__district=demo_district()).values_list("unit__code", flat=True)
    )
    assert held == {
        "xx": 2, "support": 5, "group": 7, "suburban": 8,
        "grid1": 4, "grid2": 4, "grid3": 4, "grid4": 4,
    }  # fmt: skip


def test_every_business_unit_has_one_supervisor_on_every_day() -> None:
    for day in (date(2026, 1, 1), date(2026, 5, 31), date(2026, 6, 1), date(2026, 11, 23)):
        found = Supervision.objects.on(day).filter(unit__district=demo_district())
        assert Counter(row.unit.code for row in found) == dict.fromkeys(UNITS, 1)
        assert len({row.person_id for row in found}) == len(UNITS)


def test_posts_have_their_duties_in_both_languages() -> None:
    for post in Post.objects.filter(district=demo_district()):
        assert len(post.duties_zh.splitlines()) == len(post.duties_en.splitlines()) > 0


def test_a_hundred_and_twenty_dealers_and_twelve_legacy_outlets() -> None:
    dealers = Dealer.objects.filter(district=demo_district())
    assert Counter(dealers.values_list("tier", flat=True)) == {
        DealerTier.TIER_1: 26, DealerTier.TIER_2: 94, DealerTier.LEGACY: 12,
    }  # fmt: skip
    places = Counter(
        DealerAffiliation.objects.filter(dealer__district=demo_district()).values_list(
            "unit__code", flat=True
        )
    )
    assert [places[unit] for unit in UNITS] == [22, 21, 18, 17, 30, 12]


@pytest.mark.parametrize("account", sorted(organisation.ACCOUNTS))
def test_accounts_sign_in_with_the_demo_password(account: str, client: Any) -> None:
    assert client.login(username=account, password="demo")


# --- Loading -------------------------------------------------------------------------------


def test_a_second_load_returns_at_once(capsys: Any) -> None:
    entries = AuditEntry.objects.count()
    call_command("load_demo")
    assert "already loaded" in capsys.readouterr().out
    assert AuditEntry.objects.count() == entries


def test_nothing_is_owed_after_loading() -> None:
    mine = [job for job in jobs.pending() if job[1] == demo_district().pk]
    assert mine == []


def test_the_generator_gives_the_same_every_time() -> None:
    assert opening_book() == opening_book()
    assert months() == months()
    gross = {unit: 1000 for unit in UNITS}
    assert returns(5, gross) == returns(5, gross)


def test_what_is_stored_is_what_was_generated() -> None:
    book, stored = opening_book(), gather_book(district=demo_district(), year=YEAR)
    for kind in ("units", "posts", "people", "indicators", "terms", "annual_targets", "sheets"):
        ours, theirs = getattr(book, kind), getattr(stored, kind)
        assert len(ours) == len(theirs)
        assert [row for row in ours if row not in theirs] == []
    assert set(stored.tasks) == set(book.tasks)
    generated = {
        (month.month, *cell): value for month in months() for cell, value in month.figures.items()
    }
    assert generated == {
        (row.month, row.unit, row.indicator, row.breakdown): row.value for row in stored.actuals
    }
    # Each signed group and each finding is an event of its own.
    alone = (EventKind.NEW_GROUP, EventKind.AUDIT_FINDING)
    assert Event.objects.filter(unit__district=demo_district()).count() == sum(
        event.count if event.kind in alone else 1 for month in months() for event in month.events
    )


def test_everything_happened_at_its_time() -> None:
    """No entry of the trail is dated by the clock of the machine that loaded the demo."""
    latest = AuditEntry.objects.filter(district=demo_district()).latest("at")
    assert latest.at.date() <= date(2026, 11, 20)
    for row in Actual.objects.filter(unit__district=demo_district(), month__lt=NOVEMBER):
        assert row.as_of == last_day(row.month)


def test_promotions_are_16_to_24_a_month_and_cost_what_their_claims_ask() -> None:
    rows = Activity.objects.filter(kind="promotion").select_related("promotion", "unit")
    by_month: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_month[row.planned_on.month].append(row)
    assert sorted(by_month) == list(range(1, 12))
    assert all(16 <= len(found) <= 24 for found in by_month.values())
    held = [row.promotion for row in rows if row.state == "done"]
    assert len(held) > 180 and all(30 <= each.users <= 60 for each in held)
    named = Claim.objects.exclude(promotion="").values("promotion", "unit__code")
    asked = named.exclude(state="void").annotate(total=Sum("amount")).order_by()
    assert len(asked) > 20
    papers = {row.promotion.code: row for row in rows}
    for each in asked:
        row = papers[each["promotion"]]
        assert (row.unit.code, row.state) == (each["unit__code"], "done")
        assert each["total"] <= row.promotion.cost
    # November's are what the managers wrote into their short plans.
    for short in ShortPlan.objects.filter(month=NOVEMBER).select_related("unit"):
        planned = {"shop": 0, "outdoor": 0}
        for row in by_month[11]:
            if row.unit_id == short.unit_id:
                planned[row.promotion.setting] += row.promotion.expected
        written = {"shop": short.shop_promotion or 0, "outdoor": short.outdoor_promotion or 0}
        assert planned == written, short.unit.code
