"""Dealers' campaigns read whole months from returns and parts of a month from the ledger."""

from datetime import date
from typing import Any

import pytest

from competitions.models import Campaign
from competitions.queries.campaigns import table
from competitions.services import campaigns as services
from orgchart.errors import Locked
from portal.queries.campaign_ledger import lend
from subsidies.models import LedgerBatch, LedgerRow
from tests.competitions.campaigns import AFTER, BEFORE, announced
from tests.district import MARCH, District, build_district
from tests.subsidies.district import enter, open_dealer


def stood(row: Campaign) -> list[tuple[str, Any]]:
    return [
        (each.contestant.code, each.standing.value) for each in table(row, date(2026, 4, 2)).rows
    ]


@pytest.fixture
def district(db: None) -> District:
    lend()
    return build_district()


def of_dealers(district: District, first: date) -> Campaign:
    return announced(
        district, contestants="dealers", source="ledger", starts_on=first, threshold=None,
        levels=[], measure="户",
    )  # fmt: skip


def test_a_whole_month_is_that_of_the_returns_and_waits_for_everybody(district: District) -> None:
    one, two = open_dealer(district, "d1", "grid1"), open_dealer(district, "d2", "grid2")
    enter(one, MARCH, gross=5)
    row = of_dealers(district, MARCH)
    assert stood(row) == [("d1", 5), ("d2", None)]
    with pytest.raises(Locked):
        services.decide(campaign=row, by=district.people["clerk"], at=AFTER)
    enter(two, MARCH, gross=9)
    assert stood(row) == [("d2", 9), ("d1", 5)]
    assert services.decide(campaign=row, by=district.people["clerk"], at=AFTER).awards.count() == 2


def test_a_part_of_a_month_counts_who_joined_in_it(district: District) -> None:
    one = open_dealer(district, "d1", "grid1")
    open_dealer(district, "d2", "grid2")
    row = of_dealers(district, date(2026, 3, 16))
    assert stood(row) == [("d1", None), ("d2", None)]
    batch = LedgerBatch.objects.create(
        district=district.root, month=MARCH, key="k", name="n", loaded_at=BEFORE,
        loaded_by=district.people["clerk"],
    )  # fmt: skip
    for number, day in enumerate((15, 16, 31)):
        LedgerRow.objects.create(
            batch=batch, dealer=one, user=str(number), joined_on=date(2026, 3, day),
            first_minutes=1, minutes=1, net=1,
        )  # fmt: skip
    assert stood(row) == [("d1", 2), ("d2", 0)]
