"""Every page, in Chinese and on a phone: no script error, nothing axe calls serious, light."""

import pytest
from django.urls import reverse

from tests.browser.conftest import PHONE, Visit, over_budget, overflows, serious_findings

MARCH = "?month=2026-03"
# name: (account, route, path arguments, query)
PAGES = {
    "today": ("head", "today", {}, ""),
    "today-manager": ("grid2", "today", {}, ""),
    "today-clerk": ("clerk", "today", {}, ""),
    "today-admin": ("admin", "today", {}, ""),
    "annual-targets": ("head", "annual_targets", {}, ""),
    "mobile-targets": ("head", "annual_targets_of_year", {"year": 2026}, "?table=3-1"),
    "rate-targets": ("head", "annual_targets_of_year", {"year": 2026}, "?table=3-2"),
    "fixed-targets": ("head", "annual_targets_of_year", {"year": 2026}, "?table=3-3"),
    "floor": ("head", "floor_calculator", {"year": 2026}, "?by=revenue"),
    "plan-pictures": ("head", "plan_pictures", {"year": 2026}, "?indicator=mobile_gross_adds"),
    "unit-plans": ("head", "unit_plans", {}, ""),
    "unit-plan": ("grid1", "unit_plan", {"unit": "grid1", "month": "2026-11"}, ""),
    "task-sheet": ("head", "task_sheet", {"year": 2026, "code": "4-2"}, ""),
    "plan-answers": ("head", "plan_answers", {"year": 2026}, ""),
    "plan-answers-manager": ("grid2", "plan_answers", {"year": 2026}, ""),
    "plan-propose": ("grid2", "plan_propose", {"year": 2026, "code": "4-2"}, ""),
    "plan-version": ("head", "plan_version", {"year": 2026, "version": 1}, ""),
    "plan-excel": ("head", "plan_excel", {"year": 2026}, ""),
    "segment-sheet": ("head", "task_sheet", {"year": 2026, "code": "5-1"}, ""),
    "actuals": ("clerk", "actuals", {}, ""),
    "actuals-manager": ("grid1", "actuals", {}, ""),
    "daily": ("clerk", "daily", {}, ""),
    "daily-manager": ("grid1", "daily", {}, "?day=2026-11-20"),
    "figures": ("head", "figures", {}, MARCH),
    "indicator-year": ("grid1", "indicator_year", {"code": "effective_rate"}, ""),
    "definition": ("head", "indicator", {"code": "arpu"}, ""),
    "indicator-new": ("head", "indicator_new", {}, ""),
    "definition-edit": ("head", "definition_edit", {"code": "arpu"}, ""),
    "pace": ("head", "pace", {}, MARCH + "&as_of=2026-03-17"),
    "pace-manager": ("grid1", "pace", {}, ""),
    "events": ("auditor", "events", {}, ""),
    "reopen": ("head", "closing_reopen", {"month": "2026-03"}, ""),
    "corrections": ("head", "adjustments", {}, ""),
    "correction-new": ("clerk", "adjustment_new", {}, ""),
    "correction": ("head", "adjustment", {"pk": 1}, ""),
    "closing": ("clerk", "closing", {}, ""),
    "verification": ("auditor", "verification", {}, ""),
    "verification-unit": (
        "auditor",
        "verification_unit",
        {"unit": "grid1", "month": "2026-11"},
        "",
    ),
    "leaderboard": ("staff", "leaderboard", {}, MARCH),
    "leaderboard-year": ("head", "leaderboard", {}, "?month=2026-10&span=year"),
    "charts": ("head", "charts", {}, "?month=2026-10&unit=grid4"),
    "charts-staff": ("staff", "charts", {}, ""),
    "bulletins": ("clerk", "bulletins", {}, ""),
    "bulletin-month": ("head", "bulletin", {"kind": "monthly", "first": "2026-10-01"}, ""),
    "bulletin-day-manager": ("grid1", "bulletin", {"kind": "daily", "first": "2026-11-19"}, ""),
    "bulletin-correct": (
        "clerk",
        "bulletin_correct",
        {"kind": "weekly", "first": "2026-11-09"},
        "",
    ),
    "bulletin-draft": ("clerk", "bulletin", {"kind": "daily", "first": "2026-11-20"}, ""),
    "unit-cards": ("head", "unit_cards", {}, MARCH),
    "unit-card": ("grid1", "unit_card", {"unit": "grid1", "month": "2026-03"}, ""),
    "score-rules": ("head", "score_rules", {}, ""),
    "scorecard": ("staff", "scorecard", {"pk": 1}, ""),
    "scorecard-edit": ("head", "scorecard_edit", {"pk": 2}, ""),
    "own-items": ("grid1", "own_items", {"unit": "grid1"}, ""),
    "replay": ("head", "scorecard_replay", {"pk": 2}, ""),
    "subsidies": ("head", "subsidies", {}, MARCH),
    "subsidy-policies": ("head", "subsidy_policies", {}, ""),
    "claims": ("head", "claims", {}, ""),
    "claims-manager": ("grid1", "claims", {}, ""),
    "claim-new": ("grid1", "claim_new", {}, ""),
    "claim-categories": ("clerk", "claim_categories", {}, ""),
    "reconciliation": ("head", "reconciliation", {}, MARCH),
    "commission-sheets": ("clerk", "commission_sheets", {}, ""),
    "schemes": ("clerk", "schemes", {}, ""),
    "scheme": ("grid1", "scheme", {"pk": 1}, ""),
    "scheme-new": ("clerk", "scheme_new", {}, "?source=1"),
    "adjustments": ("clerk", "commission_adjustments", {}, ""),
    "objections": ("clerk", "commission_objections", {}, ""),
    "ledger": ("clerk", "ledger", {}, ""),
    "dealer-returns": ("clerk", "dealer_returns", {}, MARCH),
    "competition": ("head", "competition", {}, MARCH),
    "honours": ("staff", "honours", {}, ""),
    "campaigns": ("clerk", "campaigns", {}, ""),
    "campaign": ("head", "campaign", {"code": "c0001"}, ""),
    "campaign-running": ("grid1", "campaign", {"code": "c0003"}, ""),
    "campaign-new": ("clerk", "campaign_new", {}, ""),
    "campaign-edit": ("clerk", "campaign_edit", {"code": "c0004"}, ""),
    "campaign-results": ("grid1", "campaign_results", {"code": "c0003"}, ""),
    "field-accounts": ("head", "field_accounts", {}, ""),
    "field-board": ("suburban", "field_accounts", {}, "?view=board"),
    "field-areas": ("suburban", "field_accounts", {}, "?view=areas&kind=village"),
    "field-coverage": ("head", "field_accounts", {}, "?view=areas&kind=community"),
    "field-account": ("suburban", "field_account", {"code": "v0001"}, ""),
    "field-account-new": ("staff", "field_account_new", {}, ""),
    "field-import": ("clerk", "field_accounts_import", {}, ""),
    "field-visits": ("grid1", "field_visits", {}, ""),
    "field-problems": ("head", "field_visits", {}, "?view=problems"),
    "field-visit": ("grid1", "field_visit", {"pk": 1}, ""),
    "alarms": ("grid2", "alarms", {}, "?state=open"),
    "alarm": ("grid1", "alarm", {"pk": 1}, ""),
    "alarms-import": ("clerk", "alarms_import", {}, ""),
    "field-promotions": ("staff", "field_promotions", {}, ""),
    "field-promotions-all": ("head", "field_promotions", {}, "?view=all"),
    "field-promotions-calendar": (
        "head",
        "field_promotions",
        {},
        "?view=calendar&month=2026-11",
    ),
    "field-promotion-new": ("grid1", "field_promotion_new", {}, "?expected=45"),
    "field-promotions-import": ("clerk", "field_promotions_import", {}, ""),
    "field-retention": ("staff", "field_retention", {}, ""),
    "field-retention-all": ("head", "field_retention", {}, "?view=all&in_month=2026-10"),
    "field-call": ("grid1", "field_call", {"pk": 1}, ""),
    "field-retention-analysis": ("head", "field_retention_analysis", {}, "?in_month=2026-10"),
    "field-retention-import": ("clerk", "field_retention_import", {}, ""),
    "field-visit-rules": ("head", "field_visit_rules", {}, ""),
    "field-takings": ("auditor", "field_takings", {}, ""),
    "field-takings-day": ("auditor", "field_takings_day", {"pk": 1}, ""),
    "field-takings-import": ("auditor", "field_takings_import", {}, ""),
    "field-statements": ("auditor", "field_statements", {}, ""),
    "field-statements-import": ("auditor", "field_statements_import", {}, ""),
    "field-samples": ("auditor", "field_samples", {}, ""),
    "field-sampled-user": ("auditor", "field_sampled_user", {"pk": 60}, ""),
    "field-audit-find": ("auditor", "field_audit_find", {"source": "statements", "pk": 1}, ""),
    "sample-draw": ("auditor", "sample_draw", {}, ""),
    "field-stock": ("clerk", "field_stock", {}, ""),
    "field-stock-manager": ("grid1", "field_stock", {}, ""),
    "field-stock-ledger": ("clerk", "field_stock_ledger", {}, ""),
    "field-stock-report": ("auditor", "field_stock_report", {}, "?in_month=2026-10"),
    "field-stock-item": ("clerk", "field_stock_item", {"code": "sim-4g"}, ""),
    "field-stock-item-new": ("clerk", "field_stock_item_new", {}, ""),
    "field-stock-move": ("clerk", "field_stock_move", {}, ""),
    "field-stock-hand-out": ("grid1", "field_stock_hand_out", {}, ""),
    "field-stock-take": ("clerk", "field_stock_take", {}, ""),
    "field-stock-import": ("clerk", "field_stock_import", {}, ""),
    "field-stock-requests": ("head", "field_stock_requests", {}, ""),
    "field-stock-request": ("clerk", "field_stock_request", {"code": "r0001"}, ""),
    "field-stock-request-new": ("staff", "field_stock_request_new", {}, ""),
    "field-surveys": ("staff", "field_surveys", {}, ""),
    "field-surveys-head": ("head", "field_surveys", {}, ""),
    "field-survey": ("clerk", "field_survey", {"pk": 5}, ""),
    "field-survey-results": ("head", "field_survey", {"pk": 2}, "?view=results"),
    "field-survey-charts": ("head", "field_survey", {"pk": 4}, "?view=charts"),
    "field-survey-sheets": ("grid1", "field_survey", {"pk": 5}, "?view=sheets"),
    "field-survey-new": ("clerk", "field_survey_new", {}, "?kind=market"),
    "field-survey-fields": ("clerk", "field_survey_fields", {"kind": "market"}, ""),
    "field-survey-import": ("clerk", "field_survey_import", {"pk": 5}, ""),
    "field-sheet-new": ("staff", "field_sheet_new", {"pk": 5}, ""),
    "field-goals": ("head", "field_goals", {}, "?month=2026-10"),
    "field-goal": ("grid1", "field_goal", {"pk": 1}, ""),
    "field-calendar": ("grid1", "field_calendar", {}, "?day=2026-11-18"),
    "field-calendar-day": ("head", "field_calendar", {}, "?view=day&day=2026-11-14"),
    "field-calendar-month": ("head", "field_calendar", {}, "?view=month&day=2026-03-12"),
    "field-calendar-new": ("grid1", "field_calendar_new", {}, ""),
    "field-calendar-entry": ("head", "field_calendar_entry", {"pk": 1}, ""),
    "field-duties": ("head", "field_duties", {}, ""),
    "field-duty": ("head", "field_duty", {"pk": 1}, ""),
    "field-summaries": ("grid1", "field_summaries", {}, "?day=2026-11-19"),
    "field-summaries-week": ("head", "field_summaries", {}, "?view=week&day=2026-11-09"),
    "field-summaries-all": ("staff", "field_summaries", {}, ""),
    "field-summary-day": ("staff", "field_summary_day", {}, ""),
    "field-summary-week": ("grid1", "field_summary_week", {}, ""),
    "field-summary": ("head", "field_summary", {"pk": 1}, ""),
    "organisation": ("head", "organisation", {}, ""),
    "unit": ("clerk", "unit_detail", {"code": "grid1"}, ""),
    "dealers": ("clerk", "dealers", {}, ""),
    "affiliations": ("clerk", "affiliations", {}, ""),
    "people": ("admin", "people", {}, ""),
    "posts": ("clerk", "posts", {}, ""),
    "indicators": ("staff", "indicators", {}, ""),
    "workbook": ("clerk", "workbook", {}, ""),
    "notifications": ("head", "notifications", {}, ""),
    "competition-terms": ("grid1", "competition_policies", {}, ""),
    "competition-terms-new": ("head", "competition_policy_new", {}, ""),
    "findings": ("auditor", "findings", {}, ""),
    "finding-new": ("auditor", "finding_new", {}, ""),
    "finding": ("auditor", "finding", {"code": "f0001"}, ""),
    "trail": ("auditor", "trail", {}, ""),
    "search": ("head", "search", {}, "?q=网格"),
    "walls": ("head", "walls", {}, ""),
}


