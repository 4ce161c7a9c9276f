"""Loading the demo district: the Book of its beginning, then its months, lived one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction

from competitions.models import CompetitionPolicy, Round, RoundState
from competitions.queries import MONTHLY
from competitions.services import approve_round, pay_round
from competitions.services.policies import TERMS, draft_policy, publish_policy
from kpi.models import DailyFigure, EventKind
from kpi.queries.verification import returns as returns_of
from kpi.services.actuals import Figure, save_actuals
from kpi.services.adjustments import request_adjustment, verify_adjustment
from kpi.services.daily import DailyEntry, save_daily
from kpi.services.entered import CellEntry
from kpi.services.events import note_event
from kpi.services.months import close_month, open_month, publish_month
from kpi.services.unit_plans import LONG, SHORT, save_long_target, save_short_plan
from kpi.services.verification import verify_returns
from orgchart import jobs
from orgchart.actors import BUSINESS_ZONE
from orgchart.errors import Doubtful
from orgchart.models import Person, Unit
from portal.book.book import Book
from portal.book.gather import district_by_code
from portal.book.organisation import Dealer
from portal.demo import DISTRICT, YEAR, daily, organisation, outlets, payouts, unit_plans
from portal.demo.book import cover, opening_book
from portal.demo.returns import returns, suspended_dealer
from portal.demo.year import FINISHED, OPEN_MONTH, MonthOfDemo, months
from portal.rules.bulletins import Kind, period_of
from portal.services.book import apply_book
from portal.services.bulletins import (
    correct_bulletin,
    issue_bulletin,
    note_reading,
    save_comment,
)
from portal.services.demo_audit import take_over_audit
from portal.services.demo_calendar import live_calendar
from portal.services.demo_campaigns import live_campaigns
from portal.services.demo_claims import live_claims, open_categories
from portal.services.demo_field import (
    answer_alarms,
    live_surveys,
    note_findings,
    set_visiting,
    sign_groups,
    take_over_accounts,
    take_over_call_backs,
    take_over_goals,
    take_over_outlet_days,
    take_over_promotions,
    take_over_visits,
)
from portal.services.demo_store import open_store, take_over_store
from portal.services.demo_summaries import take_over_summaries
from subsidies.models import SheetKind
from subsidies.services.commissions import approve_sheet, audit_sheet, make_sheet, pay_sheet
from targets.models import Breakdown, Indicator, Plan
from targets.months import last_day
from targets.queries.bargaining import units_of
from targets.services.bargaining import Wish, accept_plan, counter_propose, insist
from targets.services.plans import release_plan

PASSWORD = "demo"
CHECKED = "与原始单据核对无误"
PAID_BY = {SheetKind.DEALERS: "佣金转账", SheetKind.STAFF: "工资代发"}


@dataclass(frozen=True, slots=True)
class _Stage:
    """Everything by code, read once."""

    district: Unit
    units: Mapping[str, Unit]
    people: Mapping[str, Person]
    indicators: Mapping[str, int]
    breakdowns: Mapping[str, int]

    def person(self, account: str) -> Person:
        return self.people[organisation.ACCOUNTS[account]]


def is_loaded() -> bool:
    """Whether the demo district is there already."""
    return district_by_code(DISTRICT) is not None


@transaction.atomic
def load_demo() -> Unit:
    """Load the demo district, all or nothing; months go through the services of real months."""
    apply_book(book=opening_book(), by=None, at=_at(date(YEAR, 1, 2), 8), source="demo")
    stage = _stage()
    _give_accounts(stage)
    plan = Plan.objects.get(district=stage.district, year=YEAR)
    release_plan(plan=plan, by=stage.person("head"), at=_at(date(YEAR, 1, 4), 16))
    _settle(stage, plan)
    _take_over_last_year(stage)
    open_categories(district=stage.district, by=stage.person("clerk"), at=_at(date(YEAR, 1, 4), 17))
    take_over_accounts(
        district=stage.district, by=stage.person("clerk"), at=_at(date(YEAR, 1, 5), 9)
    )
    set_visiting(district=stage.district, by=stage.person("head"), at=_at(date(YEAR, 1, 1), 9))
    open_store(district=stage.district)
    every = months()
    for month in every:
        if month.month == payouts.LONGER_NOTICE_FROM:
            _lengthen_notice(stage)
        _report(stage, month)
        live_claims(
            district=stage.district, month=month, units=stage.units, person=stage.person,
            until=min(last_day(month.month) + timedelta(days=30), every[-1].as_of),
        )  # fmt: skip
        if month.month.month != OPEN_MONTH:
            _finish(stage, month)
    _correct(stage)
    answer_alarms(district=stage.district, person=stage.person)
    _plan_units(stage)
    live_campaigns(district=stage.district, person=stage.person)
    take_over_summaries(district=stage.district, head=stage.person("head"))
    live_surveys(district=stage.district, units=stage.units, person=stage.person)
    live_calendar(district=stage.district, person=stage.person, at=_at(date(YEAR, 1, 6), 10))
    _issue(stage)
    _drain()
    return stage.district


def _settle(stage: _Stage, plan: Plan) -> None:
    """Each unit answers; the second grid asks for less first and hears why it cannot be."""
    code, at = "grid2", _at(date(YEAR, 1, 5), 10)
    asked = counter_propose(
        sheet=plan.sheets.get(code="4-2"), unit=stage.units[code], version=1,
        wishes=[Wish("t1", total=Decimal(7000))], reason="两个一级网点停业改造，恢复前少放号",
        by=stage.person(code), at=at,
    )  # fmt: skip
    insist(
        proposal=asked, answer="停业只到 2月，全年任务不变；可在月间借用",
        by=stage.person("head"), at=_at(date(YEAR, 1, 6), 9),
    )  # fmt: skip
    for unit in units_of(plan):
        accept_plan(
            plan=plan, unit=unit, version=1, by=stage.person(unit.code),
            at=_at(date(YEAR, 1, 6), 15),
        )  # fmt: skip


def _drain() -> None:
    """Do what the months owe now; a demo with work left undone is not loaded at all."""
    jobs.drain()
    if owed := jobs.pending():
        raise RuntimeError(f"jobs failed while the demo was loaded: {owed}")


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=BUSINESS_ZONE)


def _stage() -> _Stage:
    district = district_by_code(DISTRICT)
    assert district is not None
    return _Stage(
        district,
        {unit.code: unit for unit in Unit.objects.filter(district=district)},
        {person.code: person for person in Person.objects.filter(district=district)},
        dict(Indicator.objects.filter(district=district).values_list("code", "pk")),
        dict(Breakdown.objects.filter(district=district).values_list("code", "pk")),
    )


def _give_accounts(stage: _Stage) -> None:
    hashed = make_password(PASSWORD)  # once: hashing is slow by design
    for username, code in organisation.ACCOUNTS.items():
        person = stage.people[code]
        person.user, _is_new = User.objects.get_or_create(
            username=username, defaults={"password": hashed}
        )
        person.save(update_fields=["user"])


def _report(stage: _Stage, month: MonthOfDemo) -> None:
    """Open the month; each unit reports, the clerk for the district; events are noted."""
    clerk = stage.person("clerk")
    open_month(district=stage.district, month=month.month, by=clerk, at=_at(month.month, 8, 30))
    for position, unit in enumerate(dict.fromkeys(cell[0] for cell in month.figures)):
        by = clerk if unit == DISTRICT else stage.person(unit)
        at = _at(month.as_of, 17, 5 * position)
        cells = [
            CellEntry(
                unit_id=stage.units[unit].pk, indicator_id=stage.indicators[indicator],
                breakdown_id=stage.breakdowns[breakdown], month=month.month, value=value,
                as_of=month.as_of, version=None,
            )
            for (where, indicator, breakdown), value in month.figures.items()
            if where == unit
        ]  # fmt: skip
        _save(stage, cells, by, at)
    _report_daily(stage, month)
    auditor = stage.person("auditor")
    sign_groups(district=stage.district, month=month, person=stage.person)
    take_over_visits(district=stage.district, month=month)
    take_over_call_backs(district=stage.district, month=month)
    take_over_promotions(district=stage.district, month=month, person=stage.person)
    take_over_outlet_days(district=stage.district, month=month, by=clerk)
    note_findings(district=stage.district, month=month, units=stage.units, auditor=auditor)
    take_over_store(district=stage.district, month=month, units=stage.units, person=stage.person)
    take_over_audit(district=stage.district, month=month, auditor=auditor)
    is_billed = month.month.month != OPEN_MONTH
    billed = _billing(month).dealer_returns if is_billed else ()
    volumes = {row.dealer: row.gross for row in billed}
    take_over_goals(district=stage.district, month=month, volumes=volumes, person=stage.person)
    for event in month.events:
        if event.kind in (EventKind.NEW_GROUP, EventKind.AUDIT_FINDING):
            continue  # signed groups and findings become events by themselves
        note_event(
            unit=stage.units[event.unit], month=month.month, kind=event.kind, count=event.count,
            by=clerk, note=event.note, occurred_on=event.on, at=_at(event.on, 18),
        )  # fmt: skip


def _report_daily(stage: _Stage, month: MonthOfDemo) -> None:
    """Each unit's gross adds day by day, which end in the month's figure."""
    totals = {
        unit: int(value)
        for (unit, indicator, _breakdown), value in month.figures.items()
        if indicator == daily.INDICATOR
    }
    indicator, whole = stage.indicators[daily.INDICATOR], stage.breakdowns["all"]
    for position, (unit, course) in enumerate(
        daily.courses(month.month, month.as_of, totals).items()
    ):
        save_daily(
            district=stage.district, by=stage.person(unit), at=_at(month.as_of, 18, position),
            entries=[
                DailyEntry(stage.units[unit].pk, indicator, whole, day, Decimal(stood), None)
                for day, stood in course.items()
            ],
        )  # fmt: skip


def _take_over_last_year(stage: _Stage) -> None:
    """Days of last year, from before the portal: no month of it was ever open here."""
    DailyFigure.objects.bulk_create(
        DailyFigure(
            month=day.replace(day=1), day=day, unit=stage.units[unit], value=Decimal(stood),
            indicator_id=stage.indicators[daily.INDICATOR],
            breakdown_id=stage.breakdowns["all"], reported_by=stage.person("clerk"),
            reported_at=_at(date(YEAR, 1, 2), 9),
        )
        for day, figures in daily.last_year().items()
        for unit, stood in figures.items()
    )  # fmt: skip


def _plan_units(stage: _Stage) -> None:
    """Managers write their own plans: promotions of November, what the year builds."""
    for code, figures in unit_plans.LONG.items():
        save_long_target(
            unit=stage.units[code], year=YEAR, figures=dict(zip(LONG, figures, strict=True)),
            version=0, by=stage.person(code), at=_at(unit_plans.LONG_WRITTEN, 15),
        )  # fmt: skip
    for code, written in unit_plans.SHORT.items():
        save_short_plan(
            unit=stage.units[code], month=unit_plans.SHORT_MONTH,
            figures=dict(zip(SHORT, written, strict=True)), version=0,
            by=stage.person(code), at=_at(unit_plans.SHORT_WRITTEN, 9),
        )  # fmt: skip


def _issue_month(stage: _Stage, month: date, at: datetime) -> None:
    """The clerk issues the bulletin of a published month; all but the last are read."""
    clerk, period = stage.person("clerk"), period_of(Kind.MONTHLY, month)
    if month.month == OPEN_MONTH - 1:
        save_comment(
            district=stage.district, period=period, version=0, by=clerk, at=at,
            comment="十月达成，四网格有起色；十一月紧盯宽带净增。",
        )  # fmt: skip
    row = issue_bulletin(district=stage.district, period=period, by=clerk, at=at)
    if month.month < OPEN_MONTH - 1:
        for account in organisation.ACCOUNTS:
            note_reading(bulletin=row, by=stage.person(account), at=at + timedelta(hours=4))


def _issue(stage: _Stage) -> None:
    """A week of November, corrected once, and a day; 20 November is left to do."""
    clerk, november = stage.person("clerk"), date(YEAR, OPEN_MONTH, 1)
    week = period_of(Kind.WEEKLY, november.replace(day=15))
    issue_bulletin(
        district=stage.district, period=week, by=clerk, at=_at(november.replace(day=16), 9)
    )
    correct_bulletin(
        district=stage.district, period=week, edition=1, by=clerk,
        reason="首发漏写点评，数字不变", comment="本周城乡结合办领先；网格4、集团中心尚未填报。",
        at=_at(november.replace(day=16), 11),
    )  # fmt: skip
    day = period_of(Kind.DAILY, november.replace(day=19))
    save_comment(
        district=stage.district, period=day, comment="网格4、集团中心请于今日补报。", version=0,
        by=clerk, at=_at(november.replace(day=20), 8, 20),
    )  # fmt: skip
    issue_bulletin(
        district=stage.district, period=day, by=clerk, at=_at(november.replace(day=20), 8, 30)
    )


def _save(stage: _Stage, cells: list[CellEntry], by: Person, at: datetime) -> list[Figure]:
    """Save; figures that look like a slip are confirmed with a reason, as a person would."""
    try:
        with transaction.atomic():
            return save_actuals(district=stage.district, cells=cells, by=by, at=at)
    except Doubtful as doubtful:
        odd = {doubt["index"] for doubt in doubtful.extra["doubts"]}
        confirmed = [
            replace(cell, reason=CHECKED) if index in odd else cell
            for index, cell in enumerate(cells)
        ]
        return save_actuals(district=stage.district, cells=confirmed, by=by, at=at)


def _finish(stage: _Stage, month: MonthOfDemo) -> None:
    """Close and publish; settle; make, audit and approve the sheets; approve and pay the award.

    Sheets are paid but for October's: the dealers' waits to be, the staff's still for its audit;
    its award is on notice.
    """
    head, clerk, auditor = (stage.person(name) for name in ("head", "clerk", "auditor"))
    first = last_day(month.month) + timedelta(days=1)

    def on(day: int, hour: int) -> datetime:
        return _at(first + timedelta(days=day - 1), hour)

    _verify(stage, month.month, auditor, on(2, 8))
    row = close_month(
        month=open_month(district=stage.district, month=month.month, by=clerk, at=on(2, 9)),
        by=clerk, at=on(2, 10),
    )  # fmt: skip
    publish_month(month=row, by=clerk, at=on(3, 9))
    _drain()
    _issue_month(stage, month.month, on(3, 10))

    apply_book(book=_billing(month), by=clerk, at=on(4, 9), source="workbook")
    for kind in SheetKind:
        sheet = make_sheet(
            district=stage.district, month=month.month, kind=kind, by=clerk, at=on(4, 15)
        )
        is_last = month.month.month == FINISHED[-1]
        if kind == SheetKind.STAFF and is_last:
            break
        audit_sheet(sheet=sheet, by=auditor, at=on(6, 10))
        approve_sheet(sheet=sheet, by=head, at=on(8, 11))
        if not is_last:
            note = f"{PAID_BY[kind]} {first:%Y%m}"
            pay_sheet(sheet=sheet, by=clerk, at=on(10, 15), note=note)
    won = Round.objects.filter(
        competition__district=stage.district, month=month.month, state=RoundState.DECIDED
    ).first()
    if won is not None and month.month < payouts.LONGER_NOTICE_FROM:
        approve_round(round=won, by=head, at=on(8, 16))
        pay_round(round=won, by=clerk, at=on(10, 10))


def _lengthen_notice(stage: _Stage) -> None:
    """The clerk drafts new terms for the last quarter and the head publishes them."""
    terms = CompetitionPolicy.objects.select_related("competition").get(
        competition__district=stage.district, competition__code=MONTHLY
    )
    values = {name: getattr(terms, name) for name in TERMS} | {
        "notice_days": payouts.LONGER_NOTICE, "reason": payouts.LONGER_NOTICE_REASON,
    }  # fmt: skip
    row = draft_policy(
        competition=terms.competition, policy=None, valid_from=payouts.LONGER_NOTICE_FROM,
        values=values, by=stage.person("clerk"), at=_at(date(YEAR, 9, 24), 15),
    )  # fmt: skip
    publish_policy(policy=row, by=stage.person("head"), at=_at(date(YEAR, 9, 25), 9))


def _verify(stage: _Stage, month: date, auditor: Person, at: datetime) -> None:
    """The auditor looks at every unit's returns and verifies them."""
    for one in returns_of(stage.district.pk, month):
        seen = {
            figure.cell.key: figure.cell.version for figure in one.figures if figure.cell.version
        }
        if seen:
            verify_returns(unit=one.unit, month=month, seen=seen, by=auditor, at=at)


