"""Promotions: planned, decided by another, reported once held; lists; what followed."""

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from fieldwork.models import Activity, ActivityState, Promotion
from fieldwork.queries.lift import LENT, lifts
from fieldwork.queries.promotions import (
    calendar,
    due,
    promotions_of,
    tallies,
    to_come,
    together,
    unreported,
)
from fieldwork.rules.promotions import days_after, days_before, lift, per_user
from fieldwork.services import promotions as services
from fieldwork.services.account_import import NotImported
from fieldwork.services.promotion_import import import_promotions
from fieldwork.services.promotions import (
    Plan,
    approve_promotion,
    cancel_promotion,
    report_promotion,
    return_promotion,
    save_promotion,
)
from fieldwork.workbooks.promotions import promotions_workbook
from kpi.models import DailyFigure
from orgchart.errors import Invalid, Locked, Refused, VersionConflict
from orgchart.models import AuditEntry
from tests.district import MARCH, District, build_district
from tests.fieldwork.test_accounts import at_once
from tests.fieldwork.test_visits import outlet

NOW = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)
TODAY = date(2026, 3, 12)
LATER = NOW + timedelta(days=5)


@pytest.fixture
def ready(district: District) -> District:
    return prepared(district)


def prepared(district: District) -> District:
    outlet(district, "a")
    return district


def plan(district: District, **changes: Any) -> Plan:
    given = Plan(
        unit=district.units["grid1"], planned_on=date(2026, 3, 14), setting="outdoor",
        place="劳务市场门口", expected=45, budget=Decimal("360.50"),
        person=district.people["staff"], materials="帐篷 1 顶，单页 500 张",
    )  # fmt: skip
    return replace(given, **changes)


def planned(district: District, by: str = "grid1", **changes: Any) -> Activity:
    person = district.people[by]
    return save_promotion(plan=plan(district, **changes), by=person, at=NOW)


def approved(district: District, **changes: Any) -> Activity:
    row = planned(district, **changes)
    return approve_promotion(promotion=row, version=row.version, by=district.people["head"], at=NOW)


def reported(district: District, row: Activity, by: str = "staff", **given: Any) -> Activity:
    row.refresh_from_db()
    result = {"users": 40, "cost": Decimal("300"), "summary": "", "at": LATER} | given
    return report_promotion(
        promotion=row, version=row.version, by=district.people[by], may_stand_in=by == "grid1",
        **result,
    )  # fmt: skip


# --- rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "users", "expected"),
    [
        (Decimal("300"), 40, Fraction(15, 2)),
        (Decimal("100"), 3, Fraction(100, 3)),
        (Decimal("0"), 3, Fraction(0)),
        (Decimal("300"), 0, None),
        (Decimal("300"), None, None),
        (None, None, None),
    ],
)
def test_cost_of_a_user_is_exact_or_none(
    cost: Decimal | None, users: int | None, expected: Fraction | None
) -> None:
    assert per_user(cost, users) == expected


def test_lift_needs_every_day_and_something_before() -> None:
    ten, eleven, none = [Decimal(10)] * 7, [Decimal(11)] * 7, [Decimal(0)] * 7
    found = lift(ten, eleven)
    assert (found.daily_before, found.extra, found.rate) == (10, 7, Fraction(1, 10))
    assert lift(eleven, ten).rate == Fraction(-1, 11)
    assert (lift(none, ten).extra, lift(none, ten).rate) == (70, None)
    found = lift([*ten[:6], None], [None, None, *ten[:5]])
    assert (found.unknown_before, found.unknown_after) == (1, 2)
    assert (found.daily_before, found.extra, found.rate) == (None, None, None)
    day = date(2026, 3, 3)
    assert (days_before(day)[0], days_before(day)[-1]) == (date(2026, 2, 24), date(2026, 3, 2))
    assert (days_after(day)[0], days_after(day)[-1]) == (date(2026, 3, 4), date(2026, 3, 10))


