"""Access to plans, task sheets, definitions and simulators."""

from typing import Any

from tests.permissions.access import BUSINESS, DISTRICT, EVERYBODY, MANAGERS, Access

SHEET = {"year": 2026, "code": "4-2"}
HEAD = frozenset({"head"})
WRITERS = frozenset({"head", "clerk"})
# A released plan is the head's: the clerk gets in and is told so (409).
REFUSED = frozenset({200, 400, 409, 422})
BREAKDOWN = {
    "total": "10", "decimals": 0, "method": "row_first", "season": ["1"] * 12,
    "rows": [{"unit": "a", "weight": "1", "parts": [{"breakdown": "b", "weight": "1"}]}],
}  # fmt: skip


def year() -> dict[str, int]:
    return {"year": 2026}


def sheet() -> dict[str, object]:
    return SHEET


def arpu() -> dict[str, str]:
    return {"code": "arpu"}


def version() -> dict[str, int]:
    return {"year": 2026, "version": 1}


def proposal() -> dict[str, Any]:
    from targets.models import Proposal

    return {"pk": Proposal.objects.filter(unit__code="grid2", unit__district__code="xx")[0].pk}


def batch() -> dict[str, Any]:
    """A file that the head applied: the clerk sees it, too."""
    from django.utils import timezone

    from orgchart.models import Person
    from targets.models import Batch, BatchState, Plan

    plan = Plan.objects.get(district__code="xx", year=2026)
    made, _new = Batch.objects.get_or_create(
        plan=plan, name="x.xlsx", base_version=1, state=BatchState.APPLIED,
        defaults={"by": Person.objects.get(user__username="head"), "at": timezone.now(),
                  "file": b"x"},
    )  # fmt: skip
    return {"pk": made.pk}


# What is answered and decided already is refused for that, not for the role.
GRID2 = frozenset({"grid2"})
DECIDED = frozenset({302, 400, 409})

