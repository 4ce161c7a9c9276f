"""Routes of field work: pages and API, a block for each group of pages."""

from django.urls import path

from fieldwork.api import accounts as accounts_api
from fieldwork.api import files as files_api
from fieldwork.api import findings as findings_api
from fieldwork.api import goals as goals_api
from fieldwork.api import promotions as promotions_api
from fieldwork.api import retention as retention_api
from fieldwork.api import summaries as summaries_api
from fieldwork.api import surveys as surveys_api
from fieldwork.api import visits as visits_api
from fieldwork.api import warehouse as warehouse_api
from fieldwork.views import (
    accounts,
    findings,
    goals,
    promotions,
    retention,
    stock_requests,
    summaries,
    survey_sheets,
    surveys,
    visits,
    warehouse,
)

_ACCOUNT = "field/accounts/<slug:code>/"
_FINDING = "field/findings/<slug:code>/"
_CALL = "field/retention/<int:pk>/"
_VISIT = "field/visits/<int:pk>/"
_PROMOTION = "field/promotions/<slug:code>/"
_GOAL = "field/goals/<int:pk>/"
_REQUEST = "field/stock/requests/<slug:code>/"
_SUMMARY = "field/summaries/<int:pk>/"
_SURVEY = "field/surveys/<int:pk>/"
_SHEET = "field/sheets/<int:pk>/"

