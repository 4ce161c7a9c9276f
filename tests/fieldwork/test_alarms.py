"""Outlet alarms: when a day is out of the ordinary, made once, looked into, visited, closed."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from fieldwork.models import Activity, Alarm, OutletDay, ReportedDay
from fieldwork.rules.alarms import daily_mean, found, is_drop, is_idle, is_jump
from fieldwork.services.account_import import Imported, NotImported
from fieldwork.services.alarms import answer_alarm, close_alarm, make_alarms, visit_alarm
from fieldwork.services.outlet_days import import_days, store_days
from orgchart.errors import Invalid, Locked, Refused, VersionConflict
from orgchart.models import AuditEntry, DealerAffiliation
from tests.district import START, District, build_district
from tests.fieldwork.test_accounts import at_once
from tests.fieldwork.test_visits import outlet

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 20)


# --- rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("users", "mean", "jump", "drop"),
    [
        (6, Fraction(3), True, False),  # twice, and six
        (5, Fraction(2), False, False),  # more than twice, but not more than five
        (6, Fraction(301, 100), False, False),  # a hundredth under twice
        (60, Fraction(30), True, False),
        (59, Fraction(30), False, False),
        (6, Fraction(0), True, False),
        (1, Fraction(3), False, True),  # the third, which is one
        (2, Fraction(6), False, True),
        (2, Fraction(599, 100), False, False),  # a hundredth over the third
        (0, Fraction(3), False, True),
        (0, Fraction(299, 100), False, False),  # the third is under one
        (0, Fraction(0), False, False),
        (0, None, False, False),
        (99, None, False, False),
    ],
)
def test_a_day_beside_the_mean(users: int, mean: Fraction | None, jump: bool, drop: bool) -> None:
    assert (is_jump(users, mean), is_drop(users, mean)) == (jump, drop)


def test_the_mean_is_of_known_days_a_week_at_least() -> None:
    assert daily_mean(20, 7) == Fraction(20, 7)
    assert daily_mean(20, 6) is None
    assert daily_mean(0, 28) == 0


def course(*users: int | None) -> dict[date, int]:
    """A course that ends today; None: not known."""
    first = TODAY - timedelta(days=len(users) - 1)
    days = ((first + timedelta(days=n), one) for n, one in enumerate(users))
    return {day: one for day, one in days if one is not None}


def test_seven_zeros_are_seven_and_known() -> None:
    assert is_idle(course(5, 0, 0, 0, 0, 0, 0, 0), TODAY)
    assert not is_idle(course(5, 0, 0, 0, 0, 0, 0), TODAY)
    assert not is_idle(course(0, 0, 0, 1, 0, 0, 0), TODAY)
    assert not is_idle(course(0, 0, 0, None, 0, 0, 0, 0), TODAY)


@pytest.mark.parametrize(
    ("users", "begins"),
    [
        ((3, 6), ["jump"]),
        ((6, 7), []),  # it began yesterday
        ((6, None, 7), []),  # the day between is not known
        ((6, 3, 7), ["jump"]),
        ((6, 0), ["drop"]),
        ((0,) * 7, ["zero"]),  # it fell before
        ((0,) * 8, []),
        ((5, None, *(0,) * 7), ["zero"]),
    ],
)
def test_what_goes_on_does_not_begin(users: tuple[int | None, ...], begins: list[str]) -> None:
    means = {TODAY.replace(day=1): Fraction(3)}
    assert list(found(course(*users), means, {TODAY})) == [(kind, TODAY) for kind in begins]


def test_the_first_of_a_month_is_compared_with_its_own_last_month() -> None:
    last, first = date(2026, 2, 28), date(2026, 3, 1)
    means = {date(2026, 2, 1): Fraction(10), first: Fraction(3)}
    assert list(found({last: 6, first: 6}, means, {last, first})) == [("jump", first)]


# --- making them -----------------------------------------------------------------------------


def reported(
    district: District, march: dict[str, list[int | None]], february: int = 3, **more: Any
) -> None:
    """Load February, so many a day for each outlet, and March from the first; None: no file."""
    dealers = {code: outlet_of(district, code) for code in march}
    days: dict[date, dict[int, int]] = {
        date(2026, 2, day): {pk: february for pk in dealers.values() if february}
        for day in range(1, 29)
    }
    for number in range(max(map(len, march.values()))):
        found = {dealers[code]: figures[number] for code, figures in march.items()}
        if None not in found.values():
            days[date(2026, 3, number + 1)] = {pk: users for pk, users in found.items() if users}
    store_days(district=district.root, days=days, by=district.people["clerk"], at=NOW)


def outlet_of(district: District, code: str) -> int:
    from orgchart.models import Dealer

    return Dealer.objects.get(district=district.root, code=code).pk


def seen() -> list[tuple[str, str, str, str]]:
    rows = Alarm.objects.order_by("dealer__code", "day", "kind").select_related("dealer")
    return [(row.dealer.code, row.kind, f"{row.day:%m-%d}", row.state) for row in rows]


def test_alarms_are_made_once_with_what_they_are_made_of(district: District) -> None:
    for code in ("busy", "calm", "dead"):
        outlet(district, code)
    outlet(district, "old", tier="legacy")
    outlet(district, "stray", manager=None)
    gone = outlet(district, "gone")
    gone.closed_on = date(2026, 3, 10)
    gone.save()
    reported(
        district,
        {"busy": [3] * 16 + [6, 7, 3], "calm": [3] * 19, "dead": [3] * 11 + [0] * 8,
         "old": [0] * 19, "stray": [3] * 19, "gone": [0] * 19},
    )  # fmt: skip
    assert make_alarms(at=NOW) == 4
    assert seen() == [
        ("busy", "jump", "03-17", "open"),
        ("dead", "drop", "03-12", "open"),
        ("dead", "zero", "03-18", "open"),
        ("stray", "free", "01-01", "open"),
    ]
    row = Alarm.objects.get(kind="jump")
    assert (row.users, row.base_users, row.base_days) == (6, 84, 28)
    assert (row.unit, row.person) == (district.units["grid1"], district.people["staff"])
    assert make_alarms(at=NOW) == 0
    assert AuditEntry.objects.filter(action="alarm.make").count() == 1


def test_what_is_not_known_is_not_zero(district: District) -> None:
    outlet(district, "shop")
    reported(district, {"shop": [3] * 10 + [0, 0, 0, None, 0, 0, 0]}, february=2)
    assert make_alarms(at=NOW) == 0


def test_a_corrected_day_is_judged_again(district: District) -> None:
    shop = outlet(district, "shop")
    reported(district, {"shop": [3] * 16 + [9, 3, 9]})
    make_alarms(at=NOW)
    assert [one[2:] for one in seen()] == [("03-17", "open"), ("03-19", "open")]
    days = {date(2026, 3, 17): {shop.pk: 3}, date(2026, 3, 18): {shop.pk: 8}}
    by = district.people["clerk"]
    assert store_days(district=district.root, days=days, by=by, at=NOW) == Imported(0, 2, 0)
    assert make_alarms(at=NOW) == 1
    assert [one[2:] for one in seen()] == [
        ("03-17", "closed"), ("03-18", "open"), ("03-19", "closed")
    ]  # fmt: skip
    assert set(Alarm.objects.filter(state="closed").values_list("reason", flat=True)) == {"gone"}
    assert store_days(district=district.root, days=days, by=by, at=NOW) == Imported(0, 0, 2)
    assert make_alarms(at=NOW) == 0


def test_days_long_past_raise_no_alarm(district: District) -> None:
    outlet(district, "shop")
    reported(district, {"shop": [9] + [3] * 18})
    assert make_alarms(at=NOW) == 0
    assert not ReportedDay.objects.filter(judged_at=None).exists()


def test_an_open_alarm_goes_with_its_outlet(district: District) -> None:
    shop, other = outlet(district, "shop"), outlet(district, "other", manager=None)
    reported(district, {"shop": [3] * 18 + [9], "other": [3] * 19})
    make_alarms(at=NOW)
    DealerAffiliation.objects.filter(dealer=other).update(account_manager=district.people["staff"])
    DealerAffiliation.objects.filter(dealer=shop).update(valid_to=date(2026, 3, 19))
    assert make_alarms(at=NOW) == 1  # nobody has the shop now
    jump, lost = Alarm.objects.get(kind="jump"), Alarm.objects.get(kind="free", dealer=shop)
    assert (jump.unit, jump.person, lost.unit, lost.day) == (None, None, None, TODAY)
    DealerAffiliation.objects.create(
        dealer=shop, unit=district.units["grid2"], valid_from=TODAY,
        account_manager=district.people["grid2"],
    )  # fmt: skip
    assert make_alarms(at=NOW) == 0
    jump.refresh_from_db()
    assert (jump.unit, jump.person) == (district.units["grid2"], district.people["grid2"])
    assert seen() == [
        ("other", "free", "01-01", "closed"), ("shop", "jump", "03-19", "open"),
        ("shop", "free", "03-20", "closed"),
    ]  # fmt: skip


def test_two_beats_make_an_alarm_once(database: Any) -> None:
    district = build_district()
    outlet(district, "shop")
    reported(district, {"shop": [3] * 18 + [9]})
    assert sorted(at_once(lambda: make_alarms(at=NOW), lambda: make_alarms(at=NOW))) == [0, 1]
    assert len(seen()) == 1


def test_twenty_outlets_cost_as_many_statements_as_two(district: District, signed_in: Any) -> None:
    made, shown = [], []
    client = signed_in("test-grid1")
    codes: list[str] = []
    for many in (2, 20):
        for number in range(len(codes), many):
            codes.append(f"shop{number:02d}")
            outlet(district, codes[-1], manager=None if number % 2 else "staff")
        reported(district, {code: [3] * 5 + [0] * 14 for code in codes}, february=0)
        with CaptureQueriesContext(connection) as queries:
            assert make_alarms(at=NOW)
        made.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("alarms")).context["count"] >= many
        shown.append(len(queries))
    assert made[0] >= made[1] and shown[0] == shown[1]


# --- days in ---------------------------------------------------------------------------------


def file_of(*lines: str) -> bytes:
    return "\n".join(["日期,网点,激活户数", *lines]).encode()


def test_a_file_of_days_is_taken_whole(district: District, signed_in: Any) -> None:
    outlet(district, "shop"), outlet(district, "other")
    client, url = signed_in("test-clerk"), reverse("alarms_import")
    lines = ("2026-03-18,shop,4", "2026-03-18,other店,0", "2026-03-19,other,2")
    for said in ("新增 2", "未变 2"):
        file = BytesIO(file_of(*lines))
        file.name = "days.csv"
        answer = client.post(url, {"file": file}, follow=True)
        assert answer.redirect_chain and said in answer.content.decode()
    rows = OutletDay.objects.order_by("day").values_list("dealer__code", "day", "users")
    assert list(rows) == [("shop", date(2026, 3, 18), 4), ("other", date(2026, 3, 19), 2)]
    assert ReportedDay.objects.count() == 2
    assert signed_in("test-grid1").get(url).status_code == 403


def test_every_fault_of_a_file_is_located_and_nothing_written(district: District) -> None:
    outlet(district, "shop")
    with pytest.raises(NotImported) as caught:
        import_days(
            district=district.root, by=district.people["clerk"], at=NOW,
            content=file_of(
                "2026-03-18,shop,4", "2026-03-18,nowhere,4", "2026-03-18,shop,4",
                "2026-03-21,shop,1", "2026-03-17,shop,1.5", ",shop,1", "2026-03-16,shop,",
                "2025-12-31,shop,1", "2026-03-15,shop,100001",
            ),
        )  # fmt: skip
    assert [fault.pointer.removeprefix("第 ") for fault in caught.value.faults] == [
        "3 行 网点", "4 行 网点", "5 行 日期", "6 行 激活户数", "7 行 日期", "8 行 激活户数",
        "9 行 网点", "10 行 激活户数",
    ]  # fmt: skip
    assert not ReportedDay.objects.exists()


# --- looking into them -----------------------------------------------------------------------


@pytest.fixture
def jump(district: District) -> Alarm:
    outlet(district, "shop")
    reported(district, {"shop": [3] * 18 + [9]})
    make_alarms(at=NOW)
    return Alarm.objects.get()


def answered(district: District, alarm: Alarm, by: str = "staff", **more: Any) -> Alarm:
    given = {"version": 1, "reason": "promotion", "remark": "店庆促销"} | more
    return answer_alarm(alarm=alarm, by=district.people[by], at=NOW, **given)


def test_what_cannot_be_is_refused(district: District, jump: Alarm) -> None:
    for more, pointers in (
        ({"reason": ""}, ["/reason"]),
        ({"reason": "gone"}, ["/reason"]),
        ({"remark": " "}, ["/remark"]),
        ({"remark": "字" * 201, "reason": "x"}, ["/reason", "/remark"]),
    ):
        with pytest.raises(Invalid) as caught:
            answered(district, jump, **more)
        assert [fault.pointer for fault in caught.value.faults] == pointers
    with pytest.raises(VersionConflict):
        answered(district, jump, version=2)
    with pytest.raises(Refused):
        answered(district, jump, by="grid2")
    with pytest.raises(Locked):
        close_alarm(alarm=jump, version=1, by=district.people["grid1"], at=NOW)
    assert seen() == [("shop", "jump", "03-19", "open")]
    answered(district, jump, by="grid1", may_stand_in=True)
    close_alarm(alarm=jump, version=2, by=district.people["grid1"], at=NOW)
    for again in (
        lambda: answered(district, jump, version=3),
        lambda: visit_alarm(alarm=jump, by=district.people["grid1"], at=NOW),
    ):
        with pytest.raises(Locked):
            again()


def test_an_alarm_becomes_one_visit_of_the_outlets_manager(
    district: District, jump: Alarm, signed_in: Any
) -> None:
    client, url = signed_in("test-grid1"), reverse("alarm_visit", kwargs={"pk": jump.pk})
    for _twice in range(2):
        answer = client.post(url)
        visit = Activity.objects.get()
        assert answer["Location"] == reverse("field_visit", kwargs={"pk": visit.pk})
    assert (visit.dealer, visit.person) == (jump.dealer, district.people["staff"])
    page = client.get(reverse("alarm", kwargs={"pk": jump.pk})).content.decode()
    assert answer["Location"] in page and url not in page


def test_an_outlet_of_no_unit_is_the_clerks(district: District, signed_in: Any) -> None:
    shop = outlet(district, "shop")
    DealerAffiliation.objects.filter(dealer=shop).update(valid_to=date(2026, 3, 1))
    make_alarms(at=NOW)
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.day, alarm.unit) == ("free", date(2026, 3, 2), None)
    page = reverse("alarm", kwargs={"pk": alarm.pk})
    assert signed_in("test-grid1").get(page).status_code == 404
    clerk = signed_in("test-clerk")
    assert (
        clerk.post(page, {"reason": "other", "remark": "待分配", "version": 1}).status_code == 302
    )
    clerk.post(reverse("alarm_visit", kwargs={"pk": alarm.pk}))
    assert not Activity.objects.exists()
    assert clerk.post(reverse("alarm_close", kwargs={"pk": alarm.pk}), {"version": 2})
    assert [one[3] for one in seen()] == ["closed"]
    assert make_alarms(at=NOW) == 0  # the clerk has closed it


def test_the_api_lists_answers_and_closes(district: District, jump: Alarm, signed_in: Any) -> None:
    one = f"/api/v1/field/alarms/{jump.pk}/"
    staff, manager = signed_in("test-staff"), signed_in("test-grid1")
    listed = staff.get("/api/v1/field/alarms/", {"kind": "jump", "state": "open", "unit": "grid1"})
    assert [each["users"] for each in listed.json()["results"]] == [9]
    assert staff.get("/api/v1/field/alarms/", {"kind": "x"}).status_code == 400
    body = {"version": 1, "reason": "rival", "remark": "移动停售"}
    for bad in ({"reason": "gone"}, {"remark": ""}, {"version": None}):
        assert staff.post(one + "answer/", body | bad, "application/json").status_code == 400
    assert staff.post(one + "answer/", body, "application/json").json()["state"] == "seen"
    assert staff.post(one + "close/", {"version": 2}, "application/json").status_code == 403
    assert manager.post(one + "close/", {"version": 1}, "application/json").status_code == 409
    assert manager.post(one + "close/", {"version": 2}, "application/json").json()["version"] == 3
    assert signed_in("test-grid2").get(one).status_code == 404
    actions = AuditEntry.objects.filter(subject=f"alarms/{jump.pk}").order_by("pk")
    assert list(actions.values_list("action", "source")) == [
        ("alarm.answer", "api"), ("alarm.close", "api")
    ]  # fmt: skip


def test_the_list_is_narrowed_and_goes_out_as_it_is(
    district: District, jump: Alarm, signed_in: Any
) -> None:
    outlet(district, "stray", manager=None)
    make_alarms(at=NOW)
    client = signed_in("test-clerk")
    for query, count in (
        ("", 2), ("?kind=jump", 1), ("?person=none", 1), ("?person=staff", 1), ("?words=sto", 0),
        ("?day=2026-03-19&state=open&unit=grid1", 1), ("?state=closed", 0),
    ):  # fmt: skip
        assert client.get(reverse("alarms") + query).context["count"] == count, query
    content = b"".join(client.get(reverse("alarms_export") + "?kind=jump"))
    rows = list(load_workbook(BytesIO(content)).active.iter_rows(min_row=4, values_only=True))
    assert [(row[1], row[5], row[6]) for row in rows] == [("shop店", 9, "3.00")]
    assert START.isoformat() not in str(rows)
