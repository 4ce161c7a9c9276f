"""Routes of competitions: pages and API."""

from django.urls import path

from competitions import api as views_for_programs
from competitions import views
from competitions.api import campaigns as campaigns_api
from competitions.api import honours as honours_api
from competitions.api import objections as objections_api
from competitions.api import terms as terms_api
from competitions.views import campaigns as campaign_views
from competitions.views import objections, policies, winners

_CAMPAIGN = "campaigns/<slug:code>/"
_campaign_pages = [
    path("campaigns/", campaign_views.campaigns, name="campaigns"),
    path("campaigns/new/", campaign_views.campaign_new, name="campaign_new"),
    path(_CAMPAIGN, campaign_views.campaign, name="campaign"),
    path(_CAMPAIGN + "edit/", campaign_views.campaign_edit, name="campaign_edit"),
    path(_CAMPAIGN + "results/", campaign_views.campaign_results, name="campaign_results"),
    path(_CAMPAIGN + "export.xlsx", campaign_views.campaign_export, name="campaign_export"),
    path(_CAMPAIGN + "announce/", campaign_views.campaign_announce, name="campaign_announce"),
    path(_CAMPAIGN + "decide/", campaign_views.campaign_decide, name="campaign_decide"),
    path(_CAMPAIGN + "approve/", campaign_views.campaign_approve, name="campaign_approve"),
    path(_CAMPAIGN + "pay/", campaign_views.campaign_pay, name="campaign_pay"),
    path(_CAMPAIGN + "void/", campaign_views.campaign_void, name="campaign_void"),
]
_campaign_api = [
    path("campaigns/", campaigns_api.CampaignsView.as_view(), name="api_campaigns"),
    path(_CAMPAIGN, campaigns_api.CampaignView.as_view(), name="api_campaign"),
    path(_CAMPAIGN + "results/", campaigns_api.ResultsView.as_view(), name="api_campaign_results"),
    path(
        _CAMPAIGN + "announce/", campaigns_api.AnnounceView.as_view(), name="api_campaign_announce"
    ),
    path(_CAMPAIGN + "decide/", campaigns_api.DecideView.as_view(), name="api_campaign_decide"),
    path(_CAMPAIGN + "approve/", campaigns_api.ApproveView.as_view(), name="api_campaign_approve"),
    path(_CAMPAIGN + "void/", campaigns_api.VoidView.as_view(), name="api_campaign_void"),
    path(_CAMPAIGN + "pay/", campaigns_api.PayView.as_view(), name="api_campaign_pay"),
]

pages = [
    *_campaign_pages,
    path("competition/", views.competition, name="competition"),
    path("competition/honours/", winners.honours_page, name="honours"),
    path("competition/honours/export.xlsx", winners.honours_export, name="honours_export"),
    path("competition/terms/", policies.competition_policies, name="competition_policies"),
    path("competition/terms/new/", policies.competition_policy_new, name="competition_policy_new"),
    path(
        "competition/terms/<int:pk>/",
        policies.competition_policy_edit,
        name="competition_policy_edit",
    ),
    path(
        "competition/terms/<int:pk>/publish/",
        policies.competition_policy_publish,
        name="competition_policy_publish",
    ),
    path(
        "competition/terms/<int:pk>/withdraw/",
        policies.competition_policy_withdraw,
        name="competition_policy_withdraw",
    ),
    path(
        "competition/terms/<int:pk>/discard/",
        policies.competition_policy_discard,
        name="competition_policy_discard",
    ),
    path(
        "competition/<month:month>/object/",
        objections.competition_object,
        name="competition_object",
    ),
    path(
        "competition/objections/<int:pk>/answer/",
        objections.competition_answer,
        name="competition_answer",
    ),
    path("competition/<month:month>/approve/", views.approve, name="competition_approve"),
    path("competition/<month:month>/pay/", views.pay, name="competition_pay"),
]
_TERMS = "competitions/<slug:code>/"
_ROUND = "competitions/<slug:code>/rounds/<month:month>/"
api = [
    *_campaign_api,
    path(
        "competitions/<slug:code>/honours/", honours_api.HonoursView.as_view(), name="api_honours"
    ),
    path(_ROUND, views_for_programs.RoundView.as_view(), name="api_round"),
    path(
        _ROUND + "objections/",
        objections_api.ObjectionsView.as_view(),
        name="api_round_objections",
    ),
    path(
        _ROUND + "objections/<slug:unit>/answer/",
        objections_api.AnswerView.as_view(),
        name="api_round_answer",
    ),
    path(_ROUND + "approve/", views_for_programs.ApproveView.as_view(), name="api_round_approve"),
    path(_ROUND + "pay/", views_for_programs.PayView.as_view(), name="api_round_pay"),
    path(_TERMS + "drafts/", terms_api.DraftsView.as_view(), name="api_terms_drafts"),
    path(_TERMS + "drafts/<int:pk>/", terms_api.DraftView.as_view(), name="api_terms_draft"),
    path(
        _TERMS + "drafts/<int:pk>/publish/",
        terms_api.PublishView.as_view(),
        name="api_terms_publish",
    ),
    path(
        _TERMS + "policies/<int:pk>/withdraw/",
        terms_api.WithdrawView.as_view(),
        name="api_terms_withdraw",
    ),
    path(_TERMS + "trial/", terms_api.TrialView.as_view(), name="api_terms_trial"),
    path(
        "competitions/<slug:code>/policies/",
        views_for_programs.PoliciesView.as_view(),
        name="api_competition_policies",
    ),
    path(
        "simulate/award/",
        views_for_programs.SimulateAwardView.as_view(),
        name="api_simulate_award",
    ),
]