pages = [
    path("field/accounts/", accounts.accounts, name="field_accounts"),
    path("field/accounts/export.xlsx", accounts.export, name="field_accounts_export"),
    path("field/accounts/new/", accounts.write, name="field_account_new"),
    path("field/accounts/import/", accounts.take_in, name="field_accounts_import"),
    path(_ACCOUNT, accounts.account, name="field_account"),
    path(_ACCOUNT + "edit/", accounts.edit, name="field_account_edit"),
    path(_ACCOUNT + "move/", accounts.move, name="field_account_move"),
    path(_ACCOUNT + "remove/", accounts.remove, name="field_account_remove"),
    path("field/visits/", visits.visits, name="field_visits"),
    path("field/visits/export.xlsx", visits.export, name="field_visits_export"),
    path("field/visits/plan/", visits.plan, name="field_visits_plan"),
    path("field/visits/confirm/", visits.confirm, name="field_visits_confirm"),
    path("field/visits/rules/", visits.rules, name="field_visit_rules"),
    path("field/visits/new/", visits.add, name="field_visit_new"),
    path(_VISIT, visits.visit, name="field_visit"),
    path(_VISIT + "assign/", visits.assign, name="field_visit_assign"),
    path(_VISIT + "cancel/", visits.cancel, name="field_visit_cancel"),
    path(_VISIT + "close/", visits.close, name="field_visit_close"),
    path(_VISIT + "photos/<str:token>/", visits.photo, name="field_visit_photo"),
    path("field/surveys/", surveys.surveys, name="field_surveys"),
    path("field/surveys/new/", surveys.write, name="field_survey_new"),
    path("field/surveys/forms/<slug:kind>/", surveys.fields, name="field_survey_fields"),
    path(_SURVEY, surveys.survey, name="field_survey"),
    path(_SURVEY + "export.xlsx", surveys.export, name="field_survey_export"),
    path(_SURVEY + "import/", surveys.take_in, name="field_survey_import"),
    path(_SURVEY + "chase/", surveys.chase, name="field_survey_chase"),
    path(_SURVEY + "close/", surveys.close, name="field_survey_close"),
    path(_SURVEY + "sheets/new/", survey_sheets.add, name="field_sheet_new"),
    path(_SHEET, survey_sheets.sheet, name="field_sheet"),
    path(_SHEET + "give/", survey_sheets.give, name="field_sheet_give"),
    path(_SHEET + "cancel/", survey_sheets.cancel, name="field_sheet_cancel"),
    path("field/promotions/", promotions.promotions, name="field_promotions"),
    path("field/promotions/export.xlsx", promotions.export, name="field_promotions_export"),
    path("field/promotions/new/", promotions.write, name="field_promotion_new"),
    path("field/promotions/import/", promotions.take_in, name="field_promotions_import"),
    path(_PROMOTION, promotions.promotion, name="field_promotion"),
    path(_PROMOTION + "edit/", promotions.edit, name="field_promotion_edit"),
    path(_PROMOTION + "approve/", promotions.approve, name="field_promotion_approve"),
    path(_PROMOTION + "return/", promotions.give_back, name="field_promotion_return"),
    path(_PROMOTION + "cancel/", promotions.cancel, name="field_promotion_cancel"),
    path(_PROMOTION + "photos/<str:token>/", promotions.photo, name="field_promotion_photo"),
    path("field/findings/", findings.findings, name="findings"),
    path("field/findings/export.xlsx", findings.export, name="findings_export"),
    path("field/findings/new/", findings.write, name="finding_new"),
    path(_FINDING, findings.finding, name="finding"),
    path(_FINDING + "close/", findings.close, name="finding_close"),
    path(_FINDING + "void/", findings.void, name="finding_void"),
    path("field/goals/", goals.goals, name="field_goals"),
    path("field/goals/export.xlsx", goals.export, name="field_goals_export"),
    path("field/goals/open/", goals.open_month, name="field_goals_open"),
    path(_GOAL, goals.goal, name="field_goal"),
    path(_GOAL + "set/", goals.set_goal, name="field_goal_set"),
    path(_GOAL + "report/", goals.report, name="field_goal_report"),
    path(_GOAL + "assess/", goals.assess, name="field_goal_assess"),
    path("field/summaries/", summaries.summaries, name="field_summaries"),
    path("field/summaries/export.xlsx", summaries.export, name="field_summaries_export"),
    path("field/summaries/daily/", summaries.write_day, name="field_summary_day"),
    path("field/summaries/weekly/", summaries.write_week, name="field_summary_week"),
    path(_SUMMARY, summaries.summary, name="field_summary"),
    path(_SUMMARY + "answer/", summaries.answer, name="field_summary_answer"),
    path("field/retention/", retention.call_backs, name="field_retention"),
    path("field/retention/export.xlsx", retention.export, name="field_retention_export"),
    path("field/retention/analysis/", retention.analysis, name="field_retention_analysis"),
    path("field/retention/import/", retention.take_in, name="field_retention_import"),
    path(_CALL, retention.call, name="field_call"),
    path(_CALL + "give/", retention.give, name="field_call_give"),
    path("field/stock/", warehouse.stock, name="field_stock"),
    path("field/stock/export.xlsx", warehouse.export, name="field_stock_export"),
    path("field/stock/ledger/", warehouse.ledger, name="field_stock_ledger"),
    path("field/stock/ledger.xlsx", warehouse.ledger_export, name="field_stock_ledger_export"),
    path("field/stock/items/new/", warehouse.item, name="field_stock_item_new"),
    path("field/stock/items/<slug:code>/", warehouse.item, name="field_stock_item"),
    path("field/stock/move/", warehouse.move, name="field_stock_move"),
    path("field/stock/hand-out/", warehouse.hand_out, name="field_stock_hand_out"),
    path("field/stock/take/", warehouse.take, name="field_stock_take"),
    path("field/stock/import/", warehouse.take_in, name="field_stock_import"),
    path("field/stock/requests/", stock_requests.requests, name="field_stock_requests"),
    path(
        "field/stock/requests/export.xlsx",
        stock_requests.export,
        name="field_stock_requests_export",
    ),
    path("field/stock/requests/new/", stock_requests.write, name="field_stock_request_new"),
    path(_REQUEST, stock_requests.one, name="field_stock_request"),
    path(_REQUEST + "approve/", stock_requests.approve, name="field_stock_approve"),
    path(_REQUEST + "refuse/", stock_requests.refuse, name="field_stock_refuse"),
    path(_REQUEST + "withdraw/", stock_requests.withdraw, name="field_stock_withdraw"),
    path(_REQUEST + "issue/", stock_requests.issue, name="field_stock_issue"),
]

