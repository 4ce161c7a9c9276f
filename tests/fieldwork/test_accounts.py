"""Accounts: a signed group counts once, in an open month; undo takes it back; lists in and out."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fieldwork.models import Account, Stage, StageChange
from fieldwork.present.accounts import coverage_chart
from fieldwork.queries.accounts import coverage
from fieldwork.rules.accounts import counted_month
from fieldwork.services.account_import import NotImported, import_accounts
from fieldwork.services.accounts import (
    Entry,
    count_owed,
    move_account,
    remove_account,
    save_account,
)
from fieldwork.workbooks.accounts import accounts_workbook
from fieldwork.workbooks.tables import NotAList
from kpi.models import Event, Month, MonthState
from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry
from tests.district import MARCH, District, build_district

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
FEBRUARY, APRIL = date(2026, 2, 1), date(2026, 4, 1)
DAY = date(2026, 3, 18)


def written(district: District, name: str = "东岭村", **changes: Any) -> Account:
    entry = Entry(name, "village", district.units["suburban"], expected_users=40)
    at = changes.pop("at", NOW - timedelta(days=40))
    return save_account(
        district=district.root, entry=replace(entry, **changes),
        by=district.people["suburban"], at=at,
    )  # fmt: skip


def moved(district: District, row: Account, stage: str, on: date = DAY, **more: Any) -> StageChange:
    row.refresh_from_db()
    return move_account(
        account=row, version=row.version, stage=stage, on=on, by=district.people["suburban"],
        at=more.pop("at", NOW), **more,
    )  # fmt: skip


def counted(district: District, month: date = MARCH) -> int:
    return Event.objects.filter(
        month=month, unit=district.units["suburban"], kind="new_group", voided_at=None
    ).count()


def set_month(district: District, month: date, state: str) -> None:
    Month.objects.update_or_create(district=district.root, month=month, defaults={"state": state})


# --- which month counts ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("open_months", "expected"),
    [
        ([MARCH], MARCH),
        ([MARCH, APRIL], MARCH),
        ([APRIL], APRIL),
        ([FEBRUARY], None),
        ([], None),
    ],
)
def test_its_own_month_counts_else_the_next_open_one(
    open_months: list[date], expected: date | None
) -> None:
    assert counted_month(DAY, open_months) == expected


# --- signing ---------------------------------------------------------------------------------


def test_a_signed_group_becomes_an_event_of_its_month(district: District) -> None:
    row = written(district)
    step = moved(district, row, "signed")
    assert counted(district) == 1
    assert (step.event.occurred_on, step.event.count) == (DAY, 1)
    assert "东岭村" in step.event.note


@pytest.mark.parametrize("kind", ["labour", "leisure", "community", "mall"])
def test_what_is_no_group_counts_nothing(district: District, kind: str) -> None:
    moved(district, written(district, kind=kind), "signed")
    assert counted(district) == 0


def test_taking_the_signing_back_takes_the_event_back(district: District) -> None:
    row = written(district)
    moved(district, row, "signed")
    moved(district, row, "negotiating", remark="合同未盖章")
    assert counted(district) == 0
    assert Event.objects.get().voided_at is not None  # and stays visible
    moved(district, row, "signed")
    assert counted(district) == 1


def test_a_closed_month_neither_takes_a_signing_nor_loses_one(district: District) -> None:
    row = written(district)
    moved(district, row, "signed")
    set_month(district, MARCH, MonthState.CLOSED)
    set_month(district, APRIL, MonthState.OPEN)
    later = NOW + timedelta(days=20)
    moved(district, row, "lost", on=date(2026, 4, 2), at=later)
    assert counted(district) == 1
    moved(district, row, "signed", on=date(2026, 4, 3), at=later)  # once is enough
    assert (counted(district), counted(district, APRIL)) == (1, 0)
    with pytest.raises(Locked):
        remove_account(
            account=row, version=row_version(row), by=district.people["clerk"], at=later, reason="x"
        )

    other = written(district, "西岭村")
    step = moved(district, other, "signed", on=DAY, at=later)
    assert counted(district, APRIL) == 1
    assert step.event.occurred_on is None and "2026-03-18" in step.event.note


def row_version(row: Account) -> int:
    return Account.objects.get(pk=row.pk).version


def test_a_signing_waits_for_its_month_to_open(district: District) -> None:
    set_month(district, MARCH, MonthState.PUBLISHED)
    step = moved(district, written(district), "signed")
    assert step.is_owed
    assert count_owed(at=NOW) == 0
    set_month(district, APRIL, MonthState.OPEN)
    assert count_owed(at=NOW) == 1
    assert count_owed(at=NOW) == 0
    assert counted(district, APRIL) == 1


def test_a_signing_taken_back_is_owed_no_more(district: District) -> None:
    set_month(district, MARCH, MonthState.PUBLISHED)
    row = written(district)
    moved(district, row, "signed")
    moved(district, row, "lost")
    set_month(district, APRIL, MonthState.OPEN)
    assert count_owed(at=NOW) == 0


def test_removing_takes_the_event_back_and_leaves_a_trail(district: District) -> None:
    row = written(district)
    moved(district, row, "signed")
    with pytest.raises(Invalid):
        remove_account(
            account=row, version=row_version(row), by=district.people["clerk"], at=NOW, reason=" "
        )
    remove_account(
        account=row, version=row_version(row), by=district.people["clerk"], at=NOW, reason="重复"
    )
    assert counted(district) == 0
    assert not Account.objects.exists()
    assert AuditEntry.objects.filter(action="account.remove", reason="重复").exists()


@pytest.mark.parametrize(
    ("stage", "on", "pointer"),
    [
        ("lead", DAY, "/stage"),
        ("gone", DAY, "/stage"),
        ("signed", date(2026, 3, 21), "/on"),
        ("signed", date(2026, 1, 1), "/on"),
    ],
)
def test_a_step_that_cannot_be_is_refused_at_its_field(
    district: District, stage: str, on: date, pointer: str
) -> None:
    row = written(district)
    with pytest.raises(Invalid) as refusal:
        moved(district, row, stage, on=on)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


def test_writing_an_account_again(district: District) -> None:
    row = written(district)
    assert row.code == f"v{row.pk:04d}"
    entry = Entry("东岭村", "village", row.unit, responsible=district.people["suburban"])
    save = {"district": district.root, "by": district.people["suburban"], "at": NOW}
    save_account(entry=entry, account=row, version=1, **save)
    with pytest.raises(VersionConflict):
        save_account(entry=entry, account=row, version=1, **save)
    with pytest.raises(Invalid) as refusal:
        save_account(
            entry=replace(entry, responsible=district.people["grid1"], size=-1), account=row,
            version=2, **save,
        )  # fmt: skip
    assert {fault.pointer for fault in refusal.value.faults} == {"/responsible", "/size"}
    with pytest.raises(Invalid):  # the same name in the same place
        written(district)


# --- two at once -----------------------------------------------------------------------------


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = calls[number]()
        except VersionConflict as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_two_who_sign_at_once_count_it_once(database: Any) -> None:
    district = build_district()
    row = written(district)

    def sign() -> StageChange:
        return move_account(
            account=row, version=1, stage="signed", on=DAY, by=district.people["suburban"], at=NOW
        )

    results = at_once(sign, sign)
    assert sorted(type(each).__name__ for each in results) == ["StageChange", "VersionConflict"]
    assert counted(district) == 1


# --- coverage --------------------------------------------------------------------------------


def test_coverage_runs_from_what_there_was_to_all_by_december(
    district: District, signed_in: Any
) -> None:
    def community(number: int, stage: str, on: date) -> None:
        Account.objects.create(
            district=district.root, code=f"c{number}", kind="community", name_zh=f"小区{number}",
            unit=district.units["grid1"], stage=stage, stage_on=on,
        )  # fmt: skip

    rows = Account.objects.filter(district=district.root)
    assert coverage_chart(coverage(rows, DAY), DAY) is None
    signed = Stage.SIGNED
    days = [
        (signed, date(2025, 12, 31)), (signed, date(2026, 1, 1)), (signed, date(2026, 2, 28)),
        (signed, DAY), (Stage.LEAD, date(2025, 1, 1)), (signed, DAY + timedelta(days=1)),
    ]  # fmt: skip
    for number, (stage, on) in enumerate(days):
        community(number, stage, on)
    assert coverage(rows, DAY) == (6, 1, [2, 3, 4])
    chart = coverage_chart(coverage(rows, DAY), DAY)
    assert chart is not None
    covered, plan = chart.series
    assert covered.texts[:4] == ["33.3", "50.0", "66.7", "—"]
    # A sixth covered at the beginning: five sixths in twelve equal steps.
    assert (plan.values[0], plan.values[11]) == (Fraction(1, 6) + Fraction(5, 72), 1)
    page = signed_in("test-head").get(reverse("field_accounts") + "?view=areas&kind=community")
    assert page.context["chart"].code == "coverage"


# --- lists -----------------------------------------------------------------------------------

HEAD = "名称,类别,业务单元,乡镇街道,责任人,预计用户,预计月收入(元),截止日期,阶段,阶段日期"


def taken(district: District, *lines: str, by: str = "clerk", head: str = HEAD) -> Any:
    actor_units = None if by == "clerk" else frozenset({district.units[by].pk})
    return import_accounts(
        district=district.root, unit_ids=actor_units, by=district.people[by], at=NOW,
        content="\n".join([head, *lines]).encode("utf-8-sig"),
    )  # fmt: skip


LINES = (
    "东岭村,村组集团,城乡结合办事处,青山乡,suburban,40,1600,2026-12-01,,",
    "锦绣花园,小区,grid1,城东街道,,120,,,已覆盖,2025-05-01".replace("小区", "住宅小区"),
    '宏远机械公司,中小集团,集团中心,城东街道,group甲,1200,"48,000.50",2026/6/1,已签约,2025-1-9',
)


def test_a_list_is_taken_once_and_counts_nothing(district: District) -> None:
    done = taken(district, *LINES)
    assert (done.made, done.changed, done.same) == (3, 0, 0)
    signed = Account.objects.get(name_zh="宏远机械公司")
    assert (signed.stage, signed.stage_on) == (Stage.SIGNED, date(2025, 1, 9))
    assert signed.expected_revenue == Decimal("48000.50")
    assert not Event.objects.exists()
    entries = AuditEntry.objects.count()
    again = taken(district, *LINES)
    assert (again.made, again.changed, again.same) == (0, 0, 3)
    assert AuditEntry.objects.count() == entries


def test_an_exported_list_comes_back_unchanged(district: District) -> None:
    taken(district, *LINES)
    content = accounts_workbook(
        Account.objects.select_related("unit", "responsible"), district.root
    )
    done = import_accounts(
        district=district.root, unit_ids=None, content=content, by=district.people["clerk"], at=NOW
    )
    assert (done.made, done.changed, done.same) == (0, 0, 3)


def test_every_fault_of_a_list_is_located_and_nothing_written(district: District) -> None:
    with pytest.raises(NotImported) as refusal:
        taken(
            district,
            LINES[0],
            ",村组集团,网格1,青山乡,,,,,,",
            "某处,庙宇,网格9,,无名氏,四十,-5,2026-13-01,,",
            LINES[0],
            "某村,村组集团,网格1,,suburban,,,,已签约,2027-01-01",
        )
    places = [fault.pointer for fault in refusal.value.faults]
    assert places == [
        "第 3 行 名称", "第 4 行 类别", "第 4 行 业务单元", "第 4 行 责任人",
        "第 4 行 预计用户", "第 4 行 预计月收入(元)", "第 4 行 截止日期", "第 5 行 名称",
        "第 6 行 阶段日期", "第 6 行 责任人",
    ]  # fmt: skip
    assert not Account.objects.exists()


def test_a_manager_takes_in_own_accounts_only(district: District) -> None:
    taken(district, *LINES)
    with pytest.raises(NotImported):
        taken(district, LINES[0], by="grid1")
    assert taken(district, "新村,村组集团,网格1,,,,,,,", by="grid1").made == 1


def test_a_list_moves_no_stage(district: District) -> None:
    taken(district, *LINES)
    with pytest.raises(NotImported) as refusal:
        taken(district, LINES[0].replace(",,", ",已签约,", 1))
    assert "页面推进" in str(refusal.value.faults[0].detail)


def test_a_list_without_the_columns_is_refused(district: District) -> None:
    with pytest.raises(NotAList) as refusal:
        taken(district, "x,y", head="甲,乙")
    assert "名称、类别、业务单元" in str(refusal.value)
    for content in (b"PK\x03\x04broken", b"\x00\x01", b""):
        with pytest.raises(Invalid):
            import_accounts(
                district=district.root, unit_ids=None, content=content,
                by=district.people["clerk"], at=NOW,
            )  # fmt: skip


def test_five_thousand_rows_are_taken_at_a_bearable_price(district: District) -> None:
    lines = [f"第{n}公司,中小集团,集团中心,城东街道,,10,,,," for n in range(5000)]
    with CaptureQueriesContext(connection) as asked:
        assert taken(district, *lines).made == 5000
    assert len(asked) < 200


# --- pages and API ---------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["table", "board", "areas"])
def test_twenty_accounts_cost_as_many_queries_as_two(
    district: District, signed_in: Any, view: str
) -> None:
    client = signed_in("test-head")

    def cost() -> int:
        client.get(reverse("field_accounts"), {"view": view})
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("field_accounts"), {"view": view}).status_code == 200
        return len(asked)

    for number in range(2):
        written(district, f"{number}村", responsible=district.people["suburban"])
    before = cost()
    for number in range(2, 20):
        written(district, f"{number}村", responsible=district.people["suburban"])
    assert cost() == before


def test_the_api_writes_moves_and_removes(district: District, signed_in: Any) -> None:
    client = signed_in("test-suburban")
    path = "/api/v1/field/accounts/"
    body = {"name_zh": "东岭村", "kind": "village", "unit": "suburban", "deadline": "2026-12-01"}
    made = client.post(path, body, content_type="application/json")
    assert made.status_code == 201, made.content
    one = f"{path}{made.json()['code']}/"
    changed = client.put(
        one, body | {"version": 1, "expected_revenue": "10.5"}, content_type="application/json"
    )
    assert changed.json()["expected_revenue"] == "10.50"
    bad = client.post(
        one + "move/", {"stage": "signed", "on": "soon", "version": 2},
        content_type="application/json",
    )  # fmt: skip
    assert bad.status_code == 400
    assert client.get(path, {"stage": "lead"}).json()["count"] == 1
    assert client.get(path, {"stage": "x"}).status_code == 400
    gone = client.delete(f"{one}?version=2&reason=x")
    assert gone.status_code == 204
    assert client.get(one).status_code == 404
    wrong = client.post(path, body | {"unit": "grid1"}, content_type="application/json")
    assert wrong.status_code == 400


def test_staff_do_not_sign(district: District, signed_in: Any) -> None:
    row = written(district, unit=district.units["grid1"])
    form = {"stage": "signed", "on": "2026-03-18", "version": 1}
    staff = signed_in("test-staff")
    path = reverse("field_account_move", kwargs={"code": row.code})
    assert staff.post(path, form).status_code == 400  # not among the choices
    api = f"/api/v1/field/accounts/{row.code}/move/"
    assert (
        staff.post(api, form | {"version": 1}, content_type="application/json").status_code == 403
    )
    assert staff.post(path, form | {"stage": "negotiating"}).status_code in (302, 400)
    row.refresh_from_db()
    assert row.stage != Stage.SIGNED