# --- plan and decision -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"planned_on": TODAY}, set()),
        ({"planned_on": date(2026, 3, 11)}, {"/planned_on"}),
        ({"planned_on": TODAY + timedelta(days=366)}, set()),
        ({"planned_on": TODAY + timedelta(days=367)}, {"/planned_on"}),
        ({"expected": 1}, set()),
        ({"expected": 0}, {"/expected"}),
        ({"expected": 10_000}, {"/expected"}),
        ({"budget": Decimal(0)}, set()),
        ({"budget": Decimal("-0.01")}, {"/budget"}),
        ({"budget": Decimal("99999.99")}, set()),
        ({"budget": Decimal("100000")}, {"/budget"}),
        ({"budget": Decimal("1.005")}, {"/budget"}),
        ({"place": " "}, {"/place"}),
        ({"materials": "x" * 301}, {"/materials"}),
        ({"setting": "moon"}, {"/setting"}),
        ({"setting": "shop"}, {"/dealer"}),
    ],
)
def test_a_plan_is_refused_at_its_field(
    ready: District, changes: dict[str, Any], pointers: set[str]
) -> None:
    if not pointers:
        assert planned(ready, **changes).state == ActivityState.SUBMITTED
        return
    with pytest.raises(Invalid) as refusal:
        planned(ready, **changes)
    assert {fault.pointer for fault in refusal.value.faults} == pointers
    assert not Activity.objects.exists()


def test_dealer_and_person_are_of_the_unit(ready: District) -> None:
    dealer = outlet(ready, "b")
    row = planned(ready, setting="shop", dealer=dealer)
    assert (row.dealer, row.promotion.setting) == (dealer, "shop")
    with pytest.raises(Invalid) as refusal:
        planned(
            ready, unit=ready.units["grid2"], dealer=dealer, setting="shop",
            person=ready.people["grid1"],
        )  # fmt: skip
    assert {fault.pointer for fault in refusal.value.faults} == {"/dealer", "/person"}


def test_somebody_else_decides_and_a_change_is_decided_anew(ready: District) -> None:
    row = planned(ready, by="grid1")
    with pytest.raises(Refused):
        approve_promotion(promotion=row, version=1, by=ready.people["grid1"], at=NOW)
    head = {"by": ready.people["head"], "at": NOW}
    with pytest.raises(Invalid):
        return_promotion(promotion=row, version=1, reason=" ", **head)
    row = return_promotion(promotion=row, version=1, reason="预算过高", **head)
    assert (row.state, row.promotion.reason) == ("returned", "预算过高")
    with pytest.raises(Locked):
        approve_promotion(promotion=row, version=2, **head)
    cheaper = {"plan": plan(ready, budget=Decimal(300)), "by": ready.people["grid1"], "at": NOW}
    with pytest.raises(VersionConflict):
        save_promotion(promotion=row, version=1, **cheaper)
    row = save_promotion(promotion=row, version=2, **cheaper)
    row = approve_promotion(promotion=row, version=3, **head)
    assert (row.state, row.promotion.decided_by.code) == ("approved", "head")
    # An approved plan that is written again waits for its approval again.
    row = save_promotion(promotion=row, version=4, **cheaper)
    assert (row.state, row.promotion.decided_by) == ("submitted", None)
    trail = AuditEntry.objects.filter(subject=f"promotions/{row.promotion.code}")
    assert [entry.action.split(".")[1] for entry in trail.order_by("pk")] == [
        "save", "return", "save", "approve", "save",
    ]  # fmt: skip


