"""Routes of subsidies: pages and API."""

from django.urls import path

from subsidies import api as programs
from subsidies.views import corrections, entitlements, returns, sheets

_UNIT = "subsidies/<month:month>/<slug:unit>/"
_SHEET = "commissions/<int:pk>/"
_LINE = "commissions/lines/<int:pk>/"

pages = [
    path("subsidies/", entitlements.subsidies, name="subsidies"),
    path("subsidies/export.xlsx", entitlements.export, name="subsidies_export"),
    path(_UNIT + "decide/", entitlements.decide, name="subsidies_decide"),
    path(_UNIT + "<slug:figure>/", entitlements.workings, name="subsidies_workings"),
    path("commissions/", sheets.commission_sheets, name="commission_sheets"),
    path("commissions/<month:month>/make/", sheets.make, name="commission_make"),
    path("commissions/returns/", returns.dealer_returns, name="dealer_returns"),
    path(
        "commissions/returns/<month:month>/<slug:dealer>/",
        returns.dealer_return,
        name="dealer_return",
    ),
    path("commissions/adjustments/", corrections.adjustments, name="commission_adjustments"),
    path(
        "commissions/adjustments/<int:pk>/withdraw/",
        corrections.adjustment_withdraw,
        name="commission_adjustment_withdraw",
    ),
    path("commissions/objections/", corrections.objections, name="commission_objections"),
    path(
        "commissions/objections/<int:pk>/answer/",
        corrections.objection_answer,
        name="commission_objection_answer",
    ),
    path(
        "commissions/objections/<int:pk>/withdraw/",
        corrections.objection_withdraw,
        name="commission_objection_withdraw",
    ),
    path(_LINE + "object/", corrections.line_object, name="commission_line_object"),
    path(_LINE + "adjust/", corrections.line_adjust, name="commission_line_adjust"),
    path(_SHEET, sheets.commission_sheet, name="commission_sheet"),
    path(_SHEET + "pay/", sheets.pay, name="commission_pay"),
    path(_SHEET + "archive/", sheets.archive, name="commission_archive"),
    path(_SHEET + "statements.zip", sheets.export_statements, name="commission_statements_zip"),
    path(_SHEET + "audit/", sheets.audit, name="commission_audit"),
    path(_SHEET + "approve/", sheets.approve, name="commission_approve"),
    path(_SHEET + "return/", sheets.give_back, name="commission_return"),
    path(_SHEET + "export.xlsx", sheets.export, name="commission_export"),
    path(_SHEET + "dealers/<slug:dealer>/", sheets.statement, name="commission_statement"),
]

_ROUTE = "commission-sheets/<int:pk>/"
api = [
    path("subsidies/", programs.SubsidiesView.as_view(), name="api_subsidies"),
    path("simulate/subsidy/", programs.SimulateSubsidyView.as_view(), name="api_simulate_subsidy"),
    path("commission-sheets/", programs.SheetsView.as_view(), name="api_commission_sheets"),
    path(_ROUTE, programs.SheetView.as_view(), name="api_commission_sheet"),
    path(_ROUTE + "audit/", programs.AuditView.as_view(), name="api_commission_audit"),
    path(_ROUTE + "approve/", programs.ApproveView.as_view(), name="api_commission_approve"),
    path(_ROUTE + "return/", programs.ReturnView.as_view(), name="api_commission_return"),
    path(_ROUTE + "pay/", programs.PayView.as_view(), name="api_commission_pay"),
    path(_ROUTE + "archive/", programs.ArchiveView.as_view(), name="api_commission_archive"),
    path(
        _ROUTE + "export.xlsx",
        programs.SheetExportView.as_view(),
        name="api_commission_export",
    ),
]
