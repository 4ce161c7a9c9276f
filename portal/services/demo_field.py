"""The demo's field work, lived through the services."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from fieldwork.models import (
    Account,
    Activity,
    ActivityKind,
    ActivityState,
    Alarm,
    AlarmKind,
    Call,
    FindingLevel,
    Goal,
    Promotion,
    WarnedUser,
)
from fieldwork.queries.visits import check_list, in_month
from fieldwork.rules.goals import completion
from fieldwork.rules.retention import due_day
from fieldwork.rules.surveys import NAMES
from fieldwork.services.account_import import import_accounts
from fieldwork.services.accounts import move_account
from fieldwork.services.alarms import answer_alarm, close_alarm, make_alarms
from fieldwork.services.findings import FindingEntry, close_finding, note_finding
from fieldwork.services.forms import six_items
from fieldwork.services.outlet_days import store_days
from fieldwork.services.surveys import (
    add_sheet,
    close_survey,
    give_sheet,
    open_survey,
    send_sheet,
)
from fieldwork.services.visits import set_frequency
from kpi.calendars import is_statutory_workday
from kpi.models import EventKind
from orgchart.actors import BUSINESS_ZONE, business_day
from orgchart.models import Dealer, Person, Unit
from portal.demo.fieldwork import (
    accounts,
    alarms,
    findings,
    goals,
    promotions,
    retention,
    surveys,
    visits,
)
from portal.demo.year import AS_OF, Happening, MonthOfDemo
from targets.amounts import rounded
from targets.months import last_day


def take_over_accounts(*, district: Unit, by: Person, at: datetime) -> None:
    """The clerk imports the list of accounts that the department kept before."""
    import_accounts(district=district, unit_ids=None, content=accounts.account_list(), by=by, at=at)


def sign_groups(*, district: Unit, month: MonthOfDemo, person: Callable[[str], Person]) -> None:
    """The managers move accounts on; each signed group becomes an event of the month."""
    steps = accounts.moves(month)
    known = {
        (row.kind, row.name_zh, row.area): row for row in Account.objects.filter(district=district)
    }
    for step in steps:
        row = known[step.account]
        row.refresh_from_db(fields=["version"])
        move_account(
            account=row, version=row.version, stage=step.stage, on=step.on,
            by=person(step.unit), at=datetime.combine(step.on, time(18), tzinfo=BUSINESS_ZONE),
        )  # fmt: skip


def set_visiting(*, district: Unit, by: Person, at: datetime) -> None:
    """The rules of visiting, before the year's first visit."""
    for tier, count in visits.FREQUENCIES.items():
        set_frequency(
            district=district, tier=tier, visits=count, valid_from=business_day(at), by=by, at=at
        )
    six_items(district=district, on=business_day(at), at=at)


def take_over_visits(*, district: Unit, month: MonthOfDemo) -> None:
    """The visits of a month, written at once: three thousand steps would take a minute."""
    units = {row.code: row for row in Unit.objects.filter(district=district)}
    people = {row.code: row for row in Person.objects.filter(district=district)}
    dealers = {row.code: row for row in Dealer.objects.filter(district=district)}
    form = check_list(district, month.month)
    rows = []
    for each in visits.visits_of(month):
        done, problem = each.done_at, each.problem
        person = people.get(each.manager or "")
        follow_up = each.planned_on + timedelta(days=5) if problem else None
        is_closed = problem is not None and each.is_closed
        rows.append(
            Activity(
                kind=ActivityKind.VISIT, unit=units[each.unit], dealer=dealers[each.dealer],
                person=person, planned_on=each.planned_on, form=form if done else None,
                state=ActivityState.DONE if done else ActivityState.PLANNED, done_at=done,
                done_by=person if done else None, answers=each.answers if done else {},
                stock=each.stock, rivals=each.rivals, problem=problem[0] if problem else "",
                measure=problem[1] if problem else "", follow_up_on=follow_up,
                closed_at=done + timedelta(days=4) if is_closed and done else None,
                closed_by=person if is_closed else None,
                closing_note=problem[2] if problem and is_closed else "",
            )
        )  # fmt: skip
    Activity.objects.bulk_create(rows, batch_size=500)


