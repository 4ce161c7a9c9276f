"""Goals: opened once, groups counted by themselves, users reported, assessed by somebody else."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fieldwork.models import Account, Goal, StageChange
from fieldwork.queries.goals import standings
from fieldwork.rules.goals import completion, is_met, missed_in_a_row
from fieldwork.services.goals import assess_goal, open_goals, report_goal, set_goal
from kpi.models import Month
from orgchart.errors import DomainError, Invalid, Locked, Refused
from orgchart.models import Dealer, DealerAffiliation, Person
from subsidies.models import CommissionLine
from subsidies.services.commissions import make_sheet
from subsidies.wording import formula_text
from tests.district import MARCH, START, District
from tests.subsidies.staff import build_staff

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
END = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
APRIL = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(10, 10), (5, 5)], Fraction(1)),
        ([(10, 20), (5, 0)], Fraction(3, 5)),  # capped at 120 %, then the mean
        ([(10, 5), (0, 99)], Fraction(1, 2)),  # nothing asked: not assessed
        ([(10, None)], None),
        ([(0, 3)], None),
        ([], None),
    ],
)
def test_completion(parts: Any, expected: Fraction | None) -> None:
    assert completion(parts) == expected


def test_a_goal_is_met_on_whole_numbers_only() -> None:
    assert is_met([(10_000, 9_999)]) is False
    assert is_met([(10, 10), (5, None)]) is None
    assert is_met([(0, 0)]) is None
    assert is_met([(10, 11), (0, 0)]) is True


def test_months_missed_in_a_row() -> None:
    assert missed_in_a_row([False, True, False, False]) == 2
    assert missed_in_a_row([False, False, None]) == 0
    assert missed_in_a_row([]) == 0


@pytest.fixture
def opened(district: District) -> District:
    agent = Dealer.objects.create(
        district=district.root, code="m1", name_zh="手机柜", tier="t1", kind="mall_merchant",
        opened_on=START,
    )  # fmt: skip
    DealerAffiliation.objects.create(dealer=agent, unit=district.units["grid1"], valid_from=START)
    assert start(district) == 3  # manager, staff, agent
    return district


def start(district: District, month: date = MARCH, at: datetime = NOW) -> int:
    unit = district.units["grid1"]
    return open_goals(unit=unit, month=month, by=district.people["grid1"], at=at)


def goal(person: str = "staff") -> Goal:
    if person == "m1":
        return Goal.objects.select_related("dealer").filter(dealer__code="m1").latest("month")
    return Goal.objects.get(person__code=person, month=MARCH)


def asked(district: District, row: Goal, mobile: int = 10, groups: int = 1) -> Goal:
    return set_goal(
        goal=row, version=row.version, groups=groups, mobile=mobile, fixed=0,
        due_on=date(2026, 3, 31), by=district.people["grid1"], at=NOW,
    )  # fmt: skip


def won(district: District, row: Goal, mobile: int) -> Goal:
    return report_goal(
        goal=row, version=row.version, mobile_done=mobile, fixed_done=0,
        by=district.people["grid1"], at=NOW,
    )  # fmt: skip


def assessed(district: District, row: Goal, verdict: str, remark: str = "", **more: Any) -> Goal:
    given = {"by": district.people["grid1"], "at": END} | more
    return assess_goal(goal=row, version=row.version, verdict=verdict, remark=remark, **given)


def test_a_month_is_opened_once_and_takes_last_months_figures(opened: District) -> None:
    assert start(opened) == 0
    asked(opened, goal(), mobile=33)
    Month.objects.create(district=opened.root, month=APRIL)
    assert start(opened, APRIL) == 3
    assert Goal.objects.get(person__code="staff", month=APRIL).mobile == 33
    with pytest.raises(Locked):
        start(opened, date(2026, 1, 1))


def test_nobody_sets_or_assesses_the_own_goal(opened: District) -> None:
    with pytest.raises(Refused):
        asked(opened, goal("grid1"))
    row = goal("grid1")
    with pytest.raises(Refused):
        assessed(opened, row, "met")


def signed(district: District, on: date) -> None:
    row = Account.objects.create(
        district=district.root, code=f"a{on}", kind="school", unit=district.units["grid1"],
        name_zh=f"学校{on}", responsible=district.people["staff"], stage="signed", stage_on=on,
    )  # fmt: skip
    StageChange.objects.create(account=row, stage="signed", on=on, at=NOW)


def test_groups_are_counted_from_the_accounts_and_frozen_by_the_assessment(
    opened: District,
) -> None:
    signed(opened, date(2026, 3, 5))
    signed(opened, date(2026, 2, 5))
    row = won(opened, asked(opened, goal(), groups=1), 10)
    [standing] = standings([row])
    assert standing.parts == ((1, 1), (10, 10), (0, 0)) and standing.is_met
    row = assessed(opened, row, "met")
    assert (row.groups_done, row.completion) == (1, 1)
    signed(opened, date(2026, 3, 6))
    [standing] = standings([Goal.objects.get(pk=row.pk)])
    assert standing.parts[0] == (1, 1)
    with pytest.raises(Locked):
        won(opened, row, 11)


def test_an_assessment_waits_for_day_and_report_and_explains_itself(opened: District) -> None:
    row = asked(opened, goal(), groups=0)
    with pytest.raises(Locked):  # nothing reported
        assessed(opened, row, "missed")
    row = won(opened, row, 9)
    with pytest.raises(Locked):  # the day has not come
        assessed(opened, row, "missed", at=NOW)
    with pytest.raises(Invalid):  # not an agent
        assessed(opened, row, "dropped", "x")
    with pytest.raises(Invalid):  # against the figures, without a word
        assessed(opened, row, "met")
    assert assessed(opened, row, "met", "停电三天").verdict == "met"


def test_an_agent_who_misses_two_months_is_to_be_kept_or_dropped(opened: District) -> None:
    first = won(opened, asked(opened, goal("m1"), mobile=100, groups=0), 80)
    assert not standings([first])[0].should_drop
    assessed(opened, first, "kept")
    Month.objects.create(district=opened.root, month=APRIL)
    start(opened, APRIL)
    second = won(opened, goal("m1"), 99)
    [standing] = standings([second])
    assert (standing.missed, standing.should_drop) == (2, True)
    may = datetime(2026, 4, 30, 9, 0, tzinfo=UTC)
    with pytest.raises(Invalid):
        assessed(opened, second, "dropped", at=may)
    assert assessed(opened, second, "dropped", "两月未达标", at=may).verdict == "dropped"


def test_a_withdrawing_agent_says_why_and_gets_no_further_goal(opened: District) -> None:
    row = won(opened, asked(opened, goal("m1"), mobile=100, groups=0), 130)
    with pytest.raises(Invalid):
        assessed(opened, row, "withdrew")
    assessed(opened, row, "withdrew", "租约到期，自愿退出")
    Month.objects.create(district=opened.root, month=APRIL)
    assert start(opened, APRIL) == 2
    assert not Goal.objects.filter(month=APRIL, dealer__isnull=False).exists()


# --- the closed loop -------------------------------------------------------------------------


def test_an_assessed_goal_moves_the_coefficient_of_its_own_month(district: District) -> None:
    build_staff(district, coefficient="score", personal="30")
    make: dict[str, Any] = {
        "district": district.root, "month": MARCH, "kind": "staff", "by": district.people["clerk"],
        "at": NOW,
    }  # fmt: skip
    jia = Person.objects.get(code="jia")
    row = Goal.objects.create(
        unit=district.units["grid1"], month=MARCH, person=jia, mobile=100, mobile_done=120,
        due_on=date(2026, 3, 31),
    )  # fmt: skip
    Goal.objects.create(  # asked nothing: nothing to wait for
        unit=district.units["grid2"], month=MARCH, person=Person.objects.get(code="yi"),
        due_on=date(2026, 3, 31),
    )  # fmt: skip
    with pytest.raises(DomainError) as refused:
        make_sheet(**make)
    assert [fault.pointer for fault in refused.value.faults] == ["/people/jia"]
    assert "尚未考核" in refused.value.faults[0].detail
    assessed(district, row, "met")
    sheet = make_sheet(**make)
    lines = CommissionLine.objects.filter(statement__sheet=sheet, code__startswith="kpi")
    found = {line.statement.person.code: line for line in lines}
    # Grid 1 has 103.40 points: 103.40 × 70 % + 120 × 30 % = 108.38.
    assert found["jia"].formula["params"]["score"] == "108.38"
    assert found["jia"].amount == Decimal("155.87")  # 1860.00 × 8.38 %
    assert formula_text(found["jia"].formula) == (
        "1,860.00 × (103.40 × 70% + 个人目标 120.00 × 30%) ÷ 100 − 1,860.00"
    )
    assert found["yi"].formula["params"]["score"] == "96.15"


# --- pages and API ---------------------------------------------------------------------------


def test_staff_see_and_report_their_own_only(
    opened: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: END)
    staff, manager = signed_in("test-staff"), signed_in("test-grid1")
    mine, other = goal(), goal("grid1")
    listed = staff.get("/api/v1/field/goals/", {"month": "2026-03"}).json()["rows"]
    assert [row["person"] for row in listed] == ["staff"]
    assert staff.get(reverse("field_goal", kwargs={"pk": other.pk})).status_code == 404
    path = reverse("field_goal_report", kwargs={"pk": mine.pk})
    assert staff.post(path, {"mobile_done": 9, "fixed_done": 1, "version": 1}).status_code == 302

    one = f"/api/v1/field/goals/{mine.pk}/"
    body = {"groups": 0, "mobile": 9, "fixed": 1, "due_on": "2026-03-31", "version": 2}
    put = manager.put(one, body, content_type="application/json")
    assert put.status_code == 200, put.content
    done = manager.post(
        one + "assess/", {"verdict": "met", "version": 3}, content_type="application/json"
    )
    assert done.json()["completion"] == "1.0000"
    assert manager.get(reverse("field_goal", kwargs={"pk": mine.pk})).status_code == 200
    export = manager.get(reverse("field_goals_export") + "?month=2026-03")
    assert export.status_code == 200


def test_twenty_goals_cost_as_many_queries_as_two(opened: District, signed_in: Any) -> None:
    client = signed_in("test-head")

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked_for:
            assert client.get(reverse("field_goals") + "?month=2026-03").status_code == 200
        return len(asked_for)

    client.get(reverse("field_goals") + "?month=2026-03")
    before = cost()
    for number in range(18):
        agent = Dealer.objects.create(
            district=opened.root, code=f"n{number}", name_zh=f"柜{number}", tier="t1",
            kind="mall_merchant", opened_on=START,
        )  # fmt: skip
        Goal.objects.create(
            unit=opened.units["grid1"], month=MARCH, dealer=agent, due_on=date(2026, 3, 31)
        )
    assert cost() == before
