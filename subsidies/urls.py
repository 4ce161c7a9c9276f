"""Routes of subsidies: pages and API."""

from django.urls import path

from subsidies import api as programs
from subsidies import claims_api, returns_api
from subsidies.views import (
    claims,
    corrections,
    entitlements,
    ledger,
    policies,
    returns,
    schemes,
    sheets,
)

_UNIT = "subsidies/<month:month>/<slug:unit>/"
_SHEET = "commissions/<int:pk>/"
_CLAIM = "claims/<int:pk>/"
_DRAFT = "commissions/schemes/drafts/<int:pk>/"
_LINE = "commissions/lines/<int:pk>/"

pages = [
    path("subsidies/", entitlements.subsidies, name="subsidies"),
    path("subsidies/export.xlsx", entitlements.export, name="subsidies_export"),
    path("subsidies/policies/", policies.policies, name="subsidy_policies"),
    path("subsidies/policies/source/", policies.source, name="claim_source"),
    path("subsidies/policies/<slug:unit>/", policies.policy, name="subsidy_policy"),
    path("claims/", claims.claims, name="claims"),
    path("claims/export.xlsx", claims.export, name="claims_export"),
    path("claims/new/", claims.write, name="claim_new"),
    path("claims/categories/", policies.claim_categories, name="claim_categories"),
    path("claims/categories/new/", policies.claim_category, name="claim_category_new"),
    path("claims/categories/<slug:code>/", policies.claim_category, name="claim_category"),
    path(_CLAIM, claims.claim, name="claim"),
    path(_CLAIM + "edit/", claims.edit, name="claim_edit"),
    path(_CLAIM + "print/", claims.printed, name="claim_print"),
    path(_CLAIM + "submit/", claims.submit, name="claim_submit"),
    path(_CLAIM + "approve/", claims.approve, name="claim_approve"),
    path(_CLAIM + "return/", claims.give_back, name="claim_return"),
    path(_CLAIM + "void/", claims.void, name="claim_void"),
    path(_CLAIM + "check/", claims.check, name="claim_check"),
    path(_CLAIM + "pay/", claims.pay, name="claim_pay"),
    path(_CLAIM + "archive/", claims.archive, name="claim_archive"),
    path(_CLAIM + "receipts/", claims.attach, name="claim_attach"),
    path(_CLAIM + "receipts/<str:token>/", claims.receipt, name="claim_receipt"),
    path(_CLAIM + "receipts/<str:token>/remove/", claims.detach, name="claim_detach"),
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
    path("commissions/ledger/", ledger.ledger, name="ledger"),
    path("commissions/ledger/<int:pk>/withdraw/", ledger.ledger_withdraw, name="ledger_withdraw"),
    path("commissions/schemes/", schemes.schemes, name="schemes"),
    path("commissions/schemes/new/", schemes.draft_new, name="scheme_new"),
    path("commissions/schemes/<int:pk>/", schemes.scheme, name="scheme"),
    path(_DRAFT, schemes.draft, name="scheme_draft"),
    path(_DRAFT + "edit/", schemes.draft_edit, name="scheme_edit"),
    path(_DRAFT + "publish/", schemes.draft_publish, name="scheme_publish"),
    path(_DRAFT + "discard/", schemes.draft_discard, name="scheme_discard"),
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
    path(_SHEET + "statements/<slug:payee>/", sheets.statement, name="commission_statement"),
]

_ROUTE = "commission-sheets/<int:pk>/"
api = [
    path("claims/", claims_api.ClaimsView.as_view(), name="api_claims"),
    path("claims/headroom/", claims_api.HeadroomView.as_view(), name="api_claims_headroom"),
    path(_CLAIM, claims_api.ClaimView.as_view(), name="api_claim"),
    path(_CLAIM + "receipts/", claims_api.ReceiptsView.as_view(), name="api_claim_receipts"),
    path(
        _CLAIM + "receipts/<str:token>/",
        claims_api.ReceiptView.as_view(),
        name="api_claim_receipt",
    ),
    *[
        path(f"{_CLAIM}{step}/", view.as_view(), name=f"api_claim_{step}")
        for step, view in claims_api.STEPS.items()
    ],
    path("subsidies/", programs.SubsidiesView.as_view(), name="api_subsidies"),
    path("simulate/subsidy/", programs.SimulateSubsidyView.as_view(), name="api_simulate_subsidy"),
    path("commission-schemes/", returns_api.SchemesView.as_view(), name="api_commission_schemes"),
    path("dealer-returns/", returns_api.ReturnsView.as_view(), name="api_dealer_returns"),
    path(
        "dealer-returns/<month:month>/<slug:dealer>/",
        returns_api.ReturnEntryView.as_view(),
        name="api_dealer_return",
    ),
    path("commission-sheets/", programs.SheetsView.as_view(), name="api_commission_sheets"),
    path(
        "commission-statements/", programs.OwnStatementsView.as_view(), name="api_own_commissions"
    ),
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
