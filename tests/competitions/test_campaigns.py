"""Campaigns are written, announced, reported, decided once, noticed, approved and paid."""

import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from competitions.models import Campaign, CampaignAward, CampaignResult, CampaignState, Phase
from competitions.queries import campaigns as queries
from competitions.queries.campaigns import table
from competitions.services import campaigns as services
from kpi.models import Actual, DailyFigure
from orgchart.errors import DomainError, Invalid, Locked, Refused, VersionConflict
from orgchart.models import AuditEntry, Notification, Person, Post, Tenure
from tests.competitions.campaigns import (
    AFTER,
    BEFORE,
    DURING,
    FIRST,
    LAST,
    NOTICED,
    VALUES,
    announced,
    enter,
    write,
)
from tests.district import District, build_district


@pytest.fixture
def district(db: None) -> District:
    return build_district()


def decided(district: District) -> Campaign:
    row = announced(district)
    enter(district, row, {"staff": "60", "grid1": "12", "grid2": "12", "group": "9"})
    return services.decide(campaign=row, by=district.people["clerk"], at=AFTER)


def test_a_campaign_is_paid_after_four_hands(district: District) -> None:
    row = decided(district)
    assert [(a.contestant, str(a.amount)) for a in row.awards.all()] == [
        (district.people["staff"].code, "320"), (district.people["grid1"].code, "100"),
        (district.people["grid2"].code, "100"),
    ]  # fmt: skip
    with pytest.raises(Locked):
        services.approve(campaign=row, by=district.people["head"], at=AFTER)
    with pytest.raises(Refused):
        services.approve(campaign=row, by=district.people["clerk"], at=NOTICED)
    services.approve(campaign=row, by=district.people["head"], at=NOTICED)
    with pytest.raises(Refused):
        services.pay(campaign=row, by=district.people["head"], at=NOTICED)
    paid = services.pay(campaign=row, by=district.people["clerk"], at=NOTICED)
    assert paid.state == CampaignState.PAID
    actions = AuditEntry.objects.filter(subject=f"campaigns/{row.code}").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "campaign.save", "campaign.announce", "campaign.results", "campaign.decide",
        "campaign.approve", "campaign.pay",
    ]  # fmt: skip


def test_phases_follow_the_calendar(district: District) -> None:
    row = announced(district)
    days = {FIRST - timedelta(days=1): "announced", FIRST: "running", LAST: "running",
            LAST + timedelta(days=1): "closed"}  # fmt: skip
    for day, phase in days.items():
        assert row.phase(day).value == phase
        assert list(queries.in_phase(Campaign.objects.all(), Phase(phase), day)) == [row]


def test_the_writer_does_not_announce_and_those_who_compete_are_told(district: District) -> None:
    row = write(district)
    with pytest.raises(Refused):
        services.announce(campaign=row, by=district.people["clerk"], at=BEFORE)
    services.announce(campaign=row, by=district.people["head"], at=BEFORE)
    told = Notification.objects.filter(key=f"campaign/{row.pk}")
    assert district.people["staff"] in [each.person for each in told]


def test_announced_terms_stay_but_words_and_a_later_end(district: District) -> None:
    row = announced(district)
    clerk = district.people["clerk"]

    def save(**values: Any) -> Campaign:
        row.refresh_from_db()
        return services.save_campaign(
            district=district.root, values=VALUES | values, campaign=row, version=row.version,
            by=clerk, at=DURING,
        )  # fmt: skip

    with pytest.raises(Locked) as refusal:
        save(prizes=[[1, "900.00"]])
    assert refusal.value.faults[0].pointer == "/prizes"
    with pytest.raises(Invalid):
        save(ends_on=LAST - timedelta(days=1))
    # The same prizes as another program writes them.
    later = save(
        ends_on=LAST + timedelta(days=5), note="延长", prizes=[[1, "300"], [2, "100.0"]],
        levels=[["50.00", "20"]],
    )  # fmt: skip
    assert (later.ends_on, later.version) == (LAST + timedelta(days=5), row.version + 1)
    with pytest.raises(VersionConflict):
        services.save_campaign(
            district=district.root, values=VALUES, campaign=row, version=0, by=clerk, at=DURING
        )


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"ends_on": FIRST - timedelta(days=1)}, "/ends_on"),
        ({"ends_on": FIRST + timedelta(days=366)}, "/ends_on"),
        ({"source": "reported"}, "/source"),
        ({"source": "ledger"}, "/source"),
        ({"contestants": "units", "source": "reported"}, "/indicator"),
        ({"measure": ""}, "/measure"),
        ({"tier": "t1"}, "/tier"),
        ({"units": ["nowhere"]}, "/units"),
        ({"prizes": [], "levels": []}, "/prizes"),
        ({"prizes": [[1, "1.00"], [1, "2.00"]]}, "/prizes"),
        ({"levels": [["50", "20.00"], ["60", "10.00"]]}, "/levels"),
    ],
)
def test_a_fault_is_told_at_its_field(
    values: dict[str, Any], pointer: str, district: District
) -> None:
    with pytest.raises(Invalid) as refusal:
        write(district, **values)
    assert pointer in [fault.pointer for fault in refusal.value.faults]
    assert not Campaign.objects.exists()


