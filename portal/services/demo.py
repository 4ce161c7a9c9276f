"""Loading the demo district: the Book of its beginning, then its months, lived one by one."""

from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction

from competitions.models import CompetitionPolicy
from competitions.queries import MONTHLY
from competitions.services.policies import TERMS, draft_policy, publish_policy
from kpi.models import DailyFigure
from kpi.services.adjustments import request_adjustment, verify_adjustment
from kpi.services.unit_plans import LONG, SHORT, save_long_target, save_short_plan
from orgchart.models import Unit
from portal.book.gather import district_by_code
from portal.demo import DISTRICT, YEAR, daily, organisation, payouts, unit_plans
from portal.demo.book import opening_book
from portal.demo.year import OPEN_MONTH, months
from portal.rules.bulletins import Kind, period_of
from portal.services.book import apply_book
from portal.services.bulletins import correct_bulletin, issue_bulletin, save_comment
from portal.services.demo_calendar import live_calendar
from portal.services.demo_campaigns import live_campaigns
from portal.services.demo_claims import live_claims, open_categories
from portal.services.demo_field import answer_alarms, live_surveys, set_visiting, take_over_accounts
from portal.services.demo_months import finish, report
from portal.services.demo_stage import Stage, at_hour, drain, set_stage
from portal.services.demo_store import open_store
from portal.services.demo_summaries import take_over_summaries
from targets.models import Breakdown, Indicator, Plan
from targets.months import last_day
from targets.queries.bargaining import units_of
from targets.services.bargaining import Wish, accept_plan, counter_propose, insist
from targets.services.plans import release_plan

PASSWORD = "demo"


def is_loaded() -> bool:
    """Whether the demo district is there already."""
    return district_by_code(DISTRICT) is not None


@transaction.atomic
def load_demo() -> Unit:
    """Load the demo district, all or nothing; months go through the services of real months."""
    apply_book(book=opening_book(), by=None, at=at_hour(date(YEAR, 1, 2), 8), source="demo")
    stage = set_stage()
    _give_accounts(stage)
    plan = Plan.objects.get(district=stage.district, year=YEAR)
    release_plan(plan=plan, by=stage.person("head"), at=at_hour(date(YEAR, 1, 4), 16))
    _settle(stage, plan)
    _take_over_last_year(stage)
    open_categories(
        district=stage.district, by=stage.person("clerk"), at=at_hour(date(YEAR, 1, 4), 17)
    )
    take_over_accounts(
        district=stage.district, by=stage.person("clerk"), at=at_hour(date(YEAR, 1, 5), 9)
    )
    set_visiting(district=stage.district, by=stage.person("head"), at=at_hour(date(YEAR, 1, 1), 9))
    open_store(district=stage.district)
    every = months()
    for month in every:
        if month.month == payouts.LONGER_NOTICE_FROM:
            _lengthen_notice(stage)
        report(stage, month)
        live_claims(
            district=stage.district, month=month, units=stage.units, person=stage.person,
            until=min(last_day(month.month) + timedelta(days=30), every[-1].as_of),
        )  # fmt: skip
        if month.month.month != OPEN_MONTH:
            finish(stage, month)
    _correct(stage)
    answer_alarms(district=stage.district, person=stage.person)
    _plan_units(stage)
    live_campaigns(district=stage.district, person=stage.person)
    take_over_summaries(district=stage.district, head=stage.person("head"))
    live_surveys(district=stage.district, units=stage.units, person=stage.person)
    live_calendar(district=stage.district, person=stage.person, at=at_hour(date(YEAR, 1, 6), 10))
    _issue(stage)
    drain()
    return stage.district


def _settle(stage: Stage, plan: Plan) -> None:
    """Each unit answers; the second grid asks for less first and hears why it cannot be."""
    code, at = "grid2", at_hour(date(YEAR, 1, 5), 10)
    asked = counter_propose(
        sheet=plan.sheets.get(code="4-2"), unit=stage.units[code], version=1,
        wishes=[Wish("t1", total=Decimal(7000))], reason="两个一级网点停业改造，恢复前少放号",
        by=stage.person(code), at=at,
    )  # fmt: skip
    insist(
        proposal=asked, answer="停业只到 2月，全年任务不变；可在月间借用",
        by=stage.person("head"), at=at_hour(date(YEAR, 1, 6), 9),
    )  # fmt: skip
    for unit in units_of(plan):
        accept_plan(
            plan=plan, unit=unit, version=1, by=stage.person(unit.code),
            at=at_hour(date(YEAR, 1, 6), 15),
        )  # fmt: skip


