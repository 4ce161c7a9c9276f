"""A dealer belongs to one unit and one manager on a day, and a past day keeps its answer."""

from datetime import date
from typing import Any

import pytest

from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import Dealer
from orgchart.queries.affiliations import statistics
from orgchart.services.dealers import affiliate_dealer, close_dealer, edit_dealer, open_dealer
from tests.district import NOW, START, District

MARCH_31, APRIL = date(2026, 3, 31), date(2026, 4, 1)


def opened(district: District, code: str = "d1", unit: str = "grid1", **fields: Any) -> Dealer:
    return open_dealer(
        **{
            "district": district.root, "code": code, "name_zh": code, "tier": "t1",
            "kind": "partner_hall", "unit": district.units[unit], "opened_on": START,
            "account_manager": district.people.get(unit), "by": district.people["clerk"], "at": NOW,
        }
        | fields
    )  # fmt: skip


def move(district: District, dealer: Dealer, unit: str, on: date = APRIL, **fields: Any) -> None:
    affiliate_dealer(
        **{
            "dealer": dealer, "unit": district.units[unit], "valid_from": on,
            "account_manager": district.people[unit], "version": dealer.version,
            "by": district.people["clerk"], "at": NOW,
        }
        | fields
    )  # fmt: skip


def test_a_moved_dealer_counts_where_it_was_on_the_day(district: District) -> None:
    dealer = opened(district)
    move(district, dealer, "grid2")
    by_unit = [
        {unit.code: unit.total for unit in statistics(district.root, day).units if unit.total}
        for day in (MARCH_31, APRIL)
    ]
    assert by_unit == [{"grid1": 1}, {"grid2": 1}]


def test_a_new_manager_of_the_same_unit_is_a_new_affiliation(district: District) -> None:
    dealer = opened(district)
    move(district, dealer, "grid1", account_manager=None)
    counted = statistics(district.root, APRIL)
    assert (counted.total, counted.strays) == (1, 1)
    assert statistics(district.root, MARCH_31).strays == 0


def test_the_same_affiliation_is_not_made_twice(district: District) -> None:
    dealer = opened(district)
    with pytest.raises(Invalid):
        move(district, dealer, "grid1")


def test_a_move_begins_after_the_present_affiliation_did(district: District) -> None:
    dealer = opened(district)
    with pytest.raises(Invalid) as refusal:
        move(district, dealer, "grid2", on=START)
    assert refusal.value.faults[0].pointer == "/valid_from"


def test_the_manager_holds_a_post_in_the_unit(district: District) -> None:
    with pytest.raises(Invalid) as refusal:
        opened(district, account_manager=district.people["grid2"])
    assert refusal.value.faults[0].pointer == "/account_manager"


def test_a_dealer_belongs_to_a_business_unit(district: District) -> None:
    with pytest.raises(Invalid) as refusal:
        opened(district, unit="support", account_manager=None)
    assert refusal.value.faults[0].pointer == "/unit"


def test_the_kind_fits_the_tier(district: District) -> None:
    with pytest.raises(Invalid) as refusal:
        opened(district, tier="t2")
    assert refusal.value.faults[0].pointer == "/kind"


def test_a_code_is_given_once(district: District) -> None:
    opened(district)
    with pytest.raises(Invalid):
        opened(district)


def test_a_closed_dealer_counts_on_its_last_day_and_no_longer(district: District) -> None:
    dealer = opened(district)
    close_dealer(dealer=dealer, last_day=MARCH_31, version=1, by=district.people["clerk"], at=NOW)
    assert statistics(district.root, MARCH_31).total == 1
    assert statistics(district.root, APRIL).total == 0
    with pytest.raises(Locked):
        move(district, dealer, "grid2")


def test_two_edits_of_one_version_end_with_the_first(district: District) -> None:
    dealer = opened(district)
    edit = {"dealer": dealer, "version": 1, "tier": "t1", "kind": "internet_cafe",
            "by": district.people["clerk"], "at": NOW}  # fmt: skip
    edit_dealer(**edit, name_zh="first")
    with pytest.raises(VersionConflict):
        edit_dealer(**edit, name_zh="second")
    dealer.refresh_from_db()
    assert dealer.name_zh == "first"


def test_the_statistics_sum_to_the_outlets_open_on_the_day(district: District) -> None:
    for number, unit in enumerate(("grid1", "grid1", "grid2", "suburban")):
        opened(district, f"d{number}", unit)
    opened(district, "d9", "grid1", tier="t2", kind="direct_store", account_manager=None)
    Dealer.objects.create(
        district=district.root, code="loose", name_zh="loose", tier="t1", kind="partner_hall",
        opened_on=START,
    )  # fmt: skip
    counted = statistics(district.root, APRIL)
    assert counted.total == sum(counted.counts) == sum(unit.total for unit in counted.units) == 5
    assert (counted.strays, counted.unaffiliated) == (1, 1)