def test_results_are_cumulative_idempotent_and_corrected_with_a_trail(district: District) -> None:
    row = announced(district)
    assert enter(district, row, {"staff": "5", "grid1": "7"}) == 2
    assert enter(district, row, {"staff": "5", "grid1": "7"}) == 0
    later = date(2026, 3, 20)
    assert enter(district, row, {"staff": "8"}, day=later) == 1
    found = table(row, later)
    assert [(each.contestant.code, each.standing.value) for each in found.rows[:2]] == [
        (district.people["staff"].code, 8), (district.people["grid1"].code, 7)
    ]  # fmt: skip
    assert enter(district, row, {"staff": "6"}, day=later) == 1
    assert (
        CampaignResult.objects.get(contestant=district.people["staff"].code, day=later).version == 2
    )
    services.save_results(
        campaign=row, by=district.people["clerk"], at=DURING,
        entries=[services.Entry(district.people["staff"].code, later, None)],
    )  # fmt: skip
    assert table(row, later).rows[1].standing.value == 5


@pytest.mark.parametrize(
    ("who", "day", "value", "pointer"),
    [
        ("nobody", date(2026, 3, 18), "1", "/1/contestant"),
        ("test-grid1", FIRST - timedelta(days=1), "1", "/1/day"),
        ("test-grid1", date(2026, 3, 25), "1", "/1/day"),
        ("test-grid1", date(2026, 3, 18), "1.5", "/1/value"),
        ("test-grid1", date(2026, 3, 18), "-1", "/1/value"),
    ],
)
def test_a_wrong_result_stores_none(
    who: str, day: date, value: str, pointer: str, district: District
) -> None:
    row = announced(district)
    codes = {f"test-{name}": person.code for name, person in district.people.items()}
    entries = [
        services.Entry(district.people["staff"].code, date(2026, 3, 18), Decimal(3)),
        services.Entry(codes.get(who, who), day, Decimal(value)),
    ]
    with pytest.raises(Invalid) as refusal:
        services.save_results(campaign=row, entries=entries, by=district.people["clerk"], at=DURING)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]
    assert not CampaignResult.objects.exists()


def test_a_manager_enters_his_own_unit_only(district: District) -> None:
    row = announced(district)
    with pytest.raises(Invalid) as refusal:
        services.save_results(
            campaign=row, by=district.people["grid2"], at=DURING,
            unit_ids={district.units["grid2"].pk},
            entries=[services.Entry(district.people["staff"].code, date(2026, 3, 18), Decimal(3))],
        )  # fmt: skip
    assert refusal.value.faults[0].pointer == "/0/contestant"


def test_nothing_is_decided_early_twice_or_without_results(district: District) -> None:
    row = announced(district)
    clerk = district.people["clerk"]
    with pytest.raises(Locked):
        services.decide(campaign=row, by=clerk, at=AFTER)
    enter(district, row, {"staff": "60"})
    with pytest.raises(Locked):
        services.decide(campaign=row, by=clerk, at=DURING)
    services.decide(campaign=row, by=clerk, at=AFTER)
    with pytest.raises(Locked):
        services.decide(campaign=row, by=clerk, at=AFTER)
    with pytest.raises(Locked):
        enter(district, row, {"staff": "61"}, at=AFTER)


def test_the_decision_stays_whatever_happens_to_people(district: District) -> None:
    row = decided(district)
    before = [(each.contestant.code, each.standing.amount) for each in table(row, LAST).rows]
    CampaignResult.objects.all().delete()
    row.refresh_from_db()
    assert [
        (each.contestant.code, each.standing.amount) for each in table(row, LAST).rows
    ] == before


def test_a_campaign_is_called_off_with_a_reason_but_not_once_paid(district: District) -> None:
    row = decided(district)
    head = district.people["head"]
    with pytest.raises(Invalid):
        services.void(campaign=row, reason=" ", by=head, at=NOTICED)
    services.approve(campaign=row, by=head, at=NOTICED)
    services.pay(campaign=row, by=district.people["clerk"], at=NOTICED)
    with pytest.raises(Locked):
        services.void(campaign=row, reason="作废", by=head, at=NOTICED)


