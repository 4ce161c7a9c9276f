"""What waits for whom: reports, months, commissions, claims, campaigns, gaps in posts."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from competitions.models import Campaign, Round
from competitions.services import campaigns
from competitions.services.objections import answer_objection, raise_objection
from kpi.models import Month, MonthState
from kpi.queries.months import months
from orgchart.actors import actor_for
from orgchart.models import Job, Person, Supervision, Tenure
from portal import panels
from portal.queries.todos import Todo, todos
from subsidies.models import CommissionScheme, CommissionSheet, SheetState
from targets.models import PlanState
from tests.competitions.campaigns import AFTER, LAST, NOTICED, announced, enter
from tests.competitions.contest import PUBLISHED_AT, build_contest
from tests.competitions.test_services import settled
from tests.district import MARCH, NOW, START, UNITS, District
from tests.portal.test_today import ON, all_but_grid4
from tests.subsidies.claims import approved, at, attach, open_claims


@pytest.fixture
def reported(district: District) -> District:
    return all_but_grid4(district)


def tasks_of(district: District, account: str, on: date = ON) -> list[Todo]:
    """Return what waits for somebody, but for summaries: those are owed every day."""
    with override("en"):
        found = todos(actor_for(district.people[account], on=on), months(district.root.pk))
    return [each for each in found if each.kind != "Summaries"]


def waiting(district: District, account: str) -> list[tuple[str, str]]:
    """Return what waits for somebody, but for gaps in the organisation."""
    found = tasks_of(district, account)
    return [(todo.kind, todo.label) for todo in found if todo.kind != "Staffing"]


def test_the_clerk_has_to_chase_reports_and_to_close_a_month_that_is_over(
    reported: District,
) -> None:
    Month.objects.update(due_on=date(2026, 3, 31))
    assert waiting(reported, "clerk") == [("Reports", "Chase"), ("Closing", "Close month")]
    assert waiting(reported, "grid4") == [("Reports", "Report")]
    assert waiting(reported, "staff") == []


def test_a_closed_month_waits_for_its_publication(reported: District) -> None:
    Month.objects.update(state=MonthState.CLOSED)
    assert waiting(reported, "clerk") == [("Closing", "Publish")]


@pytest.mark.parametrize(
    ("state", "account", "label"),
    [
        (None, "clerk", "Make"),
        (SheetState.RETURNED, "clerk", "Make"),
        (SheetState.MADE, "auditor", "Audit"),
        (SheetState.AUDITED, "head", "Approve"),
    ],
)
def test_a_commission_sheet_waits_for_the_next_hand(
    state: str | None, account: str, label: str, reported: District
) -> None:
    Month.objects.update(state=MonthState.PUBLISHED)
    reported.plan.state = PlanState.RELEASED
    reported.plan.save()
    if state:
        people = reported.people
        scheme = CommissionScheme.objects.create(
            district=reported.root, code="v1", name_zh="办法", valid_from=MARCH, body={}
        )
        CommissionSheet.objects.create(
            district=reported.root, month=MARCH, scheme=scheme, state=state,
            made_by=people["clerk"], made_at=NOW, paid=Decimal("10.00"),
        )  # fmt: skip
    for each in ("clerk", "auditor", "head"):
        expected = [("Commission", label)] if each == account else []
        assert waiting(reported, each) == expected


def test_the_administrator_is_told_of_a_computation_that_fails(district: District) -> None:
    Job.objects.create(
        kind="rescore", district=district.root, month=MARCH, requested=1, failures=3,
        requested_at=datetime(2026, 4, 1, tzinfo=UTC), last_error="division by zero",
    )  # fmt: skip
    actor = actor_for(district.people["admin"], on=ON)
    assert todos(actor, [])[0].note == "division by zero"


def test_clerk_and_administrator_are_told_who_is_missing(district: District) -> None:
    Supervision.objects.exclude(unit=district.units["grid1"]).delete()
    for code in UNITS:
        Supervision.objects.get_or_create(
            unit=district.units[code], person=district.people["supervisor"], valid_from=START
        )
    assert [one for one in tasks_of(district, "admin") if one.kind == "Staffing"] == []
    Tenure.objects.filter(person=district.people["grid3"]).update(valid_to=date(2026, 4, 1))
    Tenure.objects.filter(person=district.people["grid2"]).update(valid_to=date(2026, 4, 16))
    Tenure.objects.filter(person=district.people["grid1"]).update(valid_to=date(2026, 4, 17))
    Supervision.objects.filter(unit=district.units["group"]).delete()
    Person.objects.filter(code="suburban").update(user=None)
    expected = [
        ("grid2's term as manager ends", "/organisation/people/grid2/", date(2026, 4, 16)),
        ("1 unit has no manager", "/organisation/units/grid3/", None),
        ("1 unit has no supervisor", "/organisation/units/group/", None),
        ("1 manager has no account", "/organisation/people/", None),
    ]
    for account in ("admin", "clerk"):
        found = [one for one in tasks_of(district, account) if one.kind == "Staffing"]
        assert [(one.text, one.url, one.due) for one in found] == expected
    assert [one for one in tasks_of(district, "head") if one.kind == "Staffing"] == []


def test_what_is_due_first_comes_first_and_says_how_near_it_is(reported: District) -> None:
    Month.objects.update(due_on=date(2026, 4, 4))
    found = tasks_of(reported, "grid4")
    assert [(one.kind, one.due) for one in found] == [("Reports", date(2026, 4, 4))]
    with override("en"):
        assert [panels.due(date(2026, 4, day), ON).partition(", ")[2] for day in (1, 2, 3, 4)] == [
            "1 day over",
            "today",
            "tomorrow",
            "2 days left",
        ]


def test_claims_without_receipts_wait_for_their_writer_and_are_told_to_the_clerk(
    district: District,
) -> None:
    open_claims(district)
    row = approved(district, "80.00", when=at(9), receipt=False)
    on = date(2026, 3, 10)

    def found(account: str) -> list[tuple[str, str, str]]:
        actor = actor_for(district.people[account], on=on)
        with override("en"):
            return [(todo.text, todo.label, todo.url) for todo in todos(actor, [])
                    if todo.kind == "Expense claims"]  # fmt: skip

    assert found("staff") == [
        (f"Claim {row.number} lacks its receipts", "Add receipts", f"/claims/{row.pk}/")
    ]
    assert found("clerk") == [("1 claim waits for its receipts", "Look", "/claims/?state=approved")]
    assert found("grid1") == found("head") == []
    attach(district, row)
    assert found("staff") == []
    assert found("clerk") == [("1 claim", "Check", "/claims/?state=approved")]


def turns(
    district: District, on: date, kind: str = "Campaigns"
) -> dict[str, list[tuple[str, str, str, str]]]:
    """Return text, note, button and address of what of a kind waits for whom."""
    found = {}
    for account in ("head", "clerk", "auditor", "grid1", "staff"):
        actor = actor_for(district.people[account], on=on)
        with override("en"):
            mine = [
                (one.text, one.note, one.label, one.url)
                for one in todos(actor, [])
                if one.kind == kind
            ]
        if mine:
            found[account] = mine
    return found


def test_a_campaign_waits_for_its_decision_its_approval_and_its_payment(district: District) -> None:
    row = announced(district)
    enter(district, row, {"staff": "60"})
    clerk, head, url = district.people["clerk"], district.people["head"], f"/campaigns/{row.code}/"
    name, awards = "“Value-added contest”", "“Value-added contest”, CNY 320"
    assert turns(district, LAST) == {}
    over, noticed = date(2026, 4, 2), date(2026, 4, 6)
    assert turns(district, over) == {
        "clerk": [(f"{name} is over", "ended on 2026-03-31", "Decide", url)]
    }
    campaigns.decide(campaign=row, by=clerk, at=AFTER)
    assert turns(district, over) == {"head": [(awards, "on notice until 2026-04-04", "Look", url)]}
    assert turns(district, noticed) == {"head": [(awards, "notice is over", "Approve", url)]}
    campaigns.approve(campaign=row, by=head, at=NOTICED)
    assert turns(district, noticed) == {"clerk": [(awards, "approved", "Pay", url)]}
    campaigns.pay(campaign=row, by=clerk, at=NOTICED)
    assert turns(district, noticed) == {}


def test_whoever_wrote_a_campaign_is_not_asked_to_approve_it(district: District) -> None:
    row = announced(district)
    enter(district, row, {"staff": "60"})
    campaigns.decide(campaign=row, by=district.people["clerk"], at=AFTER)
    Campaign.objects.update(made_by=district.people["head"])
    assert turns(district, date(2026, 4, 6)) == {}


def test_an_objection_waits_for_the_clerk_and_holds_the_approval_up(db: None) -> None:
    district = build_contest()
    settled(district, 3)
    on, url, award = date(2026, 8, 10), "/competition/?month=2026-03", "March award, CNY 500"
    before = {"head": [(award, "notice is over", "Approve", url)]}
    assert turns(district, on, "Competition") == before
    row = raise_objection(
        round=Round.objects.get(), unit=district.units["grid1"], text="漏计 3 户",
        by=district.people["grid1"], at=PUBLISHED_AT,
    )  # fmt: skip
    assert turns(district, on, "Competition") == {
        "head": [(award, "an objection waits for its answer", "Look", url)],
        "clerk": [("Grid 1 objects to the decision of March", "漏计 3 户", "Answer", url)],
    }
    answer_objection(
        objection=row, is_upheld=False, answer="已复核", by=district.people["clerk"],
        at=PUBLISHED_AT,
    )  # fmt: skip
    assert turns(district, on, "Competition") == before