def _give_accounts(stage: Stage) -> None:
    hashed = make_password(PASSWORD)  # once: hashing is slow by design
    for username, code in organisation.ACCOUNTS.items():
        person = stage.people[code]
        person.user, _is_new = User.objects.get_or_create(
            username=username, defaults={"password": hashed}
        )
        person.save(update_fields=["user"])


def _take_over_last_year(stage: Stage) -> None:
    """Days of last year, from before the portal: no month of it was ever open here."""
    DailyFigure.objects.bulk_create(
        DailyFigure(
            month=day.replace(day=1), day=day, unit=stage.units[unit], value=Decimal(stood),
            indicator_id=stage.indicators[daily.INDICATOR],
            breakdown_id=stage.breakdowns["all"], reported_by=stage.person("clerk"),
            reported_at=at_hour(date(YEAR, 1, 2), 9),
        )
        for day, figures in daily.last_year().items()
        for unit, stood in figures.items()
    )  # fmt: skip


def _plan_units(stage: Stage) -> None:
    """Managers write their own plans: promotions of November, what the year builds."""
    for code, figures in unit_plans.LONG.items():
        save_long_target(
            unit=stage.units[code], year=YEAR, figures=dict(zip(LONG, figures, strict=True)),
            version=0, by=stage.person(code), at=at_hour(unit_plans.LONG_WRITTEN, 15),
        )  # fmt: skip
    for code, written in unit_plans.SHORT.items():
        save_short_plan(
            unit=stage.units[code], month=unit_plans.SHORT_MONTH,
            figures=dict(zip(SHORT, written, strict=True)), version=0,
            by=stage.person(code), at=at_hour(unit_plans.SHORT_WRITTEN, 9),
        )  # fmt: skip


def _issue(stage: Stage) -> None:
    """A week of November, corrected once, and a day; 20 November is left to do."""
    clerk, november = stage.person("clerk"), date(YEAR, OPEN_MONTH, 1)
    week = period_of(Kind.WEEKLY, november.replace(day=15))
    issue_bulletin(
        district=stage.district, period=week, by=clerk, at=at_hour(november.replace(day=16), 9)
    )
    correct_bulletin(
        district=stage.district, period=week, edition=1, by=clerk,
        reason="首发漏写点评，数字不变", comment="本周城乡结合办领先；网格4、集团中心尚未填报。",
        at=at_hour(november.replace(day=16), 11),
    )  # fmt: skip
    day = period_of(Kind.DAILY, november.replace(day=19))
    save_comment(
        district=stage.district, period=day, comment="网格4、集团中心请于今日补报。", version=0,
        by=clerk, at=at_hour(november.replace(day=20), 8, 20),
    )  # fmt: skip
    issue_bulletin(
        district=stage.district, period=day, by=clerk, at=at_hour(november.replace(day=20), 8, 30)
    )


def _lengthen_notice(stage: Stage) -> None:
    """The clerk drafts new terms for the last quarter and the head publishes them."""
    terms = CompetitionPolicy.objects.select_related("competition").get(
        competition__district=stage.district, competition__code=MONTHLY
    )
    values = {name: getattr(terms, name) for name in TERMS} | {
        "notice_days": payouts.LONGER_NOTICE, "reason": payouts.LONGER_NOTICE_REASON,
    }  # fmt: skip
    row = draft_policy(
        competition=terms.competition, policy=None, valid_from=payouts.LONGER_NOTICE_FROM,
        values=values, by=stage.person("clerk"), at=at_hour(date(YEAR, 9, 24), 15),
    )  # fmt: skip
    publish_policy(policy=row, by=stage.person("head"), at=at_hour(date(YEAR, 9, 25), 9))


def _correct(stage: Stage) -> None:
    """In November grid 2 finds revenue of October that was never reported; the head is asked."""
    found = request_adjustment(
        unit=stage.units["grid2"],
        indicator=Indicator.objects.get(pk=stage.indicators["fixed_revenue"]),
        breakdown=Breakdown.objects.get(pk=stage.breakdowns["all"]),
        month=date(YEAR, OPEN_MONTH - 1, 1),
        delta=Decimal("0.36"),
        reason="10月专线出账漏报，凭证 1026 号",
        by=stage.person("grid2"),
        at=at_hour(date(YEAR, OPEN_MONTH, 18), 10),
    )
    auditor = stage.person("auditor")
    verify_adjustment(adjustment=found, by=auditor, at=at_hour(date(YEAR, OPEN_MONTH, 19), 9))