def take_over_promotions(
    *, district: Unit, month: MonthOfDemo, person: Callable[[str], Person]
) -> None:
    """The promotions of a month, written at once, planned by the unit's manager."""
    units = {row.code: row for row in Unit.objects.filter(district=district)}
    people = {row.code: row for row in Person.objects.filter(district=district)}
    dealers = {row.code: row for row in Dealer.objects.filter(district=district)}
    told = promotions.promotions_of(month)

    def at(each: promotions.PromotionOfDemo, days: int, hour: int) -> datetime:
        day = min(each.planned_on + timedelta(days=days), AS_OF)
        return datetime.combine(day, time(hour), tzinfo=BUSINESS_ZONE)

    rows = Activity.objects.bulk_create(
        Activity(
            kind=ActivityKind.PROMOTION, unit=units[each.unit], planned_on=each.planned_on,
            dealer=dealers.get(each.dealer or ""), person=people[each.person], state=each.state,
            done_at=at(each, 0, 18) if each.users is not None else None,
            done_by=people[each.person] if each.users is not None else None,
        )
        for each in told
    )  # fmt: skip
    head = person("head")
    Promotion.objects.bulk_create(
        Promotion(
            activity=row, code=f"CX{row.pk:05d}", setting=each.setting, place=each.place,
            materials=each.materials, expected=each.expected, budget=each.budget,
            made_by=person(each.unit), submitted_at=at(each, -6, 10),
            decided_by=None if each.state == ActivityState.SUBMITTED else head,
            decided_at=None if each.state == ActivityState.SUBMITTED else at(each, -4, 16),
            reason=each.reason, users=each.users, cost=each.cost, summary=each.summary,
        )
        for row, each in zip(rows, told, strict=True)
    )  # fmt: skip


def promotion_codes(district: Unit, month: date) -> dict[tuple[str, date | None], str]:
    """Return the codes of a month's promotions by unit and day."""
    rows = Activity.objects.filter(
        in_month(month), kind=ActivityKind.PROMOTION, unit__district=district
    )
    return {
        (unit, day): code
        for unit, day, code in rows.values_list("unit__code", "planned_on", "promotion__code")
    }


def note_findings(
    *, district: Unit, month: MonthOfDemo, units: Mapping[str, Unit], auditor: Person
) -> None:
    """The auditor notes what took points, as events then, and the hints that cost nothing."""

    def at(day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), tzinfo=BUSINESS_ZONE)

    def note(entry: FindingEntry, closed_on: date | None) -> None:
        row = note_finding(district=district, entry=entry, by=auditor, at=at(entry.found_on, 18))
        if closed_on is not None:
            close_finding(
                finding=row, version=row.version, remark="已核对整改", by=auditor,
                at=at(closed_on, 10),
            )  # fmt: skip

    for event in month.events:
        if event.kind == EventKind.AUDIT_FINDING:
            closed_on = event.on + timedelta(days=4)
            for _each in range(event.count):
                note(_points(event, units[event.unit]), min(closed_on, AS_OF))
    for hint in findings.hints(month):
        entry = FindingEntry(
            unit=units[hint.unit], area=hint.area, level=FindingLevel.HINT, text=hint.text,
            found_on=hint.on, deadline=hint.on + timedelta(days=5),
        )  # fmt: skip
        note(entry, hint.closed_on)


def _points(event: Happening, unit: Unit) -> FindingEntry:
    return FindingEntry(
        unit=unit, area="documents", level=FindingLevel.POINTS, text=event.note,
        found_on=event.on, deadline=event.on + timedelta(days=5),
    )  # fmt: skip


def take_over_goals(
    *,
    district: Unit,
    month: MonthOfDemo,
    volumes: Mapping[str, int],
    person: Callable[[str], Person],
) -> None:
    """The goals of a month as they stood at its end, assessed by the units' managers."""
    units = {row.code: row for row in Unit.objects.filter(district=district)}
    people = {row.code: row for row in Person.objects.filter(district=district)}
    dealers = {row.code: row for row in Dealer.objects.filter(district=district)}
    last = last_day(month.month)
    at = datetime.combine(last, time(17), tzinfo=BUSINESS_ZONE)
    rows = []
    for each in goals.goals_of(month, volumes):
        share = completion(each.parts) if each.verdict else None
        groups, mobile, fixed = each.done
        reported = datetime.combine(month.as_of, time(17), tzinfo=BUSINESS_ZONE)
        rows.append(
            Goal(
                unit=units[each.unit], month=month.month, due_on=last,
                person=people.get(each.person or ""), dealer=dealers.get(each.dealer or ""),
                groups=each.asked[0], mobile=each.asked[1], fixed=each.asked[2],
                groups_done=groups if each.verdict else None, mobile_done=mobile, fixed_done=fixed,
                reported_by=person(each.unit) if mobile is not None else None,
                reported_at=reported if mobile is not None else None,
                verdict=each.verdict, remark=each.remark,
                completion=None
                if share is None
                else rounded(Decimal(share.numerator) / share.denominator, 4),
                assessed_by=person(each.unit) if each.verdict else None,
                assessed_at=at if each.verdict else None,
            )
        )  # fmt: skip
    Goal.objects.bulk_create(rows, batch_size=500)


