"""Rounds are decided once, explained, put on notice, approved, paid, and void on reopening."""

import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from competitions.models import Award, Round, RoundState
from competitions.queries import contest
from competitions.services import approve_round, decide_round, pay_round, void_round
from competitions.wording import in_both_languages, obstacle, verdict_sentence, words_of
from kpi.models import Actual, Month, MonthState, Score
from orgchart.errors import Invalid, Locked, Refused
from orgchart.models import AuditEntry
from portal.services import settle_published_month
from tests.competitions.contest import (
    MONTHS,
    PUBLISHED_AT,
    TIE,
    awards_of,
    build_contest,
    publish,
    write_month,
)

SECTIONS = {"none": "strict", "next": "alternative next qualifier"}


def settled(district: Any, number: int) -> Round:
    publish(district, number)
    settle_published_month(district_id=district.root.pk, month=date(2026, number, 1))
    return Round.objects.get(month=date(2026, number, 1))


def amounts(decided: Round) -> dict[str, str]:
    return {award.unit.code: f"{award.amount:.2f}" for award in decided.awards.all()}


def expected(number: int, no_qualifier: str, tie: list[str]) -> dict[str, str]:
    section = MONTHS[number][SECTIONS[no_qualifier]]
    if "tied" not in section:
        return awards_of(section["award"]) if section["winner"] else {}
    if tie == TIE:
        outcome = section["policy tie-break (收入完成率→发展完成率)"]
        return awards_of(outcome.get("still tied → split", outcome))
    return awards_of(section["policy split" if tie == ["split"] else "policy each full"])


@pytest.mark.parametrize("tie", [TIE, ["split"], ["each"]], ids="-".join)
@pytest.mark.parametrize("no_qualifier", SECTIONS)
def test_every_month_of_the_example_is_awarded_as_written(
    no_qualifier: str, tie: list[str], db: None, signed_in: Any
) -> None:
    """Stored, told by the API and shown on the page."""
    district = build_contest(no_qualifier=no_qualifier, tie=tie)
    reader = signed_in("test-staff")
    for number in MONTHS:
        decided = settled(district, number)
        won = expected(number, no_qualifier, tie)
        assert amounts(decided) == won
        assert decided.state == (RoundState.DECIDED if won else RoundState.NO_WINNER)
        told = reader.get(f"/api/v1/competitions/monthly/rounds/2026-{number:02}/").json()
        assert (told["winners"], told["state"]) == (won, str(decided.state))
        page = reader.get(f"/competition/?month=2026-{number:02}").content.decode()
        for amount in won.values():
            assert f"<b>{amount.removesuffix('.00')} 元</b>" in page
        assert ("没有获奖单元" in page) is (not won)


def sentences(number: int) -> dict[str, str]:
    found = contest(Month.objects.get(month=date(2026, number, 1)))
    assert found is not None
    return in_both_languages(lambda: verdict_sentence(found))


def test_a_month_without_winner_says_so_and_every_unit_why(db: None) -> None:
    decided = settled(build_contest(), 4)
    assert sentences(4) == {
        "zh": "无单元同时满足量收双完成与KPI第一。",
        "en": "No unit both completed every task and ranked first in KPI.",
    }
    why = {each["unit"]: each["why_not"] for each in decided.standings}
    assert why["suburban"] == [
        {"code": "gate_missed", "params": {"gate": "volume", "shortfall": "1"}}
    ]
    assert [reason["code"] for reason in why["grid1"]] == ["barred", "outranked"]
    found = contest(Month.objects.get(month=date(2026, 4, 1)))
    assert found is not None
    with override("zh-hans"):  # its score stands: no 一票否决
        assert obstacle(why["grid1"][0], words_of(found)) == "取消评优"
    assert all(why.values())


def test_a_gate_that_only_prints_complete_is_short_by_a_hundredth(db: None) -> None:
    decided = settled(build_contest(), 7)
    assert decided.state == RoundState.NO_WINNER
    group = next(each for each in decided.standings if each["unit"] == "group")
    assert group["gates"][0]["shortfall"] == "0.01"


def test_the_winner_is_told_in_both_languages(db: None) -> None:
    settled(build_contest(), 3)
    assert sentences(3) == {
        "zh": "城乡结合办事处量收双完成，并且 KPI 排名第一。",
        "en": "Urban-rural office completed every task and ranks first in KPI.",
    }