api = [
    path("field/accounts/", accounts_api.AccountsView.as_view(), name="api_field_accounts"),
    path(
        "field/accounts/import/",
        files_api.AccountsImportView.as_view(),
        name="api_field_accounts_import",
    ),
    path(_ACCOUNT, accounts_api.AccountView.as_view(), name="api_field_account"),
    path(_ACCOUNT + "move/", accounts_api.StepView.as_view(), name="api_field_account_move"),
    path("field/visits/", visits_api.VisitsView.as_view(), name="api_field_visits"),
    path("field/visits/plan/", visits_api.PlanView.as_view(), name="api_field_visits_plan"),
    path(_VISIT, visits_api.VisitView.as_view(), name="api_field_visit"),
    path(_VISIT + "done/", visits_api.DoneView.as_view(), name="api_field_visit_done"),
    path(_VISIT + "close/", visits_api.CloseView.as_view(), name="api_field_visit_close"),
    path("field/surveys/", surveys_api.SurveysView.as_view(), name="api_field_surveys"),
    path(
        "field/surveys/forms/<slug:kind>/",
        surveys_api.FormView.as_view(),
        name="api_field_survey_form",
    ),
    path(_SURVEY, surveys_api.SurveyView.as_view(), name="api_field_survey"),
    path(_SURVEY + "close/", surveys_api.CloseView.as_view(), name="api_field_survey_close"),
    path(_SURVEY + "chase/", surveys_api.ChaseView.as_view(), name="api_field_survey_chase"),
    path(_SURVEY + "import/", files_api.SheetsImportView.as_view(), name="api_field_survey_import"),
    path(_SURVEY + "sheets/", surveys_api.SheetsView.as_view(), name="api_field_sheets"),
    path(_SHEET, surveys_api.SheetView.as_view(), name="api_field_sheet"),
    path("field/promotions/", promotions_api.PromotionsView.as_view(), name="api_promotions"),
    path(_PROMOTION, promotions_api.PromotionView.as_view(), name="api_promotion"),
    path(_PROMOTION + "approve/", promotions_api.ApproveView.as_view(), name="api_promo_approve"),
    path(_PROMOTION + "return/", promotions_api.ReturnView.as_view(), name="api_promo_return"),
    path(_PROMOTION + "result/", promotions_api.ResultView.as_view(), name="api_promo_result"),
    path(_PROMOTION + "cancel/", promotions_api.CancelView.as_view(), name="api_promo_cancel"),
    path("field/findings/", findings_api.FindingsView.as_view(), name="api_findings"),
    path(_FINDING, findings_api.FindingView.as_view(), name="api_finding"),
    path(_FINDING + "close/", findings_api.CloseView.as_view(), name="api_finding_close"),
    path(_FINDING + "void/", findings_api.VoidView.as_view(), name="api_finding_void"),
    path("field/goals/", goals_api.GoalsView.as_view(), name="api_field_goals"),
    path(_GOAL, goals_api.GoalView.as_view(), name="api_field_goal"),
    path(_GOAL + "report/", goals_api.ReportView.as_view(), name="api_field_goal_report"),
    path(_GOAL + "assess/", goals_api.AssessView.as_view(), name="api_field_goal_assess"),
    path("field/summaries/", summaries_api.SummariesView.as_view(), name="api_field_summaries"),
    path(
        "field/summaries/missing/",
        summaries_api.MissingView.as_view(),
        name="api_field_summaries_missing",
    ),
    path(_SUMMARY, summaries_api.SummaryView.as_view(), name="api_field_summary"),
    path(_SUMMARY + "answer/", summaries_api.AnswerView.as_view(), name="api_field_summary_answer"),
    path("field/retention/", retention_api.CallBacksView.as_view(), name="api_field_retention"),
    path(_CALL, retention_api.CallBackView.as_view(), name="api_field_call"),
    path(_CALL + "calls/", retention_api.CallsView.as_view(), name="api_field_call_note"),
    path("field/stock/", warehouse_api.StockView.as_view(), name="api_field_stock"),
    path("field/stock/ledger/", warehouse_api.LedgerView.as_view(), name="api_field_stock_ledger"),
    path("field/stock/requests/", warehouse_api.RequestsView.as_view(), name="api_field_requests"),
    path(_REQUEST, warehouse_api.RequestView.as_view(), name="api_field_request"),
    path(_REQUEST + "approve/", warehouse_api.ApproveView.as_view(), name="api_field_approve"),
    path(_REQUEST + "refuse/", warehouse_api.RefuseView.as_view(), name="api_field_refuse"),
    path(_REQUEST + "issue/", warehouse_api.IssueView.as_view(), name="api_field_issue"),
]