def take_over_call_backs(*, district: Unit, month: MonthOfDemo) -> None:
    """The warned users of the latest months with their calls, written at once."""
    if month.month.month not in retention.MONTHS:
        return
    units = {row.code: row for row in Unit.objects.filter(district=district)}
    people = {row.code: row for row in Person.objects.filter(district=district)}
    dealers = {row.code: row for row in Dealer.objects.filter(district=district)}
    warned = retention.warned_of(month)
    due = {day: due_day(day, is_statutory_workday) for day in {each.listed_on for each in warned}}
    rows = []
    for each in warned:
        last = each.calls[-1] if each.calls else None
        rows.append(
            WarnedUser(
                district=district, month=month.month, number=each.number, name=each.name,
                kind=each.kind, unit=units[each.unit], dealer=dealers[each.dealer],
                person=people[each.person], revenue=each.revenue, listed_on=each.listed_on,
                due_on=due[each.listed_on], is_billed=each.is_billed,
                first_call_at=each.calls[0].at if last else None,
                last_call_at=last.at if last else None, result=last.result if last else "",
                reason=last.reason if last else "", measure=last.measure if last else "",
            )
        )  # fmt: skip
    WarnedUser.objects.bulk_create(rows, batch_size=500)
    Call.objects.bulk_create(
        [
            Call(user=row, at=call.at, by=row.person, result=call.result, reason=call.reason,
                 measure=call.measure)
            for row, each in zip(rows, warned, strict=True)
            for call in each.calls
        ],
        batch_size=500,
    )  # fmt: skip


def live_surveys(
    *, district: Unit, units: Mapping[str, Unit], person: Callable[[str], Person]
) -> None:
    """The clerk sends the forms round; units fill them in, some late, one never."""
    people = {row.code: row for row in Person.objects.filter(district=district)}
    for each in surveys.surveys():
        zh, en = NAMES[each.kind]

        def at(day: date) -> datetime:
            return datetime.combine(day, time(9), tzinfo=BUSINESS_ZONE)

        survey = open_survey(
            district=district, kind=each.kind, name_zh=f"{each.month}{zh}",
            name_en=f"{en} {each.deadline:%Y-%m}", deadline=each.deadline,
            units=[units[code] for code in each.units], by=person("clerk"), at=at(each.opened_on),
        )  # fmt: skip
        waiting = {row.unit.code: row for row in survey.sheets.select_related("unit")}
        for code, whose in each.people.items():
            give_sheet(
                sheet=waiting[code], version=1, person=people[whose], by=person(code),
                at=at(each.opened_on),
            )  # fmt: skip
        for sheet in each.sheets:
            told: dict[str, Any] = {"answers": sheet.answers, "by": person(sheet.unit)}
            first = waiting.pop(sheet.unit, None)
            if first is not None:
                send_sheet(sheet=first, version=1, at=sheet.sent_at, **told)
            else:
                add_sheet(survey=survey, unit=units[sheet.unit], at=sheet.sent_at, **told)
        if each.closed_on is not None:
            close_survey(
                survey=survey, version=1, is_closed=True, by=person("clerk"), at=at(each.closed_on)
            )


def take_over_outlet_days(*, district: Unit, month: MonthOfDemo, by: Person) -> None:
    """What outlets activated in the latest months, day by day, as the clerk loads it."""
    if month.month.month not in alarms.MONTHS:
        return
    dealers = dict(Dealer.objects.filter(district=district).values_list("code", "pk"))
    days = {
        day: {dealers[code]: many for code, many in users.items() if many}
        for day, users in alarms.outlet_days(month).items()
    }
    at = datetime.combine(month.as_of, time(18, 30), tzinfo=BUSINESS_ZONE)
    store_days(district=district, days=days, by=by, at=at)


def answer_alarms(*, district: Unit, person: Callable[[str], Person]) -> None:
    """The clock makes the alarms; managers have looked into the older ones, the clerk half."""
    at = datetime.combine(AS_OF, time(19), tzinfo=BUSINESS_ZONE)
    make_alarms(at=at)
    rows = Alarm.objects.filter(district=district).select_related("unit")
    for number, row in enumerate(rows.order_by("day", "dealer__code")):
        is_free = row.kind == AlarmKind.FREE
        if (is_free and number % 2) or (not is_free and row.day.day > alarms.SEEN_UNTIL):
            continue
        reason, remark = alarms.ANSWERS[AlarmKind(row.kind)][number % 2]
        by = person("clerk" if is_free or row.unit is None else row.unit.code)
        seen = answer_alarm(
            alarm=row, version=row.version, reason=reason, remark=remark, may_stand_in=True,
            by=by, at=at,
        )  # fmt: skip
        if not is_free and row.day.day <= alarms.CLOSED_UNTIL:
            close_alarm(alarm=seen, version=seen.version, by=by, at=at)