def test_units_are_read_from_the_daily_figures_of_any_span(district: District) -> None:
    row = announced(
        district, contestants="units", source="reported", measure="", threshold=None, levels=[],
        indicator=district.indicators["mobile_gross_adds"], units=["grid1", "grid2"],
    )  # fmt: skip
    figures = {"grid1": {14: 100, 20: 160, 31: 200}, "grid2": {15: 50, 20: 90}}
    for unit, days in figures.items():
        for day, value in days.items():
            DailyFigure.objects.create(
                month=date(2026, 3, 1), unit=district.units[unit], day=date(2026, 3, day),
                indicator=district.indicators["mobile_gross_adds"], value=Decimal(value),
                breakdown=district.breakdowns["all"], reported_at=DURING,
            )  # fmt: skip
    found = table(row, date(2026, 3, 20))
    assert [(each.contestant.code, each.standing.value) for each in found.rows] == [
        ("grid1", 100), ("grid2", 40)
    ]  # fmt: skip
    with pytest.raises(Locked, match="网格2"):
        services.decide(campaign=row, by=district.people["clerk"], at=AFTER)
    Actual.objects.create(
        month=date(2026, 3, 1), unit=district.units["grid2"], as_of=LAST, reported_at=AFTER,
        indicator=district.indicators["mobile_gross_adds"], value=Decimal(165),
        breakdown=district.breakdowns["all"],
    )  # fmt: skip
    services.decide(campaign=row, by=district.people["clerk"], at=AFTER)
    assert [str(each.amount) for each in CampaignAward.objects.all()] == ["300", "100"]


def test_a_ratio_is_read_over_whole_months_only(district: District) -> None:
    ratio = district.indicators["effective_rate"]
    values = {"contestants": "units", "source": "reported", "measure": "", "indicator": ratio}
    with pytest.raises(Invalid) as refusal:
        write(district, **values)
    assert refusal.value.faults[0].pointer == "/starts_on"
    assert write(district, **values, starts_on=date(2026, 3, 1)).pk


def at_once(*calls: Any) -> list[Any]:
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = calls[number]()
        except (DomainError, IntegrityError) as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def ready(district: District) -> Campaign:
    row = announced(district)
    enter(district, row, {"staff": "60", "grid1": "12"})
    return row


def test_two_who_decide_at_once_grant_the_awards_once(database: Any) -> None:
    district = build_district()
    row = ready(district)

    def decide() -> Campaign:
        return services.decide(campaign=row, by=district.people["clerk"], at=AFTER)

    results = at_once(decide, decide)
    assert sorted(type(result).__name__ for result in results) == ["Campaign", "Locked"]
    assert CampaignAward.objects.count() == 2


def test_without_the_lock_only_the_constraint_holds(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, whose transaction begins before the check")
    district = build_district()
    row = ready(district)
    meet = threading.Barrier(2)
    read = services.table

    def read_together(*arguments: Any) -> Any:
        found = read(*arguments)
        meet.wait(10)
        return found

    monkeypatch.setattr(services, "table", read_together)
    monkeypatch.setattr(
        services, "_held", lambda campaign, *states: Campaign.objects.get(pk=campaign.pk)
    )

    def decide() -> Campaign:
        return services.decide(campaign=row, by=district.people["clerk"], at=AFTER)

    results = at_once(decide, decide)
    assert sorted(type(result).__name__ for result in results) == ["Campaign", "IntegrityError"]


@pytest.mark.parametrize("people", [2, 20])
def test_a_table_takes_as_many_statements_for_two_as_for_twenty(
    people: int, district: District, django_assert_num_queries: Any
) -> None:
    post = Post.objects.filter(role="staff").first()
    for number in range(people):
        person = Person.objects.create(
            district=district.root, code=f"more-{number}", name_zh=f"员工{number}"
        )
        Tenure.objects.create(
            person=person, post=post, unit=district.units["grid1"], valid_from=date(2026, 1, 1)
        )
    row = announced(district)
    with django_assert_num_queries(2):
        table(row, LAST)


@pytest.mark.parametrize("address", ["/campaigns/", "/api/v1/campaigns/"])
def test_the_list_takes_the_same_queries_for_two_campaigns_and_for_twenty(
    address: str, district: District, signed_in: Any
) -> None:
    client = signed_in("test-clerk")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    decided(district)
    write(district, indicator=district.indicators["mobile_gross_adds"])
    asked()  # what a first request alone asks for
    two = asked()
    for number in range(9):
        announced(district, indicator=district.indicators["mobile_gross_adds"])
        write(district, name_zh=f"活动{number}")
    assert Campaign.objects.count() == 20
    assert "活动8" in client.get(address).content.decode()
    assert asked() == two
