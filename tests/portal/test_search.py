"""Search finds what the person may read, and nothing else."""

from typing import Any

import pytest

from fieldwork.models import Account
from orgchart.actors import actor_for
from portal.queries.search import search
from tests.district import NOW, District
from tests.fieldwork import test_promotions as promotions


def found(district: District, account: str, text: str) -> dict[str, list[str]]:
    actor = actor_for(district.people[account], on=NOW.date())
    return {hits.label: [hit.name for hit in hits.hits] for hits in search(actor, text)}


def test_units_people_and_indicators_are_found_by_name_or_code(district: District) -> None:
    assert found(district, "head", "GRID1") == {"单元": ["网格1"], "人员": ["grid1甲"]}
    assert found(district, "head", "总收入") == {"指标": ["总收入"]}
    assert found(district, "head", "没有") == {}


@pytest.mark.parametrize(
    ("account", "units"), [("grid1", ["网格1"]), ("staff", ["网格1"]), ("supervisor", ["网格2"])]
)
def test_only_units_in_scope_are_found(account: str, units: list[str], district: District) -> None:
    result = found(district, account, "网格")
    assert result["单元"] == units or set(units) <= set(result["单元"]) <= {*units, "支撑中心"}


@pytest.mark.parametrize(
    ("account", "names"),
    [("head", ["东岭村", "东岭小学"]), ("grid1", ["东岭小学"]), ("grid2", []), ("admin", [])],
)
def test_accounts_are_found_where_they_are_read(
    account: str, names: list[str], district: District
) -> None:
    for code, kind, name, unit in (
        ("v1", "village", "东岭村", "suburban"), ("s1", "school", "东岭小学", "grid1"),
    ):  # fmt: skip
        Account.objects.create(
            district=district.root, code=code, kind=kind, name_zh=name, unit=district.units[unit],
            stage_on=NOW.date(),
        )  # fmt: skip
    assert sorted(found(district, account, "东岭").get("经营对象", [])) == sorted(names)


@pytest.mark.parametrize(
    ("account", "text", "names"),
    [
        ("head", "劳务", ["劳务市场门口"]), ("grid1", "cx", ["劳务市场门口"]),
        ("grid2", "劳务", []), ("admin", "劳务", []),
    ],
)  # fmt: skip
def test_promotions_are_found_by_place_or_code(
    account: str, text: str, names: list[str], district: District
) -> None:
    promotions.planned(promotions.prepared(district))
    assert found(district, account, text).get("促销活动", []) == names


def test_the_administrator_finds_no_indicators(district: District) -> None:
    assert "指标" not in found(district, "admin", "收入")


@pytest.mark.parametrize("text", ["", " ", "%25", "a" * 300, "<b>", "'"])
def test_any_text_is_answered(text: str, district: District, signed_in: Any) -> None:
    response = signed_in("test-head").get(f"/search/?q={text}")
    assert response.status_code == 200


def test_pages_of_the_menu_are_found(district: District, signed_in: Any) -> None:
    assert "/leaderboard/" in signed_in("test-staff").get("/search/?q=龙虎").content.decode()
    page = signed_in("test-staff").get("/search/?q=月结").content.decode().partition("<main")[2]
    assert "/closing/" not in page
