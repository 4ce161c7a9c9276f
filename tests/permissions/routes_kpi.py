"""Access to actuals, events, cards, score rules, months, and kpi's simulators."""

from tests.permissions.access import BUSINESS, DISTRICT, EVERYBODY, Access

MARCH = "2026-03"
OF_GRID2 = DISTRICT | {"grid2", "supervisor"}
WRITERS_OF_GRID2 = frozenset({"clerk", "grid2"})
HEAD = frozenset({"head"})
CONFLICT = frozenset({409})
REFUSED = frozenset({400})
AUDITOR = frozenset({"auditor"})


def _card(unit: str, **more: str):
    return lambda: {"unit": unit, "month": MARCH} | more


def _event() -> dict[str, int]:
    from kpi.models import Event

    return {"pk": Event.objects.filter(unit__code="grid2", unit__district__code="xx").first().pk}


def _scorecard() -> dict[str, int]:
    from kpi.models import Scorecard

    return {"pk": Scorecard.objects.filter(district__code="xx", state="published").first().pk}


CELL = {"unit": "grid2", "indicator": "channel_visits", "month": MARCH, "value": "1", "version": 9}

DAY = {"unit": "grid2", "indicator": "channel_visits", "day": "2026-03-17", "value": "1",
       "version": 9}  # fmt: skip
SET = {"valid_from": "", "calendar": "natural", "promotion_yield": "45"}

