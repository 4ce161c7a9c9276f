"""Campaigns in the district workbook, and their awards among the money of a month."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.utils import translation

from competitions.models import Campaign, CampaignAward, CampaignResult, CampaignState
from competitions.queries.campaigns import table
from orgchart.errors import Invalid
from portal.book.gather import gather_book
from portal.queries.money import money
from portal.services.workbook import import_workbook
from tests.portal.workbook_files import YEAR, Table, demo_district, demo_file, opened, saved

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
KINDS = ("campaigns", "campaign_results")
pytestmark = pytest.mark.usefixtures("demo")


def test_campaigns_and_results_come_back_from_the_file() -> None:
    content, before = demo_file(*KINDS), gather_book(district=demo_district(), year=YEAR)
    running = Campaign.objects.get(name_zh="增值业务发展竞赛")
    day = date(2026, 11, 20)
    stood = [(row.contestant.code, row.standing.amount) for row in table(running, day).rows]
    CampaignAward.objects.all().delete()
    CampaignResult.objects.all().delete()
    Campaign.objects.all().delete()

    report = import_workbook(file=BytesIO(content), by=None, at=AT)
    assert {sheet.kind.code for sheet in report.sheets} == set(KINDS)
    after = gather_book(district=demo_district(), year=YEAR)
    assert (after.campaigns, set(after.campaign_results)) == (
        before.campaigns, set(before.campaign_results)
    )  # fmt: skip
    again = Campaign.objects.get(name_zh="增值业务发展竞赛")
    assert [(row.contestant.code, row.standing.amount) for row in table(again, day).rows] == stood
    # What was paid is announced again: money does not travel in a workbook.
    assert Campaign.objects.get(name_zh="冲刺1000户").state == CampaignState.ANNOUNCED
    assert import_workbook(file=BytesIO(content), by=None, at=AT).total == 0


def faults(change: Callable[[Table, Table], dict[str, str]], **options: Any) -> None:
    """Import the demo's sheets with a change; each place must have a fault with its words."""
    workbook = opened(demo_file(*KINDS))
    expected = change(Table(workbook, "专项活动"), Table(workbook, "活动成绩"))
    with translation.override("zh-hans"), pytest.raises(Invalid) as refusal:
        import_workbook(file=saved(workbook), by=None, at=AT, **options)
    found = {fault.pointer: str(fault.detail) for fault in refusal.value.faults}
    assert set(found) == set(expected)
    assert {place: words in found[place] for place, words in expected.items()} == dict.fromkeys(
        expected, True
    )


def test_wrong_campaigns_and_results_are_faults_and_nothing_is_written() -> None:
    def change(campaigns: Table, results: Table) -> dict[str, str]:
        draft = campaigns.find(name_zh="年末宽带冲刺")
        paid = campaigns.find(name_zh="冲刺1000户")
        code, open_code = campaigns.get(paid, "code"), campaigns.find(name_zh="增值业务发展竞赛")
        running = campaigns.get(open_code, "code")
        return {
            campaigns.set(draft, "prizes", '[[1, "1"], [1, "2"]]'): "奖金高的在前",
            campaigns.set(draft, "source", "ledger"): "没有现成数据",
            campaigns.set(paid, "notice_days", 9): "活动已发布",
            results.set(results.find(campaign=code), "value", 9999): "不再录入",
            results.set(results.find(campaign=running), "day", "2025-01-01"): "不在活动期内",
        }

    before = CampaignResult.objects.count()
    faults(change)
    assert CampaignResult.objects.count() == before


def test_the_clerk_does_not_announce_by_workbook() -> None:
    def change(campaigns: Table, results: Table) -> dict[str, str]:
        draft = campaigns.find(name_zh="年末宽带冲刺")
        return {campaigns.set(draft, "is_announced", 1): "由领导"}

    faults(change, may_write=lambda capability: capability != "competition.approve")


def test_awards_of_campaigns_are_money_of_the_month_in_which_they_end() -> None:
    april = money(demo_district(), date(2026, 4, 1))
    assert Decimal(2600) <= (april.total("awards").paid or 0)
    sprint = Campaign.objects.get(name_zh="冲刺1000户")
    paid = {row.unit_id: row.amount for row in CampaignAward.objects.filter(campaign=sprint)}
    assert set(paid) <= set(april.lines["awards"])
    october = money(demo_district(), date(2026, 10, 1)).total("awards")
    assert (october.approved, october.paid) == (900, 0)  # the month's award is on notice
    assert all(proof.holds for proof in april.proofs)
