"""New terms of the competition: from a month to come, tried first, taken back while they may be."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from competitions.models import Competition, CompetitionPolicy, Round
from competitions.queries import drafts, policies, policy_in_force, rounds, trials
from competitions.queries.honours import honours
from competitions.rules import NoQualifier, TieStep
from competitions.services.policies import (
    discard_policy,
    draft_policy,
    publish_policy,
    withdraw_policy,
)
from orgchart.errors import Invalid, Locked
from orgchart.models import AuditEntry, Notification
from tests.competitions.contest import AMOUNT, MONTHS, build_contest, publish
from tests.competitions.test_rules import expected_awards
from tests.district import UNITS, District

AT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
DECEMBER = date(2026, 12, 1)
TERMS = "/competition/terms/"
NEW = f"{TERMS}new/"
LATER = date(2027, 1, 1)


@pytest.fixture
def district(db: None, time_machine: Any) -> District:
    time_machine.move_to(AT, tick=False)
    return build_contest()


def values(district: District, **changed: Any) -> dict[str, Any]:
    return {
        "amount": Decimal("800.00"), "revenue": district.indicators["total_revenue"],
        "volume": district.indicators["mobile_gross_adds"], "fixed_net": None,
        "no_qualifier": "next", "tie": ["volume_rate", "each"], "notice_days": 5,
        "heeds_veto": True, "excluded": [], "reason": "加大力度", **changed,
    }  # fmt: skip


def draft(
    district: District,
    valid_from: date = DECEMBER,
    policy: CompetitionPolicy | None = None,
    **changed: Any,
) -> CompetitionPolicy:
    return draft_policy(
        competition=Competition.objects.get(district=district.root, code="monthly"), policy=policy,
        valid_from=valid_from, values=values(district, **changed), by=district.people["clerk"],
        at=AT,
    )  # fmt: skip


def put(district: District, valid_from: date = DECEMBER, **changed: Any) -> CompetitionPolicy:
    row = draft(district, valid_from, **changed)
    return publish_policy(policy=row, by=district.people["head"], at=AT)


def test_terms_hold_from_the_month_on_and_end_those_before(district: District) -> None:
    put(district)
    assert policy_in_force(district.root.pk, date(2026, 11, 1)).amount == 500
    assert policy_in_force(district.root.pk, DECEMBER).amount == 800
    assert policy_in_force(district.root.pk, date(2027, 6, 1)).tie == ["volume_rate", "each"]
    entry = AuditEntry.objects.get(action="competition.terms")
    assert entry.reason == "加大力度"
    told = set(Notification.objects.values_list("person", flat=True))
    assert district.people["grid1"].pk in told and district.people["head"].pk not in told


def test_published_terms_are_withdrawn_to_a_draft_until_their_month_begins(
    district: District,
) -> None:
    row, head = put(district), district.people["head"]
    with pytest.raises(Invalid):  # those of the same month have to go first
        put(district, amount=Decimal("900"))
    withdraw_policy(policy=row, by=head, at=AT)
    [only] = policies(district.root.pk)
    assert (only.amount, only.valid_to) == (500, None)
    assert policy_in_force(district.root.pk, DECEMBER).amount == 500
    changed = draft(district, policy=row, amount=Decimal("900"))
    assert changed.pk == row.pk
    publish_policy(policy=row, by=head, at=AT)
    assert policy_in_force(district.root.pk, DECEMBER).amount == 900
    begun = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    for change in (withdraw_policy, discard_policy, publish_policy):
        with pytest.raises(Locked):
            change(policy=row, by=head, at=begun)
    with pytest.raises(Locked):
        draft(district, policy=row)


def test_a_draft_decides_nothing_and_is_published_only_before_its_month(
    district: District,
) -> None:
    row = draft(district)
    assert policy_in_force(district.root.pk, DECEMBER).amount == 500
    assert not Notification.objects.exists()
    with pytest.raises(Invalid) as refused:
        publish_policy(
            policy=row, by=district.people["head"], at=datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
        )
    assert [fault.pointer for fault in refused.value.faults] == ["/valid_from"]
    discard_policy(policy=row, by=district.people["clerk"], at=AT)
    assert not CompetitionPolicy.objects.filter(pk=row.pk).exists()


def test_terms_may_leave_vetoes_aside_and_units_out(district: District) -> None:
    """April of the example: grid 1 is second, vetoed; the office is first and missed a task."""
    publish(district, 4)
    competition = Competition.objects.get(district=district.root)
    for changed, won in (
        ({}, "group"),
        ({"heeds_veto": False}, "grid1"),
        ({"excluded": ["suburban"], "no_qualifier": "none"}, None),
        ({"excluded": ["suburban", "grid1"], "no_qualifier": "none"}, "group"),
    ):
        terms = CompetitionPolicy(competition=competition, **values(district, **changed))
        [trial] = trials(terms, district.root.pk)
        assert list(trial.after.winners) == ([won] if won else [])


@pytest.mark.parametrize(
    ("field", "valid_from", "changed"),
    [
        ("/valid_from", date(2026, 11, 1), {}),  # has begun
        ("/valid_from", date(2026, 12, 2), {}),
        ("/amount", DECEMBER, {"amount": Decimal("-1")}),
        ("/amount", DECEMBER, {"amount": Decimal("0.001")}),
        ("/tie", DECEMBER, {"tie": ["split", "each"]}),
        ("/excluded", DECEMBER, {"excluded": ["support"]}),
        ("/excluded", DECEMBER, {"excluded": [*UNITS]}),
        ("/reason", DECEMBER, {"reason": " "}),
    ],
)
def test_what_cannot_hold_is_refused_at_its_field(
    field: str, valid_from: date, changed: dict[str, Any], district: District
) -> None:
    with pytest.raises(Invalid) as refused:
        put(district, valid_from, **changed)
    assert [fault.pointer for fault in refused.value.faults] == [field]
    assert len(policies(district.root.pk)) == 1


def test_one_indicator_cannot_be_two_tasks(district: District) -> None:
    with pytest.raises(Invalid) as refused:
        put(district, fixed_net=district.indicators["total_revenue"])
    assert {fault.pointer for fault in refused.value.faults} == {"/revenue", "/fixed_net"}


def test_later_terms_have_to_be_withdrawn_first(district: District) -> None:
    put(district, LATER)
    with pytest.raises(Invalid):
        put(district, DECEMBER)


def test_a_trial_decides_published_months_and_stores_nothing(district: District) -> None:
    for number in MONTHS:
        publish(district, number)
    competition = Competition.objects.get(district=district.root)
    draft = CompetitionPolicy(
        competition=competition, **values(district, amount=AMOUNT, tie=["volume_rate", "each"])
    )
    found = {each.month.month: each.after.winners for each in trials(draft, district.root.pk)}
    assert list(found) == sorted(MONTHS, reverse=True)
    tie = (TieStep.VOLUME_RATE, TieStep.EACH)
    for number, won in found.items():
        assert won == expected_awards(str(number), NoQualifier.NEXT, tie)
    assert Round.objects.count() == 0


def test_the_clerk_drafts_tries_and_the_head_publishes(
    district: District, signed_in: Callable[..., Any]
) -> None:
    publish(district, 3)
    clerk, head, staff = (signed_in(f"test-{who}") for who in ("clerk", "head", "staff"))
    typed = {
        "valid_from": "2026-12", "amount": "800", "no_qualifier": "next", "rates": "volume_rate",
        "revenue": district.indicators["total_revenue"].pk, "ending": "each", "veto": "1",
        "volume": district.indicators["mobile_gross_adds"].pk, "notice_days": "3",
        "reason": "加大力度", "excluded": ["grid4"],
    }  # fmt: skip
    page = clerk.post(NEW, typed | {"action": "try"}).content.decode()
    assert 'id="trial"' in page and "800" in page
    late = clerk.post(NEW, typed | {"action": "save", "valid_from": "2026-11"})
    assert late.status_code == 400
    assert clerk.post(NEW, typed | {"action": "save"}).status_code == 302
    [row] = drafts(district.root.pk)
    at = f"/competition/terms/{row.pk}/"
    assert clerk.post(at, typed | {"amount": "900"}).status_code == 302
    assert clerk.post(f"{at}publish/").status_code == 403
    assert "900" in clerk.get(TERMS).content.decode()
    assert "900" not in staff.get(TERMS).content.decode()
    assert head.post(f"{at}publish/").status_code == 302
    page = staff.get(TERMS).content.decode()
    assert (
        "每月 900 元，奖给按原始数据完成总收入、移动用户发展任务且 KPI 排名第一的单元。"
        "第一名未达标时，顺延至达标单元中 KPI 最高者。并列时比发展完成率。"
        "仍并列的，各得全额。受一票否决的单元不得奖。网格4 不参加。公示 3 天后批准。"
    ) in page
    [found, _before] = head.get("/api/v1/competitions/monthly/policies/").json()
    assert found.pop("id") == policies(district.root.pk)[0].pk
    assert found == {
        "from": "2026-12", "to": None, "amount": "900.00", "no_qualifier": "next",
        "tie": ["volume_rate", "each"], "notice_days": 3, "revenue": "total_revenue",
        "volume": "mobile_gross_adds", "veto": True, "excluded": ["grid4"],
    }  # fmt: skip
    assert head.post(f"{at}withdraw/").status_code == 302
    assert len(policies(district.root.pk)) == 1
    assert clerk.post(f"{at}discard/").status_code == 302
    assert drafts(district.root.pk) == []


def test_honours_count_runs_and_those_never_awarded(district: District) -> None:
    policy = policies(district.root.pk)[0]
    for number, unit, state in (
        (1, "grid1", "paid"), (2, "grid1", "paid"), (3, "grid2", "void"), (3, "grid1", "decided"),
        (4, None, "no_winner"), (5, "grid3", "paid"), (6, "grid3", "approved"),
    ):  # fmt: skip
        row = Round.objects.create(
            competition=policy.competition, policy=policy, month=date(2026, number, 1),
            version=1 if state == "void" else 2, state=state, decided_at=AT, reason={},
            standings=[],
        )  # fmt: skip
        if unit:
            row.awards.create(unit=district.units[unit], amount=Decimal(500))
    found = honours(district.root, rounds(district.root.pk))
    told = [(each.unit.code, each.times, each.longest, each.running) for each in found]
    assert told[:2] == [("grid1", 3, 3, 0), ("grid3", 2, 2, 2)]
    assert {code for code, times, _longest, _running in told if not times} == {
        "group", "suburban", "grid2", "grid4"
    }  # fmt: skip
    assert (found[0].amount, found[0].last) == (1500, date(2026, 3, 1))


def test_of_two_at_once_the_versions_do_not_overlap(database: None, time_machine: Any) -> None:
    time_machine.move_to(AT, tick=True)
    district = build_contest()
    rows = [draft(district, month) for month in (DECEMBER, LATER)]
    start, outcomes = threading.Barrier(2), []

    def write(row: CompetitionPolicy) -> None:
        try:
            start.wait(10)
            publish_policy(policy=row, by=district.people["head"], at=AT)
            outcomes.append("stored")
        except Invalid:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    rows = sorted(policies(district.root.pk), key=lambda row: row.valid_from)
    assert len(outcomes) == 2 and len(rows) == 1 + outcomes.count("stored")
    for row, after in pairwise(rows):
        assert row.valid_to is not None and row.valid_to < after.valid_from
    assert rows[-1].valid_to is None
