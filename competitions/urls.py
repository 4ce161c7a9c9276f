"""Routes of competitions: pages and API."""

from django.urls import path

from competitions import api as views_for_programs
from competitions import views

pages = [
    path("competition/", views.competition, name="competition"),
    path("competition/terms/", views.competition_policies, name="competition_policies"),
    path("competition/terms/new/", views.competition_policy_new, name="competition_policy_new"),
    path(
        "competition/terms/<int:pk>/withdraw/",
        views.competition_policy_withdraw,
        name="competition_policy_withdraw",
    ),
    path("competition/<month:month>/approve/", views.approve, name="competition_approve"),
    path("competition/<month:month>/pay/", views.pay, name="competition_pay"),
]
_ROUND = "competitions/<slug:code>/rounds/<month:month>/"
api = [
    path(_ROUND, views_for_programs.RoundView.as_view(), name="api_round"),
    path(_ROUND + "approve/", views_for_programs.ApproveView.as_view(), name="api_round_approve"),
    path(_ROUND + "pay/", views_for_programs.PayView.as_view(), name="api_round_pay"),
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
