"""Whose users they are: a month's list taken once, every fault located; handed over together."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fieldwork.models import WarnedUser
from fieldwork.services.account_import import Imported, NotImported
from fieldwork.services.retention import give_users
from orgchart.errors import Invalid, VersionConflict
from orgchart.models import AuditEntry
from tests.district import District, build_district
from tests.fieldwork.test_accounts import at_once
from tests.fieldwork.test_retention import NOW, ONE, called, listed, taken, warned
from tests.fieldwork.test_visits import outlet


def test_a_list_is_taken_once(district: District) -> None:
    outlet(district, "shop")
    lines = (ONE, "13000000002,,falling_use,shop,,,,", "13000000003,,投诉,,grid2,,,是")
    assert taken(district, *lines) == Imported(3, 0, 0)
    assert taken(district, *lines) == Imported(0, 0, 3)
    first, second, third = WarnedUser.objects.order_by("number")
    assert (first.kind, first.revenue, first.due_on) == (
        "low_balance", Decimal("45.50"), date(2026, 3, 25)
    )  # fmt: skip
    assert (second.dealer.code, second.person) == ("shop", district.people["staff"])
    # Grid 2 has no staff: its manager calls.
    assert (third.person, third.is_billed) == (district.people["grid2"], True)
    assert taken(district, lines[0], "13000000003,,投诉,,grid2,,,否") == Imported(0, 1, 1)
    # A number stands in every month's list.
    assert taken(district, ONE, month=date(2026, 2, 1)) == Imported(1, 0, 0)


def test_a_list_without_a_column_leaves_it(district: District) -> None:
    taken(district, ONE)
    assert taken(
        district, "13000000001,余额不足,grid1,否", columns=("number", "kind", "unit", "is_billed")
    ) == Imported(0, 1, 0)
    row = WarnedUser.objects.get()
    assert (row.name, row.revenue, row.is_billed) == ("陈先生", Decimal("45.50"), False)


def test_every_fault_of_a_list_is_located_and_nothing_written(district: District) -> None:
    outlet(district, "shop")
    with pytest.raises(NotImported) as caught:
        taken(
            district, ONE, "1300,,余额不足,,grid1,,,", "13000000004,,下雨,,grid1,,,", ONE,
            "13000000005,,投诉,,,,,", "13000000006,,投诉,shop,grid2,,,",
            "13000000007,,投诉,,grid1,grid2,x,也许",
        )  # fmt: skip
    assert [fault.pointer.removeprefix("第 ") for fault in caught.value.faults] == [
        "3 行 用户号码", "4 行 预警类型", "5 行 用户号码", "6 行 业务单元", "7 行 业务单元",
        "8 行 下月是否出账", "8 行 近三月均收入(元)",
    ]  # fmt: skip
    assert not WarnedUser.objects.exists()
    assert "13000000" not in str(caught.value.faults)


def test_a_manager_takes_in_own_users_only(district: District) -> None:
    warned(district, unit="grid2")
    for line in ("13000000001,,投诉,,grid1,,,", "13000000009,,投诉,,grid2,,,"):
        with pytest.raises(NotImported):
            taken(district, line, by="grid1")
    assert taken(district, "13000000009,,投诉,,grid1,,,", by="grid1") == Imported(1, 0, 0)


def test_a_list_of_a_month_to_come_is_refused(district: District) -> None:
    with pytest.raises(Invalid):
        taken(district, ONE, month=date(2026, 4, 1))


def test_five_thousand_rows_are_taken_at_a_bearable_price(district: District) -> None:
    lines = [f"13{n:09d},,余额不足,,grid{n % 4 + 1},,," for n in range(5000)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert taken(district, *lines) == Imported(5000, 0, 0)
    assert len(queries) < 200
    assert not AuditEntry.objects.filter(changes__icontains="13000").exists()


def test_two_who_import_at_once_take_it_once(database: Any) -> None:
    district = build_district()
    done = at_once(lambda: taken(district, ONE), lambda: taken(district, ONE))
    assert {each.made for each in done} == {0, 1}
    assert WarnedUser.objects.count() == 1


def test_the_import_page_locates_faults(district: District, signed_in: Any) -> None:
    client, url = signed_in("test-clerk"), reverse("field_retention_import")
    file = BytesIO(listed("1300,,余额不足,,grid1,,,"))
    file.name = "list.csv"
    answer = client.post(url, {"month": "2026-03", "file": file})
    assert answer.status_code == 400 and "用户号码" in answer.content.decode()
    file = BytesIO(listed(ONE))
    file.name = "list.csv"
    assert client.post(url, {"month": "2026-03", "file": file}).status_code == 302


def two(district: District) -> list[WarnedUser]:
    taken(district, ONE, "13000000002,李女士,投诉,,grid1,,,")
    return list(WarnedUser.objects.order_by("number"))


def handed_over(district: District, rows: list[WarnedUser], to: str = "grid1") -> int:
    return give_users(
        users=[(row, row.version) for row in rows], person=district.people[to],
        by=district.people["grid1"], at=NOW,
    )  # fmt: skip


def test_several_users_change_hands_together_or_not_at_all(
    district: District, signed_in: Any
) -> None:
    rows = two(district)
    assert {row.person.code for row in rows} == {"staff"}
    with pytest.raises(Invalid) as refused:
        handed_over(district, rows, to="grid2")
    assert refused.value.faults[0].pointer == "/person"
    with pytest.raises(Invalid):
        handed_over(district, [])
    called(district, rows[1])
    with pytest.raises(VersionConflict):  # somebody called the second meanwhile
        handed_over(district, rows)
    assert WarnedUser.objects.filter(person__code="staff").count() == 2

    manager, url = signed_in("test-grid1"), reverse("field_retention_give")
    chosen = [f"{row.pk}.{row.version}" for row in WarnedUser.objects.all()]
    body = {"users": chosen, "person": "grid1", "query": "view=all"}
    assert manager.post(url, body)["Location"] == "/field/retention/?view=all"
    assert WarnedUser.objects.filter(person__code="grid1").count() == 2
    trail = AuditEntry.objects.filter(action="warned.assign").values_list("changes", flat=True)
    assert [each[0]["after"] for each in trail] == ["grid1", "grid1"]
    # Another unit's user is not found: nothing of the whole is done.
    other = warned(district, "13000000009", unit="grid2")
    users = [{"id": row.pk, "version": row.version} for row in [*WarnedUser.objects.all()]]
    api, asked = reverse("api_field_retention_give"), {"users": users, "person": "staff"}
    assert manager.post(api, asked, content_type="application/json").status_code == 404
    asked["users"] = [each for each in users if each["id"] != other.pk]
    answer = manager.post(api, asked, content_type="application/json")
    assert answer.json() == {"given": 2}


def test_two_who_hand_over_the_same_users_at_once(database: Any) -> None:
    district = build_district()
    rows = two(district)
    results = at_once(
        lambda: handed_over(district, rows), lambda: handed_over(district, rows[::-1], "staff")
    )
    assert sorted(type(each).__name__ for each in results) == ["VersionConflict", "int"]
    assert set(WarnedUser.objects.values_list("version", flat=True)) == {2}
    assert WarnedUser.objects.values("person").distinct().count() == 1