def test_deciding_again_changes_nothing(db: None) -> None:
    district = build_contest()
    first = settled(district, 3)
    for _again in range(2):
        settle_published_month(district_id=district.root.pk, month=first.month)
    assert list(Round.objects.values_list("pk", flat=True)) == [first.pk]
    assert AuditEntry.objects.filter(action="competition.decided").count() == 1


def test_a_job_delivered_twice_at_once_decides_once(database: None) -> None:
    district = build_contest()
    publish(district, 3)
    start, failures = threading.Barrier(2), []

    def deliver() -> None:
        try:
            start.wait(10)
            settle_published_month(district_id=district.root.pk, month=date(2026, 3, 1))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert (Round.objects.count(), Award.objects.count()) == (1, 1)


def test_an_open_month_is_not_decided(db: None) -> None:
    district = build_contest()
    month = write_month(district, 3)
    assert decide_round(district_id=district.root.pk, month=month.month, at=PUBLISHED_AT) is None
    found = contest(month)
    assert found is not None and found.state == "open"
    assert found.winners == {"suburban": Decimal("500.00")}


def test_a_district_without_policy_is_not_decided(db: None) -> None:
    district = build_contest(valid_from=date(2026, 4, 1))
    publish(district, 3)
    settle_published_month(district_id=district.root.pk, month=date(2026, 3, 1))
    assert not Round.objects.exists()


def reopen(month: Month) -> None:
    month.state, month.published_at, month.closed_at = MonthState.OPEN, None, None
    month.save()


def test_reopening_voids_the_round_and_publishing_decides_anew(db: None) -> None:
    district = build_contest()
    first = settled(district, 3)
    month = Month.objects.get(month=first.month)
    reopen(month)
    settle_published_month(district_id=district.root.pk, month=first.month)
    first.refresh_from_db()
    assert first.state == RoundState.VOID

    Actual.objects.filter(
        month=first.month,
        unit=district.units["suburban"],
        indicator=district.indicators["mobile_gross_adds"],
    ).update(value=Decimal(1292))
    month.state, month.published_at = MonthState.PUBLISHED, PUBLISHED_AT + timedelta(days=2)
    month.save()
    settle_published_month(district_id=district.root.pk, month=first.month)
    second = Round.objects.exclude(pk=first.pk).get()
    assert (second.version, second.state) == (2, RoundState.NO_WINNER)
    assert amounts(first) == {"suburban": "500.00"}


def test_a_month_reopened_and_published_before_the_job_ran_is_decided_anew(db: None) -> None:
    district = build_contest()
    first = settled(district, 3)
    later = PUBLISHED_AT + timedelta(hours=1)
    Month.objects.filter(month=first.month).update(published_at=later)
    settle_published_month(district_id=district.root.pk, month=first.month)
    assert list(Round.objects.values_list("version", "state")) == [(2, "decided"), (1, "void")]


def test_what_a_closed_month_never_got_counts_as_zero(db: None) -> None:
    district = build_contest()
    month = write_month(district, 3)
    late = Actual.objects.filter(
        month=month.month,
        unit=district.units["grid4"],
        indicator=district.indicators["mobile_revenue"],
    )
    late.update(value=None)
    found = contest(month)
    assert found is not None
    assert found.reason == {"code": "unreported", "params": {"units": ["grid4"]}}

    month.missing_reason = "网格4 逾期未报"
    found = contest(month)
    assert found is not None and found.winners == {"suburban": Decimal("500.00")}
    assert found.standings[-1]["gates"][0]["actual"] == "0"


@pytest.mark.parametrize(("days", "is_over"), [(0, False), (2, False), (3, True)])
def test_an_award_is_approved_after_its_days_of_notice(days: int, is_over: bool, db: None) -> None:
    district = build_contest(notice_days=3)
    decided = settled(district, 3)
    at = PUBLISHED_AT + timedelta(days=days)
    if is_over:
        approve_round(round=decided, by=district.people["head"], at=at)
    else:
        with pytest.raises(Locked, match="2026-08-05"):
            approve_round(round=decided, by=district.people["head"], at=at)
    decided.refresh_from_db()
    assert (decided.state == RoundState.APPROVED) is is_over


