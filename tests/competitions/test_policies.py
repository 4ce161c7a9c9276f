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
from competitions.queries import honours, policies, policy_in_force, rounds, trials
from competitions.rules import NoQualifier, TieStep
from competitions.services import set_policy, withdraw_policy
from orgchart.errors import Invalid, Locked
from orgchart.models import AuditEntry, Notification
from tests.competitions.contest import AMOUNT, MONTHS, build_contest, publish
from tests.competitions.test_rules import expected_awards
from tests.district import District

AT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
DECEMBER = date(2026, 12, 1)
NEW = "/competition/terms/new/"
LATER = date(2027, 1, 1)


@pytest.fixture
def district(db: None, time_machine: Any) -> District:
    time_machine.move_to(AT, tick=False)
    return build_contest()


def values(district: District, **changed: Any) -> dict[str, Any]:
    return {
        "amount": Decimal("800.00"), "revenue": district.indicators["total_revenue"],
        "volume": district.indicators["mobile_gross_adds"], "fixed_net": None,
        "no_qualifier": "next", "tie": ["volume_rate", "each"], "notice_days": 5, **changed,
    }  # fmt: skip


def put(district: District, valid_from: date = DECEMBER, **changed: Any) -> CompetitionPolicy:
    return set_policy(
        competition=Competition.objects.get(district=district.root, code="monthly"),
        valid_from=valid_from, values=values(district, **changed), reason="加大力度",
        by=district.people["head"], at=AT,
    )  # fmt: skip


def test_terms_hold_from_the_month_on_and_end_those_before(district: District) -> None:
    put(district)
    assert policy_in_force(district.root.pk, date(2026, 11, 1)).amount == 500
    assert policy_in_force(district.root.pk, DECEMBER).amount == 800
    assert policy_in_force(district.root.pk, date(2027, 6, 1)).tie == ["volume_rate", "each"]
    entry = AuditEntry.objects.get(action="competition.terms")
    assert entry.reason == "加大力度"
    told = set(Notification.objects.values_list("person", flat=True))
    assert district.people["grid1"].pk in told and district.people["head"].pk not in told


def test_terms_of_the_same_month_are_replaced_and_withdrawn(district: District) -> None:
    put(district)
    row = put(district, amount=Decimal("900"))
    assert [each.amount for each in policies(district.root.pk)] == [900, 500]
    withdraw_policy(policy=row, by=district.people["head"], at=AT)
    [only] = policies(district.root.pk)
    assert (only.amount, only.valid_to) == (500, None)
    with pytest.raises(Locked):
        withdraw_policy(policy=only, by=district.people["head"], at=AT)


@pytest.mark.parametrize(
    ("field", "valid_from", "changed"),
    [
        ("/valid_from", date(2026, 11, 1), {}),  # has begun
        ("/valid_from", date(2026, 12, 2), {}),
        ("/amount", DECEMBER, {"amount": Decimal("-1")}),
        ("/amount", DECEMBER, {"amount": Decimal("0.001")}),
        ("/tie", DECEMBER, {"tie": ["split", "each"]}),
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


def test_a_form_is_tried_and_then_saved(district: District, signed_in: Callable[..., Any]) -> None:
    publish(district, 3)
    head = signed_in("test-head")
    typed = {
        "valid_from": "2026-12", "amount": "800", "no_qualifier": "next", "rates": "volume_rate",
        "revenue": district.indicators["total_revenue"].pk, "ending": "each",
        "volume": district.indicators["mobile_gross_adds"].pk, "notice_days": "3",
        "reason": "加大力度",
    }  # fmt: skip
    page = head.post(NEW, typed | {"action": "try"}).content.decode()
    assert 'id="trial"' in page and "800" in page
    assert len(policies(district.root.pk)) == 1
    late = head.post(NEW, typed | {"action": "save", "valid_from": "2026-11"})
    assert late.status_code == 400
    assert head.post(NEW, typed | {"action": "save"}).status_code == 302
    [row, _before] = head.get("/api/v1/competitions/monthly/policies/").json()
    assert row == {
        "from": "2026-12", "to": None, "amount": "800.00", "no_qualifier": "next",
        "tie": ["volume_rate", "each"], "notice_days": 3, "revenue": "total_revenue",
        "volume": "mobile_gross_adds",
    }  # fmt: skip
    pk = policies(district.root.pk)[0].pk
    assert head.post(f"/competition/terms/{pk}/withdraw/").status_code == 302
    assert len(policies(district.root.pk)) == 1


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
    start, outcomes = threading.Barrier(2), []

    def write(month: date) -> None:
        try:
            start.wait(10)
            put(district, month)
            outcomes.append("stored")
        except Invalid:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(month,)) for month in (DECEMBER, LATER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    rows = sorted(policies(district.root.pk), key=lambda row: row.valid_from)
    assert len(outcomes) == 2 and len(rows) == 1 + outcomes.count("stored")
    for row, after in pairwise(rows):
        assert row.valid_to is not None and row.valid_to < after.valid_from
    assert rows[-1].valid_to is None