ROUTES = [
    Access("unit_plans", BUSINESS, succeeds=frozenset({200, 302})),
    Access("unit_plan", OF_GRID2, kwargs=_card("grid2")),
    Access("unit_plan", frozenset({"grid2"}), kwargs=_card("grid2"), method="post", body={}),
    Access("daily", BUSINESS),
    Access("daily", OF_GRID2, query="?unit=grid2"),
    Access("figures", BUSINESS),
    Access("figures", OF_GRID2, query="?unit=grid2", succeeds=frozenset({200})),
    Access("indicator_year", BUSINESS, kwargs=lambda: {"code": "arpu"}),
    Access("indicator_year", OF_GRID2, kwargs=lambda: {"code": "arpu"}, query="?unit=grid2"),
    Access("api_figures", DISTRICT),
    Access("api_figures", OF_GRID2, query="?unit=grid2"),
    Access("pace", BUSINESS),
    Access("pace", OF_GRID2, query="?unit=grid2"),
    Access("charts", BUSINESS, query=f"?month={MARCH}"),
    Access("charts", OF_GRID2, query=f"?month={MARCH}&unit=grid2"),
    Access("charts_export", BUSINESS, query=f"?month={MARCH}"),
    Access("charts_export", OF_GRID2, query=f"?month={MARCH}&unit=grid2"),
    Access("api_charts", BUSINESS, query=f"?month={MARCH}"),
    Access("api_charts", OF_GRID2, query=f"?month={MARCH}&unit=grid2"),
    Access("pace_rule_set", HEAD, method="post", body=SET, succeeds=frozenset({400})),
    Access("api_daily", BUSINESS, query=f"?month={MARCH}"),
    Access("api_daily", OF_GRID2, query=f"?month={MARCH}&unit=grid2"),
    Access("api_pace", BUSINESS, query=f"?month={MARCH}"),
    Access("api_pace", OF_GRID2, query=f"?month={MARCH}&unit=grid2"),
    Access("api_daily", WRITERS_OF_GRID2, method="post", body=[DAY], succeeds=CONFLICT),
    Access(
        "api_daily_sheet",
        WRITERS_OF_GRID2,
        method="post",
        body={"cells": [DAY]},
        succeeds=CONFLICT,
    ),
    Access("actuals", BUSINESS),
    Access("actuals", OF_GRID2, query="?unit=grid2"),
    Access("api_events", BUSINESS, query=f"?month={MARCH}"),
    Access(
        "api_events",
        frozenset({"clerk", "auditor"}),
        method="post",
        body={"unit": "grid2", "month": MARCH, "kind": "complaint"},
        succeeds=CONFLICT,
    ),
    Access(
        "api_event_void",
        frozenset({"clerk", "auditor"}),
        kwargs=_event,
        method="post",
        body={"reason": "noted twice"},
        succeeds=CONFLICT,
    ),
    Access("api_score_rules", BUSINESS),
    Access("events", BUSINESS),
    Access(
        "event_void",
        frozenset({"clerk", "auditor"}),
        kwargs=_event,
        method="post",
        succeeds=frozenset({302}),
    ),
    Access("verification", DISTRICT, query=f"?month={MARCH}"),
    Access("verification_unit", DISTRICT, kwargs=_card("grid2")),
    # March is published: refused for that, not for the role.
    *[
        Access(
            route,
            frozenset({"auditor"}),
            kwargs=_card("grid2"),
            method="post",
            succeeds=frozenset({409}),
        )
        for route in ("verification_pass", "verification_return")
    ],
    Access("unit_cards", BUSINESS, succeeds=frozenset({200, 302})),
    Access("unit_card", OF_GRID2, kwargs=_card("grid2")),
    Access("what_if", OF_GRID2, kwargs=_card("grid2"), query="?new_group=6"),
    Access("total_workings", OF_GRID2, kwargs=_card("grid2")),
    Access("gate_workings", OF_GRID2, kwargs=_card("grid2", gate="revenue")),
    Access("card_workings", OF_GRID2, kwargs=_card("grid2", code="K1")),
    Access("score_rules", BUSINESS),
    Access("scorecard", BUSINESS, kwargs=_scorecard),
    Access("scorecard_edit", HEAD, kwargs=_scorecard, succeeds=frozenset({302})),
    Access("scorecard_new", HEAD, method="post", succeeds=frozenset({302})),
    Access("scorecard_preview", HEAD, kwargs=_scorecard, method="post"),
    *[
        Access(
            f"scorecard_{step}", HEAD, kwargs=_scorecard, method="post", succeeds=frozenset({302})
        )
        for step in ("publish", "delete", "return")
    ],
    Access("api_score_rule", BUSINESS, kwargs=_scorecard),
    Access("api_score_rule", HEAD, _scorecard, "put", body={}, succeeds=REFUSED),
    Access("api_score_rule", HEAD, _scorecard, "delete", succeeds=CONFLICT),
    Access("api_score_rules", HEAD, method="post", body={}, succeeds=REFUSED),
    Access("api_scorecard_preview", HEAD, method="post", body={"items": []}),
    Access("api_scorecard_publish", HEAD, _scorecard, "post", body={}, succeeds=CONFLICT),
    Access(
        "api_scorecard_return", HEAD, _scorecard, "post", body={"reason": "x"}, succeeds=CONFLICT
    ),
    Access("api_own_items", OF_GRID2, kwargs=lambda: {"unit": "grid2"}),
    Access(
        "api_own_items",
        frozenset({"grid2"}),
        kwargs=lambda: {"unit": "grid2"},
        method="post",
        body={"valid_from": "2026-12", "items": []},
        succeeds=REFUSED,
    ),
    Access("api_verification", DISTRICT, query=f"?month={MARCH}"),
    Access("api_verification_unit", DISTRICT, kwargs=_card("grid2")),
    *[
        Access(route, AUDITOR, _card("grid2"), "post", body={}, succeeds=REFUSED)
        for route in ("api_verification_pass", "api_verification_return")
    ],
    Access("api_total_workings", OF_GRID2, kwargs=_card("grid2")),
    Access("api_gate_workings", OF_GRID2, kwargs=_card("grid2", gate="revenue")),
    Access("api_card_workings", OF_GRID2, kwargs=_card("grid2", code="K1")),
    Access("own_items", frozenset({"grid2"}), kwargs=lambda: {"unit": "grid2"}),
    Access("api_leaderboard", BUSINESS, query=f"?month={MARCH}"),
    Access("api_scorecard", OF_GRID2, kwargs=_card("grid2")),
    Access("api_actuals", BUSINESS, query=f"?month={MARCH}"),
    Access("api_actuals", OF_GRID2, query=f"?month={MARCH}&unit=grid2"),
    Access(
        "api_actuals",
        frozenset({"clerk", "grid2"}),
        method="post",
        body=[CELL],
        succeeds=frozenset({409}),
    ),
    Access(
        "api_actuals_sheet",
        frozenset({"clerk", "grid2"}),
        method="post",
        body={"cells": [CELL]},
        succeeds=frozenset({409}),
    ),
    Access("api_months", BUSINESS),
    Access(
        "api_month_open",
        frozenset({"clerk"}),
        kwargs=lambda: {"month": MARCH},
        method="post",
        body={},
        succeeds=frozenset({409}),
    ),
    *[
        Access(
            f"api_month_{step}",
            frozenset(allowed),
            kwargs=lambda: {"month": MARCH},
            method="post",
            body={"reason": ""},
            succeeds=frozenset({400, 409}),
        )
        for step, allowed in (
            ("close", {"clerk"}),
            ("publish", {"head", "clerk"}),
            ("reopen", {"head"}),
        )
    ],
    Access(
        "api_simulate_scorecard",
        EVERYBODY,
        method="post",
        body={"items": []},
        succeeds=frozenset({400}),
    ),
    Access(
        "api_simulate_card",
        OF_GRID2,
        method="post",
        body={"unit": "grid2", "month": MARCH, "events": {"new_group": 6}},
    ),
    Access(
        "api_simulate_pace",
        EVERYBODY,
        method="post",
        body={"month": MARCH, "as_of": "2026-03-17", "target": "6159", "actual": "2987"},
    ),
]
