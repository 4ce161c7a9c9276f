"""Access to Today, the closing checklist, the leaderboard's page and search."""

from kpi.models import Adjustment
from tests.permissions.access import BUSINESS, DISTRICT, EVERYBODY, MANAGERS, Access


def november() -> dict[str, str]:
    return {"month": "2026-11"}


def december() -> dict[str, str]:
    return {"month": "2026-12"}


def march() -> dict[str, str]:
    return {"month": "2026-03"}


def wall_token() -> dict[str, str]:
    """Return the token of a link that the demo's head makes."""
    from django.utils import timezone

    from orgchart.models import Person
    from portal.services.walls import create_wall_link

    head = Person.objects.get(user__username="head")
    token = create_wall_link(district=head.district, name="lobby", by=head, at=timezone.now())
    return {"token": token}


def wall_link() -> dict[str, int]:
    from portal.models import WallLink

    wall_token()
    return {"pk": WallLink.objects.latest("pk").pk}


def correction() -> dict[str, int]:
    """The second grid's, verified already."""
    return {"pk": Adjustment.objects.get(unit__district__code="xx").pk}


def bulletin() -> dict[str, str]:
    return {"kind": "monthly", "first": "2026-10-01"}


def bulletin_to_come() -> dict[str, str]:
    return {"kind": "daily", "first": "2026-11-20"}


HEAD, CLERK = frozenset({"head"}), frozenset({"clerk"})
BACK = frozenset({302})


def scorecard() -> dict[str, int]:
    from kpi.models import Scorecard

    return {"pk": Scorecard.objects.filter(district__code="xx", state="published").first().pk}


ROUTES = [
    Access("api_replay", frozenset({"head"}), kwargs=scorecard),
    Access("api_adjustments", DISTRICT | MANAGERS),
    Access("api_adjustments", CLERK | MANAGERS, method="post", body={}, succeeds=frozenset({400})),
    Access("api_adjustment", DISTRICT | {"grid2"}, correction),
    Access(
        "api_adjustment_verify",
        frozenset({"auditor"}),
        correction,
        "post",
        body={},
        succeeds=frozenset({409}),
    ),
    Access("api_adjustment_approve", HEAD, correction, "post", body={}),
    Access("api_adjustment_refuse", HEAD, correction, "post", body={}, succeeds=frozenset({400})),
    Access("scorecard_replay", frozenset({"head"}), kwargs=scorecard),
    Access("today", EVERYBODY),
    Access("today", EVERYBODY, query="?month=2026-03&calendar=mon_sat"),
    Access("adjustments", DISTRICT | MANAGERS),
    Access("adjustment_new", CLERK | MANAGERS),
    Access("adjustment_new", CLERK | MANAGERS, method="post", succeeds=frozenset({400})),
    Access("adjustment", DISTRICT | {"grid2"}, correction),
    Access("adjustment_verify", frozenset({"auditor"}), correction, "post", succeeds=BACK),
    Access("adjustment_approve", HEAD, correction, "post", succeeds=BACK),
    Access("adjustment_refuse", HEAD, correction, "post", succeeds=BACK),
    Access("bulletins", BUSINESS),
    Access("bulletins", BUSINESS, query="?kind=daily&month=2026-11"),
    Access("bulletin_schedule", CLERK, method="post", succeeds=BACK),
    Access("bulletin", BUSINESS, bulletin),
    Access("bulletin", DISTRICT, bulletin_to_come),
    Access("bulletin_comment", CLERK, bulletin_to_come, "post", succeeds=frozenset({400})),
    Access("bulletin_issue", CLERK, bulletin_to_come, "post", succeeds=BACK),
    Access("bulletin_resend", CLERK, bulletin, "post", succeeds=BACK),
    Access("bulletin_correct", CLERK, bulletin),
    Access("bulletin_correct", CLERK, bulletin, "post", succeeds=frozenset({400})),
    Access("bulletin_excel", BUSINESS, bulletin),
    Access("bulletin_pdf", BUSINESS, bulletin),
    Access("bulletin_png", BUSINESS, bulletin),
    Access("api_bulletins", BUSINESS),
    Access("api_bulletin", BUSINESS, bulletin),
    Access("api_bulletin_comment", CLERK, bulletin_to_come, "put", succeeds=frozenset({400})),
    Access("api_bulletin_issue", CLERK, bulletin, "post"),
    Access("api_bulletin_correct", CLERK, bulletin, "post", body={}, succeeds=frozenset({400})),
    Access("api_bulletin_resend", CLERK, bulletin, "post"),
    Access("api_closing", DISTRICT, march),
    Access("closing", DISTRICT),
    Access("closing", DISTRICT, query="?month=2026-03"),
    Access("closing_open", CLERK, december, "post", succeeds=BACK),
    Access("closing_rescore", CLERK, method="post", succeeds=BACK),
    Access("closing_close", CLERK, november, "post", succeeds=BACK),
    Access("closing_publish", HEAD | CLERK, november, "post", succeeds=BACK),
    Access("closing_reopen", HEAD, march),
    Access("closing_reopen", HEAD, march, "post", succeeds=BACK),
    Access("leaderboard", BUSINESS),
    Access("leaderboard", BUSINESS, query="?month=2026-03&span=year&sort=-mean&q=grid"),
    Access("leaderboard_board", BUSINESS, march),
    Access("leaderboard_export", BUSINESS, query="?month=2026-03"),
    Access("reconciliation", DISTRICT, query="?month=2026-03"),
    Access("reconciliation_export", DISTRICT, query="?month=2026-03"),
    Access("api_reconciliation", DISTRICT, query="?month=2026-03"),
    Access("search", EVERYBODY, query="?q=grid"),
    Access("walls", HEAD | CLERK),
    Access("walls", HEAD | CLERK, method="post", succeeds=frozenset({422})),
    Access("wall_revoke", HEAD | CLERK, wall_link, "post", succeeds=BACK),
    Access("wall", kwargs=wall_token, is_public=True),
    Access("wall_slides", kwargs=wall_token, is_public=True),
]
