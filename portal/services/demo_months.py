"""A month of the demo, lived: reported, verified, closed, published, settled, paid."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from competitions.models import Round, RoundState
from competitions.services import approve_round, pay_round
from kpi.models import EventKind
from kpi.queries.verification import returns as returns_of
from kpi.services.actuals import Figure, save_actuals
from kpi.services.daily import DailyEntry, save_daily
from kpi.services.entered import CellEntry
from kpi.services.events import note_event
from kpi.services.months import close_month, open_month, publish_month
from kpi.services.verification import verify_returns
from orgchart.errors import Doubtful
from orgchart.models import Person
from portal.book.book import Book
from portal.book.organisation import Dealer
from portal.demo import DISTRICT, daily, organisation, outlets, payouts
from portal.demo.book import cover
from portal.demo.returns import returns, suspended_dealer
from portal.demo.year import FINISHED, OPEN_MONTH, MonthOfDemo
from portal.rules.bulletins import Kind, period_of
from portal.services.book import apply_book
from portal.services.bulletins import issue_bulletin, note_reading, save_comment
from portal.services.demo_audit import take_over_audit
from portal.services.demo_field import (
    note_findings,
    sign_groups,
    take_over_call_backs,
    take_over_goals,
    take_over_outlet_days,
    take_over_promotions,
    take_over_visits,
)
from portal.services.demo_stage import Stage, at_hour, drain
from portal.services.demo_store import take_over_store
from subsidies.models import SheetKind
from subsidies.services.commissions import approve_sheet, audit_sheet, make_sheet, pay_sheet
from targets.months import last_day

CHECKED = "与原始单据核对无误"


PAID_BY = {SheetKind.DEALERS: "佣金转账", SheetKind.STAFF: "工资代发"}


def report(stage: Stage, month: MonthOfDemo) -> None:
    """Open the month; each unit reports, the clerk for the district; events are noted."""
    clerk = stage.person("clerk")
    open_month(district=stage.district, month=month.month, by=clerk, at=at_hour(month.month, 8, 30))
    for position, unit in enumerate(dict.fromkeys(cell[0] for cell in month.figures)):
        by = clerk if unit == DISTRICT else stage.person(unit)
        at = at_hour(month.as_of, 17, 5 * position)
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
            by=clerk, note=event.note, occurred_on=event.on, at=at_hour(event.on, 18),
        )  # fmt: skip


def _report_daily(stage: Stage, month: MonthOfDemo) -> None:
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
            district=stage.district, by=stage.person(unit), at=at_hour(month.as_of, 18, position),
            entries=[
                DailyEntry(stage.units[unit].pk, indicator, whole, day, Decimal(stood), None)
                for day, stood in course.items()
            ],
        )  # fmt: skip


def _issue_month(stage: Stage, month: date, at: datetime) -> None:
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


def _save(stage: Stage, cells: list[CellEntry], by: Person, at: datetime) -> list[Figure]:
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


def finish(stage: Stage, month: MonthOfDemo) -> None:
    """Close and publish; settle; make, audit and approve the sheets; approve and pay the award.

    Sheets are paid but for October's: the dealers' waits to be, the staff's still for its audit;
    its award is on notice.
    """
    head, clerk, auditor = (stage.person(name) for name in ("head", "clerk", "auditor"))
    first = last_day(month.month) + timedelta(days=1)

    def on(day: int, hour: int) -> datetime:
        return at_hour(first + timedelta(days=day - 1), hour)

    _verify(stage, month.month, auditor, on(2, 8))
    row = close_month(
        month=open_month(district=stage.district, month=month.month, by=clerk, at=on(2, 9)),
        by=clerk, at=on(2, 10),
    )  # fmt: skip
    publish_month(month=row, by=clerk, at=on(3, 9))
    drain()
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


def _verify(stage: Stage, month: date, auditor: Person, at: datetime) -> None:
    """The auditor looks at every unit's returns and verifies them."""
    for one in returns_of(stage.district.pk, month):
        seen = {
            figure.cell.key: figure.cell.version for figure in one.figures if figure.cell.version
        }
        if seen:
            verify_returns(unit=one.unit, month=month, seen=seen, by=auditor, at=at)


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
