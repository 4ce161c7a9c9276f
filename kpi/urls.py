"""Routes of kpi: pages and API."""

from django.urls import path

from kpi.api import actuals as actuals_api
from kpi.api import boards, simulators, what_if, workings
from kpi.api import daily as daily_api
from kpi.api import events as events_api
from kpi.api import figures as figures_api
from kpi.api import months as months_api
from kpi.api import own_items as own_items_api
from kpi.api import pictures as pictures_api
from kpi.api import rules as rules_api
from kpi.api import verification as verification_api
from kpi.views import (
    actuals,
    cards,
    daily,
    events,
    figures,
    own_items,
    pace,
    pictures,
    rules,
    scorecards,
    unit_plans,
    verification,
)

pages = [
    path("actuals/", actuals.actuals, name="actuals"),
    path("events/", events.events, name="events"),
    path("events/<int:pk>/void/", events.void, name="event_void"),
    path("verification/", verification.verification, name="verification"),
    path(
        "verification/<month:month>/<slug:unit>/",
        verification.verification_unit,
        name="verification_unit",
    ),
    path(
        "verification/<month:month>/<slug:unit>/pass/",
        verification.verification_pass,
        name="verification_pass",
    ),
    path(
        "verification/<month:month>/<slug:unit>/return/",
        verification.verification_return,
        name="verification_return",
    ),
    path("daily/", daily.daily, name="daily"),
    path("figures/", figures.figures, name="figures"),
    path("figures/<slug:code>/", figures.indicator_year, name="indicator_year"),
    path("pace/", pace.pace_page, name="pace"),
    path("pace/rule/", pace.pace_rule_set, name="pace_rule_set"),
    path("charts/", pictures.charts, name="charts"),
    path("charts/export.xlsx", pictures.charts_export, name="charts_export"),
    path("cards/", cards.unit_cards, name="unit_cards"),
    path("cards/<slug:unit>/<month:month>/", cards.unit_card, name="unit_card"),
    path("cards/<slug:unit>/<month:month>/total/", cards.total_workings, name="total_workings"),
    path(
        "cards/<slug:unit>/<month:month>/gates/<slug:gate>/",
        cards.gate_workings,
        name="gate_workings",
    ),
    path("cards/<slug:unit>/<month:month>/what-if/", cards.what_if, name="what_if"),
    path("cards/<slug:unit>/<month:month>/<str:code>/", cards.card_workings, name="card_workings"),
    path("unit-plans/", unit_plans.unit_plans, name="unit_plans"),
    path("unit-plans/<slug:unit>/<month:month>/", unit_plans.unit_plan, name="unit_plan"),
    path("rules/", rules.score_rules, name="score_rules"),
    path("rules/new/", scorecards.scorecard_new, name="scorecard_new"),
    path("rules/<int:pk>/", scorecards.scorecard, name="scorecard"),
    path("rules/<int:pk>/edit/", scorecards.scorecard_edit, name="scorecard_edit"),
    path("rules/<int:pk>/preview/", scorecards.scorecard_preview, name="scorecard_preview"),
    path("rules/<int:pk>/publish/", scorecards.scorecard_publish, name="scorecard_publish"),
    path("rules/<int:pk>/return/", own_items.scorecard_return, name="scorecard_return"),
    path("rules/own/<slug:unit>/", own_items.own_items, name="own_items"),
    path("rules/<int:pk>/delete/", scorecards.scorecard_delete, name="scorecard_delete"),
]
api = [
    path("leaderboard/", boards.LeaderboardView.as_view(), name="api_leaderboard"),
    path(
        "scorecards/<slug:unit>/<month:month>/",
        boards.UnitCardView.as_view(),
        name="api_scorecard",
    ),
    path(
        "scorecards/<slug:unit>/<month:month>/total/",
        workings.TotalWorkingsView.as_view(),
        name="api_total_workings",
    ),
    path(
        "scorecards/<slug:unit>/<month:month>/gates/<slug:gate>/",
        workings.GateWorkingsView.as_view(),
        name="api_gate_workings",
    ),
    path(
        "scorecards/<slug:unit>/<month:month>/<str:code>/",
        workings.ItemWorkingsView.as_view(),
        name="api_card_workings",
    ),
    path("actuals/", actuals_api.ActualsView.as_view(), name="api_actuals"),
    path("actuals/sheet/", actuals_api.ActualsSheetView.as_view(), name="api_actuals_sheet"),
    path("daily/", daily_api.DailyView.as_view(), name="api_daily"),
    path("daily/sheet/", daily_api.DailySheetView.as_view(), name="api_daily_sheet"),
    path("figures/", figures_api.FiguresView.as_view(), name="api_figures"),
    path("pace/", daily_api.PaceView.as_view(), name="api_pace"),
    path("events/", events_api.EventsView.as_view(), name="api_events"),
    path("events/<int:pk>/void/", events_api.EventVoidView.as_view(), name="api_event_void"),
    path("rules/", rules_api.ScorecardsView.as_view(), name="api_score_rules"),
    path("rules/preview/", rules_api.PreviewScorecardView.as_view(), name="api_scorecard_preview"),
    path("rules/own/<slug:unit>/", own_items_api.OwnItemsView.as_view(), name="api_own_items"),
    path("rules/<int:pk>/", rules_api.ScorecardView.as_view(), name="api_score_rule"),
    path(
        "rules/<int:pk>/publish/",
        rules_api.PublishScorecardView.as_view(),
        name="api_scorecard_publish",
    ),
    path(
        "rules/<int:pk>/return/",
        own_items_api.ReturnOwnItemsView.as_view(),
        name="api_scorecard_return",
    ),
    path("verification/", verification_api.VerificationView.as_view(), name="api_verification"),
    path(
        "verification/<month:month>/<slug:unit>/",
        verification_api.UnitReturnsView.as_view(),
        name="api_verification_unit",
    ),
    path(
        "verification/<month:month>/<slug:unit>/verify/",
        verification_api.VerifyReturnsView.as_view(),
        name="api_verification_pass",
    ),
    path(
        "verification/<month:month>/<slug:unit>/return/",
        verification_api.SendBackReturnsView.as_view(),
        name="api_verification_return",
    ),
    path("charts/", pictures_api.ChartsView.as_view(), name="api_charts"),
    path("months/", months_api.MonthsView.as_view(), name="api_months"),
    path("months/<month:month>/open/", months_api.OpenMonthView.as_view(), name="api_month_open"),
    path(
        "months/<month:month>/close/", months_api.CloseMonthView.as_view(), name="api_month_close"
    ),
    path(
        "months/<month:month>/publish/",
        months_api.PublishMonthView.as_view(),
        name="api_month_publish",
    ),
    path(
        "months/<month:month>/reopen/",
        months_api.ReopenMonthView.as_view(),
        name="api_month_reopen",
    ),
    path(
        "simulate/scorecard/",
        simulators.SimulateScorecardView.as_view(),
        name="api_simulate_scorecard",
    ),
    path("simulate/card/", what_if.SimulateCardView.as_view(), name="api_simulate_card"),
    path("simulate/pace/", simulators.SimulatePaceView.as_view(), name="api_simulate_pace"),
]
