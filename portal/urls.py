"""Routes of portal: pages and API."""

from django.urls import URLPattern, path

from portal import workbook_urls
from portal.api import adjustments as adjustments_api
from portal.api import bulletins as bulletins_api
from portal.api import closing as closing_api
from portal.api import replay as replay_api
from portal.api.reconciliation import ReconciliationView
from portal.trail_words import register
from portal.views import (
    adjustments,
    bulletins,
    closing,
    leaderboard,
    reconciliation,
    replay,
    samples,
    search,
    today,
    walls,
)

register()

_BULLETIN = "bulletins/<slug:kind>/<day:first>/"

pages: list[URLPattern] = [
    path("", today.today, name="today"),
    path("field/audit/samples/draw/", samples.draw, name="sample_draw"),
    path("adjustments/", adjustments.adjustment_list, name="adjustments"),
    path("adjustments/new/", adjustments.adjustment_new, name="adjustment_new"),
    path("adjustments/<int:pk>/", adjustments.adjustment_detail, name="adjustment"),
    path("adjustments/<int:pk>/verify/", adjustments.adjustment_verify, name="adjustment_verify"),
    path(
        "adjustments/<int:pk>/approve/", adjustments.adjustment_approve, name="adjustment_approve"
    ),
    path("adjustments/<int:pk>/refuse/", adjustments.adjustment_refuse, name="adjustment_refuse"),
    path("bulletins/", bulletins.bulletin_list, name="bulletins"),
    path("bulletins/schedule/", bulletins.bulletin_schedule, name="bulletin_schedule"),
    path("bulletins/<slug:kind>/<day:first>/", bulletins.bulletin, name="bulletin"),
    path(
        "bulletins/<slug:kind>/<day:first>/comment/",
        bulletins.bulletin_comment,
        name="bulletin_comment",
    ),
    path(
        "bulletins/<slug:kind>/<day:first>/issue/", bulletins.bulletin_issue, name="bulletin_issue"
    ),
    path(
        "bulletins/<slug:kind>/<day:first>/resend/",
        bulletins.bulletin_resend,
        name="bulletin_resend",
    ),
    path(
        "bulletins/<slug:kind>/<day:first>/correct/",
        bulletins.bulletin_correct,
        name="bulletin_correct",
    ),
    path(
        "bulletins/<slug:kind>/<day:first>/bulletin.xlsx",
        bulletins.bulletin_excel,
        name="bulletin_excel",
    ),
    path(
        "bulletins/<slug:kind>/<day:first>/bulletin.pdf",
        bulletins.bulletin_pdf,
        name="bulletin_pdf",
    ),
    path(
        "bulletins/<slug:kind>/<day:first>/bulletin.png",
        bulletins.bulletin_png,
        name="bulletin_png",
    ),
    path("closing/", closing.closing, name="closing"),
    path("closing/rescore/", closing.closing_rescore, name="closing_rescore"),
    path("closing/<month:month>/open/", closing.closing_open, name="closing_open"),
    path("closing/<month:month>/close/", closing.closing_close, name="closing_close"),
    path("closing/<month:month>/publish/", closing.closing_publish, name="closing_publish"),
    path("closing/<month:month>/reopen/", closing.closing_reopen, name="closing_reopen"),
    path("leaderboard/", leaderboard.leaderboard_page, name="leaderboard"),
    path("leaderboard/export.xlsx", leaderboard.leaderboard_export, name="leaderboard_export"),
    path(
        "leaderboard/<month:month>/board/",
        leaderboard.leaderboard_board,
        name="leaderboard_board",
    ),
    path("rules/<int:pk>/replay/", replay.scorecard_replay, name="scorecard_replay"),
    path("reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path(
        "reconciliation/export.xlsx",
        reconciliation.reconciliation_export,
        name="reconciliation_export",
    ),
    path("search/", search.search_page, name="search"),
    path("walls/", walls.walls, name="walls"),
    path("walls/<int:pk>/revoke/", walls.wall_revoke, name="wall_revoke"),
    path("wall/<str:token>/", walls.wall_display, name="wall"),
    path("wall/<str:token>/slides/", walls.wall_slides, name="wall_slides"),
    *workbook_urls.pages,
]
api: list[URLPattern] = [
    path("months/<month:month>/", closing_api.ClosingView.as_view(), name="api_closing"),
    path("adjustments/", adjustments_api.AdjustmentsView.as_view(), name="api_adjustments"),
    path("adjustments/<int:pk>/", adjustments_api.AdjustmentView.as_view(), name="api_adjustment"),
    *[
        path(f"adjustments/<int:pk>/{step}/", view.as_view(), name=f"api_adjustment_{step}")
        for step, view in (
            ("verify", adjustments_api.VerifyAdjustmentView),
            ("approve", adjustments_api.ApproveAdjustmentView),
            ("refuse", adjustments_api.RefuseAdjustmentView),
        )
    ],
    path("rules/<int:pk>/replay/", replay_api.ReplayView.as_view(), name="api_replay"),
    path("reconciliation/", ReconciliationView.as_view(), name="api_reconciliation"),
    path("bulletins/", bulletins_api.BulletinsView.as_view(), name="api_bulletins"),
    path(
        _BULLETIN,
        bulletins_api.BulletinView.as_view(),
        name="api_bulletin",
    ),
    path(_BULLETIN + "comment/", bulletins_api.CommentView.as_view(), name="api_bulletin_comment"),
    path(_BULLETIN + "issue/", bulletins_api.IssueView.as_view(), name="api_bulletin_issue"),
    path(_BULLETIN + "correct/", bulletins_api.CorrectView.as_view(), name="api_bulletin_correct"),
    path(_BULLETIN + "resend/", bulletins_api.ResendView.as_view(), name="api_bulletin_resend"),
]
