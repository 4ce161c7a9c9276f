"""The auditor verifies returns or sends them back; closing asks for it where the rule does."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpi.models import Actual, CheckState, ClosingRule, Verification
from kpi.queries.verification import Returns, returns
from kpi.services.actuals import save_actuals
from kpi.services.months import close_month, reopen_month
from kpi.services.verification import send_back, verify_returns
from orgchart.errors import Invalid, Locked, Refused, VersionConflict
from orgchart.models import AuditEntry, Notification
from tests.district import MARCH, NOW, District, build_district
from tests.kpi import march
from tests.kpi.march import cell

LATE = "2026-04-02"


@pytest.fixture
def reported(district: District) -> District:
    """March is reported in full and has to be verified."""
    march.publish_card(district)
    march.report_march(district)
    march.score(district)
    ClosingRule.objects.create(district=district.root, valid_from=date(2026, 1, 1))
    return district


def of(district: District, unit: str) -> Returns:
    found = returns(district.root.pk, MARCH, [district.units[unit].pk])
    return found[0]


def seen(district: District, unit: str) -> dict[Any, int]:
    return {one.cell.key: one.cell.version or 0 for one in of(district, unit).figures}


def verify(district: District, unit: str, by: str = "auditor", **given: Any) -> Verification:
    return verify_returns(
        unit=district.units[unit], month=MARCH, by=district.people[by], at=NOW,
        seen=given.get("seen", seen(district, unit)),
    )  # fmt: skip


def return_visits(district: District, reason: str = "走访数与记录不符", by: str = "auditor"):
    (key,) = [
        one.cell.key
        for one in of(district, "grid2").figures
        if one.cell.indicator.code == "channel_visits"
    ]
    return send_back(
        unit=district.units["grid2"], month=MARCH, keys=[key], seen=seen(district, "grid2"),
        reason=reason, by=district.people[by], at=NOW,
    )  # fmt: skip


def correct_visits(district: District, value: str = "35") -> None:
    entry = cell(district, "grid2", "channel_visits", value, version=1)
    save_actuals(district=district.root, cells=[entry], by=district.people["grid2"], at=NOW)


def test_verifying_marks_every_reported_figure(reported: District) -> None:
    verify(reported, "grid1")
    assert of(reported, "grid1").is_verified
    assert not of(reported, "grid2").is_verified
    entry = AuditEntry.objects.get(action="returns.verified")
    assert (entry.unit, entry.by.code) == (reported.units["grid1"], "auditor")
    assert {change["after"] for change in entry.changes} == {"verified"}


def test_a_change_takes_the_verification_off_that_figure(reported: District) -> None:
    verify(reported, "grid2")
    correct_visits(reported)
    found = of(reported, "grid2")
    unchecked = [one for one in found.figures if one.state == CheckState.UNCHECKED]
    assert [one.cell.indicator.code for one in unchecked] == ["channel_visits"]
    assert not found.is_verified


def test_what_changed_since_it_was_shown_is_not_verified(reported: District) -> None:
    shown = seen(reported, "grid2")
    correct_visits(reported)
    with pytest.raises(VersionConflict):
        verify(reported, "grid2", seen=shown)
    assert not Verification.objects.exists()


def test_whoever_reported_cannot_verify(reported: District) -> None:
    Actual.objects.filter(unit=reported.units["grid1"]).update(
        reported_by=reported.people["auditor"]
    )
    with pytest.raises(Refused):
        verify(reported, "grid1")


def test_figures_sent_back_are_marked_and_the_manager_is_told(reported: District) -> None:
    return_visits(reported)
    back = Actual.objects.get(unit=reported.units["grid2"], check_state=CheckState.RETURNED)
    assert back.indicator.code == "channel_visits"
    told = Notification.objects.get()
    assert told.person == reported.people["grid2"]
    assert "走访数与记录不符" in told.text_zh
    assert told.text_en.startswith("1 figure of 2026-03 was sent back")
    assert told.url == "/actuals/?month=2026-03&unit=grid2"
    correct_visits(reported)
    assert not Actual.objects.filter(check_state=CheckState.RETURNED).exists()


def test_sending_back_needs_a_reason_and_a_figure(reported: District) -> None:
    with pytest.raises(Invalid) as refusal:
        return_visits(reported, reason=" ")
    assert [fault.pointer for fault in refusal.value.faults] == ["/reason"]
    with pytest.raises(Invalid):
        send_back(
            unit=reported.units["grid2"], month=MARCH, keys=[], seen={}, reason="空",
            by=reported.people["auditor"], at=NOW,
        )  # fmt: skip


def close(district: District) -> Any:
    return close_month(month=district.month, by=district.people["clerk"], at=NOW)


def test_a_month_is_closed_when_every_unit_is_verified(reported: District) -> None:
    for unit in ("grid1", "grid2", "grid3", "grid4", "suburban"):
        verify(reported, unit)
    with pytest.raises(Locked) as refusal:
        close(reported)
    assert refusal.value.extra["unverified"] == ["group"]
    verify(reported, "group")
    assert close(reported).state == "closed"
    with pytest.raises(Locked):
        verify(reported, "group")
    reopen_month(month=reported.month, by=reported.people["head"], at=NOW, reason="补报")
    assert of(reported, "group").is_verified, "reopening alone changes no figure"


def test_without_a_rule_in_force_a_month_closes_unverified(reported: District) -> None:
    ClosingRule.objects.update(valid_from=date(2026, 4, 1))
    assert close(reported).state == "closed"


def test_the_returns_take_as_many_queries_for_many_units(db: None) -> None:
    counts = []
    for code, number in (("few", 2), ("many", 20)):
        units = tuple(f"grid{n}" for n in range(1, number + 1))
        district = build_district(code, unit_codes=units)
        save_actuals(
            district=district.root, by=None, at=NOW,
            cells=[cell(district, unit, "channel_visits", "30") for unit in units],
        )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            returns(district.root.pk, MARCH)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_page_verifies_what_it_shows(reported: District, signed_in: Any) -> None:
    auditor = signed_in("test-auditor")
    page = auditor.get("/verification/2026-03/grid2/").content.decode()
    fields = {
        f"seen-{one.cell.indicator.code}.{one.cell.breakdown.code}": str(one.cell.version)
        for one in of(reported, "grid2").figures
    }
    assert all(f'name="{name}" value="{value}"' in page for name, value in fields.items())
    correct_visits(reported)
    stale = auditor.post("/verification/2026-03/grid2/pass/", fields | {"reason": "看过"})
    assert stale.status_code == 409
    assert "刚改过数" in stale.content.decode()
    assert 'value="看过"' in stale.content.decode()
    fields["seen-channel_visits.all"] = "2"
    assert auditor.post("/verification/2026-03/grid2/pass/", fields).status_code == 302
    assert of(reported, "grid2").is_verified


def test_the_page_sends_back_what_is_ticked(reported: District, signed_in: Any) -> None:
    auditor = signed_in("test-auditor")
    body = {"cell": "churn_rate.all", "seen-churn_rate.all": "1", "reason": "与出账不符"}
    assert auditor.post("/verification/2026-03/grid2/return/", body).status_code == 302
    back = Actual.objects.get(check_state=CheckState.RETURNED)
    assert (back.unit.code, back.indicator.code) == ("grid2", "churn_rate")
    manager = signed_in("test-grid2")
    assert "与出账不符" in manager.get("/notifications/").content.decode()