ROUTES = [
    Access("plan_excel", WRITERS, kwargs=year),
    Access("plan_excel", WRITERS, kwargs=year, method="post", succeeds=frozenset({400, 409})),
    Access("plan_export", BUSINESS, kwargs=year),
    Access("plan_batch", WRITERS, kwargs=batch),
    Access("plan_batch", WRITERS, kwargs=batch, method="post", succeeds=frozenset({409})),
    Access("plan_batch_file", WRITERS, kwargs=batch),
    Access("plan_batch_undo", WRITERS, kwargs=batch, method="post", succeeds=frozenset({302})),
    Access("plan_answers_now", BUSINESS),
    Access("plan_answers", BUSINESS, kwargs=year),
    Access("plan_accept", MANAGERS, kwargs=year, method="post", succeeds=frozenset({302})),
    Access("plan_propose", MANAGERS, kwargs=sheet),
    Access("plan_propose", GRID2, kwargs=sheet, query="?unit=grid2"),
    Access("plan_propose", MANAGERS, kwargs=sheet, method="post", succeeds=DECIDED),
    Access("proposal_decide", HEAD, kwargs=proposal),
    Access("proposal_decide", HEAD, kwargs=proposal, method="post", succeeds=DECIDED),
    Access("proposal_withdraw", GRID2, kwargs=proposal, method="post", succeeds=DECIDED),
    Access("plan_version", BUSINESS, kwargs=version),
    Access("api_plan_answers", BUSINESS, kwargs=year),
    Access("api_plan_version", BUSINESS, kwargs=version),
    Access(
        "api_plan_accept", GRID2, kwargs=year, method="post",
        body={"unit": "grid2", "version": 99}, succeeds=DECIDED,
    ),
    Access(
        "api_proposals", GRID2, kwargs=year, method="post",
        body={"unit": "grid2", "sheet": "4-2", "version": 99, "reason": "x",
              "rows": [{"breakdown": "t1", "total": "1"}]},
        succeeds=DECIDED,
    ),
    Access("api_proposal_withdraw", GRID2, kwargs=proposal, method="post", body={},
           succeeds=DECIDED),
    Access("api_proposal_agree", HEAD, kwargs=proposal, method="post", body={}, succeeds=DECIDED),
    Access("api_proposal_insist", HEAD, kwargs=proposal, method="post", body={"reason": "x"},
           succeeds=DECIDED),
    Access("annual_targets", BUSINESS),
    Access("annual_targets_of_year", BUSINESS, kwargs=year),
    Access("plan_release", HEAD, kwargs=year, method="post", succeeds=frozenset({302})),
    Access("annual_target_add", HEAD, kwargs=year, method="post", succeeds=frozenset({302})),
    Access("annual_targets_fill", HEAD, kwargs=year, method="post", succeeds=frozenset({302})),
    Access("annual_targets_undo", HEAD, kwargs=year, method="post", succeeds=frozenset({302})),
    Access("plan_pictures", DISTRICT, kwargs=year),
    Access("floor_calculator", DISTRICT, kwargs=year),
    Access("floor_calculator", HEAD, kwargs=year, method="post", body={}),
    Access("plan_open", HEAD, method="post", succeeds=frozenset({302})),
    Access("task_sheets", BUSINESS, succeeds=frozenset({302})),
    Access("task_sheet", BUSINESS, kwargs=sheet),
    Access("task_sheet", DISTRICT, kwargs=lambda: {"year": 2026, "code": "5-1"}),
    Access("task_sheet_breakdown", WRITERS, kwargs=sheet, method="post", succeeds=REFUSED),
    # The demo's plan is released: the clerk gets in and is told so.
    Access("task_sheet_propose", WRITERS, kwargs=sheet, method="post", succeeds=REFUSED),
    Access(
        "task_sheet_roll_forward", WRITERS, kwargs=sheet, method="post", succeeds=frozenset({302})
    ),
    Access(
        "api_roll_forward", WRITERS, kwargs=year, method="post",
        body={"sheet": "4-2", "reason": "x"}, succeeds=REFUSED,
    ),
    Access("task_sheet_export", BUSINESS, kwargs=sheet),
    Access("indicators", BUSINESS),
    Access("indicator", BUSINESS, kwargs=lambda: {"code": "mobile_revenue"}),
    Access("indicator_new", WRITERS),
    Access(
        "indicator_remove", WRITERS, kwargs=lambda: {"code": "arpu"}, method="post",
        succeeds=frozenset({302}),
    ),
    Access("definition_edit", HEAD, kwargs=lambda: {"code": "arpu"}),
    Access(
        "definition_publish", HEAD, kwargs=lambda: {"code": "arpu"}, method="post",
        succeeds=frozenset({302}),
    ),
    Access(
        "definition_discard", HEAD, kwargs=lambda: {"code": "arpu"}, method="post",
        succeeds=frozenset({302}),
    ),
    Access("api_annual_targets", BUSINESS, kwargs=year),
    Access("api_annual_targets", HEAD, kwargs=year, method="put", body={"rows": []}),
    Access("api_annual_cells", HEAD, kwargs=year, method="put", body={"cells": []}),
    Access(
        "api_breakdown", WRITERS, kwargs=year, method="post", body={"sheet": "4-2"},
        succeeds=REFUSED,
    ),
    Access(
        "api_sheet_cells", WRITERS, kwargs=sheet, method="put", body={"cells": []},
        succeeds=REFUSED,
    ),
    Access(
        "api_sheet_locks", WRITERS, kwargs=sheet, method="put",
        body={"cells": [], "locked": True, "reason": "x"}, succeeds=REFUSED,
    ),
    Access("api_tasks", BUSINESS, query="?year=2026"),
    Access("api_tasks", WRITERS, method="put", body={"cells": []}, succeeds=REFUSED),
    Access("api_indicators", BUSINESS),
    Access("api_indicators", WRITERS, method="post", body={}, succeeds=frozenset({400})),
    Access("api_indicator", BUSINESS, arpu),
    Access("api_indicator", WRITERS, arpu, "delete", succeeds=frozenset({204})),
    Access("api_definition_draft", HEAD, arpu, "put", body={}, succeeds=frozenset({400})),
    Access("api_definition_draft", HEAD, arpu, "delete", succeeds=frozenset({400})),
    Access("api_definition_publish", HEAD, arpu, "post", body={}, succeeds=frozenset({400})),
    Access("api_simulate_breakdown", EVERYBODY, method="post", body=BREAKDOWN),
    Access(
        "api_simulate_floor", EVERYBODY, method="post",
        body={"net_target": "11250", "effective_rate": "0.16"},
    ),
    Access(
        "api_simulate_floor_chain", EVERYBODY, method="post",
        body={"net_target": "11250", "effective_rate": "0.16"},
    ),
]  # fmt: skip