def address(name: str) -> tuple[str, str]:
    """Return the account and the path of a page."""
    account, route, arguments, query = PAGES[name]
    return account, reverse(route, kwargs=arguments) + query


def look_at(name: str, visit: Visit) -> None:
    """Look at a page at the desk in light colours, on the phone in dark ones.

    tests/test_tokens.py computes the contrast of both; `test_the_shell_is_sound` sees the others.
    """
    account, path = address(name)
    page, errors = visit(account, path)
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang", timeout=2000).lower().startswith("zh")
    assert serious_findings(page) == []
    assert not overflows(page)
    assert over_budget(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size(PHONE)
    if page.locator("[data-chart]").count():  # charts follow the width
        page.evaluate("() => new Promise(done => setTimeout(done, 150))")
    assert serious_findings(page, by_finger=True) == []
    assert not overflows(page)
    assert errors == []


@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("field-")])
def test_page_is_sound(name: str, visit: Visit) -> None:
    look_at(name, visit)


@pytest.mark.parametrize("name", ["today", "today-clerk", "annual-targets", "charts", "unit-card"])
def test_the_shell_is_sound(name: str, visit: Visit) -> None:
    account, path = address(name)
    page, _errors = visit(account, path)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert serious_findings(page, "color-contrast") == []
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")
    assert serious_findings(page, "color-contrast") == []