def test_two_who_decide_at_once_decide_once(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    district = prepared(build_district())
    row = planned(district)
    # Whoever read the plan waits for the other to have read it too: only the lock keeps that off.
    both_read, told = threading.Barrier(2), services._told

    def slow(promotion: Activity) -> dict[str, Any]:
        with suppress(threading.BrokenBarrierError):
            both_read.wait(1)
        return told(promotion)

    monkeypatch.setattr(services, "_told", slow)
    head = {"promotion": row, "version": 1, "by": district.people["head"], "at": NOW}

    def decide(call: Any, **more: Any) -> Any:
        try:
            return call(**head, **more).state
        except Locked:
            return "locked"

    found = at_once(
        lambda: decide(approve_promotion), lambda: decide(return_promotion, reason="重写")
    )
    assert "locked" in found and len(set(found)) == 2
    assert Activity.objects.get().version == 2
    assert AuditEntry.objects.filter(action__startswith="promotion.").count() == 2


# --- result ----------------------------------------------------------------------------------


def test_the_result_is_entered_by_whoever_is_responsible_from_its_day_on(ready: District) -> None:
    row = approved(ready)
    with pytest.raises(Locked):
        reported(ready, row, at=NOW)
    with pytest.raises(Refused):
        reported(ready, row, by="grid2")
    row = reported(ready, row, at=datetime(2026, 3, 13, 16, 0, tzinfo=UTC))  # the 14th at home
    assert (row.state, row.done_by.code) == ("done", "staff")
    # The manager corrects it; the day of the result stays.
    row = reported(ready, row, by="grid1", users=0, summary="下雨，无人")
    row.refresh_from_db()
    assert (row.promotion.users, row.done_by.code) == (0, "staff")
    with pytest.raises(Locked):
        cancel_promotion(
            promotion=row, version=row.version, reason="x", by=ready.people["grid1"], at=LATER
        )


@pytest.mark.parametrize(
    ("given", "pointers"),
    [
        ({"users": 0, "summary": "下雨"}, set()),
        ({"users": 0}, {"/summary"}),
        ({"users": -1}, {"/users"}),
        ({"users": 10_000}, {"/users"}),
        ({"cost": Decimal(0)}, set()),
        ({"cost": Decimal("-0.01")}, {"/cost"}),
        ({"cost": Decimal("0.001")}, {"/cost"}),
        ({"summary": "x" * 501}, {"/summary"}),
    ],
)
def test_a_result_is_refused_at_its_field(
    ready: District, given: dict[str, Any], pointers: set[str]
) -> None:
    row = approved(ready)
    if not pointers:
        assert reported(ready, row, **given).state == ActivityState.DONE
        return
    with pytest.raises(Invalid) as refusal:
        reported(ready, row, **given)
    assert {fault.pointer for fault in refusal.value.faults} == pointers
    assert Promotion.objects.get().users is None


def test_nothing_is_reported_without_approval_and_nothing_after_calling_off(
    ready: District,
) -> None:
    row = planned(ready)
    with pytest.raises(Locked):
        reported(ready, row)
    row = cancel_promotion(
        promotion=row, version=1, reason="场地被占", by=ready.people["grid1"], at=NOW
    )
    assert (row.state, row.promotion.reason) == ("cancelled", "场地被占")
    with pytest.raises(Locked):
        save_promotion(plan=plan(ready), promotion=row, version=2, by=ready.people["grid1"], at=NOW)


# --- lists -----------------------------------------------------------------------------------


def test_what_is_due_late_to_come_and_its_sums(ready: District) -> None:
    rows = promotions_of(ready.root, None)
    held = reported(ready, approved(ready, place="已办"))
    reported(ready, approved(ready, place="另一场"), users=20, cost=Decimal(150))
    late = approved(ready, place="未报", planned_on=date(2026, 3, 14))
    waiting = planned(ready, place="待批", planned_on=date(2026, 3, 31))
    gone = planned(ready, place="取消")
    cancel_promotion(promotion=gone, version=1, reason="x", by=ready.people["grid1"], at=NOW)
    day = date(2026, 3, 17)
    assert list(unreported(rows, day)) == [late]
    assert list(unreported(rows, date(2026, 3, 14))) == []
    assert set(due(rows, day)) == {late, waiting}
    assert set(to_come(rows, date(2026, 3, 13), date(2026, 3, 31))) == {late, waiting}
    assert set(to_come(rows, date(2026, 3, 14), date(2026, 3, 31))) == {waiting}
    grid1, *others = tallies(ready.root, MARCH, None)
    assert (grid1.planned, grid1.expected, grid1.held, grid1.users, grid1.cost) == (
        4, 180, 2, 60, Decimal(450),
    )  # fmt: skip
    assert grid1.per_user == Fraction(15, 2)
    assert {each.per_user for each in others} == {None}
    assert together([grid1, *others], ready.root).users == 60
    weeks = calendar(rows, MARCH)
    days = [day for week in weeks for day in week]
    assert (weeks[0][0].day, len(days)) == (date(2026, 2, 23), 42)
    assert sum(day.is_inside for day in days) == 31
    on_14 = next(day for day in days if day.day == date(2026, 3, 14))
    assert on_14.rows[0] == held and len(on_14.rows) == 3


def test_a_list_goes_out_and_comes_back_the_same(ready: District) -> None:
    reported(ready, approved(ready, place="已办"))
    planned(ready, place="待批", setting="shop", dealer=outlet(ready, "b"))
    take: Any = {
        "district": ready.root, "unit_ids": None, "by": ready.people["clerk"], "at": LATER,
    }  # fmt: skip
    content = promotions_workbook(promotions_of(ready.root, None), ready.root)
    done = import_promotions(content=content, **take)
    assert (done.made, done.changed, done.same) == (0, 0, 2)

    head = "编码,日期,业务单元,类型,地点,合作经销商,负责人,物料,预计发展,费用预算(元)\n"
    rows = [
        ",2026-03-20,网格1,户外,广场,,staff,气球,50,200",
        ",2026-03-14,grid1,店面,待批,b店,staff,帐篷 1 顶，单页 500 张,30,360.5",
    ]
    content = (head + "\n".join(rows)).encode()
    done = import_promotions(content=content, **take)
    assert (done.made, done.changed, done.same) == (1, 1, 0)
    made = Activity.objects.get(promotion__place="广场")
    assert (made.state, made.promotion.made_by.code) == ("submitted", "clerk")
    assert import_promotions(content=content, **take).same == 2

    wrong = [
        ",2026-03-16,网格1,户外,昨天,,,,50,200",
        ",2026-03-20,网格9,户外,别处,,,,50,200",
        ",2026-03-20,网格1,店面,无店,,,,0,x",
        ",2026-03-14,网格1,户外,已办,,,,50,200",
        "CX99999,2026-03-20,网格1,户外,无此,,,,50,200",
        ",2026-03-20,网格1,户外,广场,,staff,气球,50,200",
        ",2026-03-20,网格1,户外,广场,,staff,气球,50,200",
    ]
    before = Activity.objects.count()
    with pytest.raises(NotImported) as refusal:
        import_promotions(content=(head + "\n".join(wrong)).encode(), **take)
    assert [fault.pointer for fault in refusal.value.faults] == [
        "第 2 行 日期", "第 3 行 业务单元", "第 4 行 费用预算(元)", "第 5 行 编码",
        "第 6 行 编码", "第 8 行 地点",
    ]  # fmt: skip
    assert Activity.objects.count() == before
    take["unit_ids"] = [ready.units["grid2"].pk]
    with pytest.raises(NotImported):
        import_promotions(content=(head + rows[0]).encode(), **take)


# --- what followed ---------------------------------------------------------------------------


def test_what_followed_is_told_or_plainly_not(
    ready: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LENT, "ledger", lambda dealer, days: [None] * len(days))
    row = reported(ready, approved(ready, setting="shop", dealer=outlet(ready, "b")))
    dealer, unit = lifts(row)
    assert (dealer.is_dealer, dealer.lift.unknown_before) == (True, 7)
    assert (unit.lift.unknown_before, unit.lift.unknown_after) == (7, 7)
    stood = 0
    for number in range(1, 22):
        stood += 10 if number <= 14 else 12
        DailyFigure.objects.create(
            month=MARCH, day=MARCH.replace(day=number), unit=ready.units["grid1"],
            indicator=ready.indicators["mobile_gross_adds"], breakdown=ready.breakdowns["all"],
            value=stood, reported_at=NOW,
        )  # fmt: skip
    found = lifts(row)[1].lift
    assert (found.before, found.after, found.rate) == (70, 84, Fraction(1, 5))
    DailyFigure.objects.filter(day=date(2026, 3, 17)).delete()
    found = lifts(row)[1].lift
    assert (found.unknown_before, found.unknown_after, found.rate) == (0, 2, None)