def test_an_award_is_paid_once_by_another_person_after_approval(db: None) -> None:
    district = build_contest()
    decided = settled(district, 3)
    head, clerk = district.people["head"], district.people["clerk"]
    at = PUBLISHED_AT + timedelta(days=5)
    with pytest.raises(Locked):
        pay_round(round=decided, by=clerk, at=at)
    approve_round(round=decided, by=head, at=at)
    with pytest.raises(Refused):
        pay_round(round=decided, by=head, at=at)
    paid = pay_round(round=decided, by=clerk, at=at)
    assert (paid.state, paid.paid_by, paid.paid_at) == (RoundState.PAID, clerk, at)
    with pytest.raises(Locked):
        pay_round(round=decided, by=clerk, at=at)


def test_a_month_without_winner_has_nothing_to_approve(db: None) -> None:
    district = build_contest()
    decided = settled(district, 4)
    with pytest.raises(Locked):
        approve_round(
            round=decided, by=district.people["head"], at=PUBLISHED_AT + timedelta(days=9)
        )


def test_a_person_voids_only_with_a_reason(db: None) -> None:
    district = build_contest()
    decided = settled(district, 3)
    head = district.people["head"]
    with pytest.raises(Invalid):
        void_round(round=decided, by=head, at=PUBLISHED_AT, reason="  ")
    void_round(round=decided, by=head, at=PUBLISHED_AT, reason="数据有误")
    entry = AuditEntry.objects.filter(action="competition.voided").get()
    assert (entry.by, entry.reason) == (head, "数据有误")


def test_the_third_gate_counts_where_the_policy_has_it(db: None) -> None:
    district = build_contest()
    indicator = district.indicators["fixed_revenue"]
    policy = contest(write_month(district, 3)).policy  # type: ignore[union-attr]
    policy.fixed_net = indicator
    policy.save()
    found = contest(Month.objects.get(month=date(2026, 3, 1)))
    assert found is not None
    assert [gate["code"] for gate in found.standings[0]["gates"]] == [
        "revenue",
        "volume",
        "fixed_net",
    ]


@pytest.mark.parametrize("units", [2, 6])
def test_a_contest_takes_the_same_queries_for_any_number_of_units(
    units: int, django_assert_num_queries: Any, db: None
) -> None:
    district = build_contest()
    month = write_month(district, 3)
    for unit in list(district.units.values())[2 + units :]:
        unit.opened_on = date(2026, 4, 1)
        unit.save()
    with django_assert_num_queries(8):
        contest(month)


def test_the_race_so_far_is_among_those_who_reported(db: None, signed_in: Any) -> None:
    district = build_contest()
    month = write_month(district, 4)
    late = district.units["group"]
    Actual.objects.filter(month=month.month, unit=late).update(value=None)
    Score.objects.filter(month=month.month, unit=late).update(total=None, rank=None)
    page = signed_in("test-grid2").get("/competition/?month=2026-04").content.decode()
    assert "集团中心还有数未报" in page
    assert "已报单元中：无单元同时满足量收双完成与KPI第一。" in page
    # The reader's own unit first: gate and place in words, and what keeps the others.
    assert page.index("收入差 0.20 万元；差第一 9.30 分") < page.index("发展差 1 户")
    assert page.count("本单元") == 1
    found = contest(month)
    assert found is not None and [each["rank"] for each in found.standings] == [
        None, 1, 2, 3, 4, 5,
    ]  # fmt: skip
    assert found.standings[0]["why_not"][0]["code"] == "missing"
    Score.objects.filter(month=month.month).update(total=None, rank=None)
    Actual.objects.filter(month=month.month).update(value=None)
    nobody = signed_in("test-grid2").get("/competition/?month=2026-04").content.decode()
    assert "还有数未报" in nobody and "没有单元参赛" not in nobody


@pytest.mark.parametrize("step", ["approve", "pay"])
def test_of_two_at_once_one_takes_the_step(step: str, database: None) -> None:
    district = build_contest()
    decided = settled(district, 3)
    at = PUBLISHED_AT + timedelta(days=5)
    people = [district.people["head"], district.people["auditor"]]
    take = approve_round
    if step == "pay":
        approve_round(round=decided, by=district.people["clerk"], at=at)
        take = pay_round
    start, outcomes = threading.Barrier(2), []

    def press(by: Any) -> None:
        try:
            start.wait(10)
            take(round=decided, by=by, at=at)
            outcomes.append("done")
        except Locked:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(by,)) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "refused"]
    action = {"approve": "competition.approved", "pay": "competition.paid"}[step]
    assert AuditEntry.objects.filter(action=action).count() == 1