def _correct(stage: _Stage) -> None:
    """In November grid 2 finds revenue of October that was never reported; the head is asked."""
    found = request_adjustment(
        unit=stage.units["grid2"],
        indicator=Indicator.objects.get(pk=stage.indicators["fixed_revenue"]),
        breakdown=Breakdown.objects.get(pk=stage.breakdowns["all"]),
        month=date(YEAR, OPEN_MONTH - 1, 1),
        delta=Decimal("0.36"),
        reason="10月专线出账漏报，凭证 1026 号",
        by=stage.person("grid2"),
        at=_at(date(YEAR, OPEN_MONTH, 18), 10),
    )
    auditor = stage.person("auditor")
    verify_adjustment(adjustment=found, by=auditor, at=_at(date(YEAR, OPEN_MONTH, 19), 9))


def _billing(month: MonthOfDemo) -> Book:
    """Return the billing extract of a month, and in August the end of the suspended dealer."""
    gross = {
        unit: int(value)
        for (unit, indicator, _breakdown), value in month.figures.items()
        if indicator == "mobile_gross_adds"
    }
    ended: tuple[Dealer, ...] = ()
    if month.month == outlets.SUSPENDED.replace(day=1):
        ended = (replace(suspended_dealer(), closed_on=outlets.SUSPENDED),)
    return Book(covers=(cover(),), dealers=ended, dealer_returns=returns(month.month.month, gross))
