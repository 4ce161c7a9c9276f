"""Access to Today, the closing checklist, the leaderboard's page and search."""

from tests.permissions.access import BUSINESS, DISTRICT, EVERYBODY, Access


def november() -> dict[str, str]:
    return {"month": "2026-11"}


def december() -> dict[str, str]:
    return {"month": "2026-12"}


def march() -> dict[str, str]:
    return {"month": "2026-03"}


HEAD, CLERK = frozenset({"head"}), frozenset({"clerk"})
BACK = frozenset({302})

ROUTES = [
    Access("today", EVERYBODY),
    Access("today", EVERYBODY, query="?month=2026-03&calendar=mon_sat"),
    Access("closing", DISTRICT),
    Access("closing", DISTRICT, query="?month=2026-03"),
    Access("closing_open", CLERK, december, "post", succeeds=BACK),
    Access("closing_close", CLERK, november, "post", succeeds=BACK),
    Access("closing_publish", HEAD | CLERK, november, "post", succeeds=BACK),
    Access("closing_reopen", HEAD, march, "post", succeeds=BACK),
    Access("leaderboard", BUSINESS),
    Access("leaderboard_board", BUSINESS, march),
    Access("search", EVERYBODY, query="?q=grid"),
]
