"""Access to the competition."""

from competitions.models import CompetitionPolicy
from tests.permissions.access import BUSINESS, EVERYBODY, Access


def march() -> dict[str, str]:
    return {"month": "2026-03"}


def march_round() -> dict[str, str]:
    return {"code": "monthly", "month": "2026-03"}


def monthly() -> dict[str, str]:
    return {"code": "monthly"}


def policy() -> dict[str, int]:
    return {"pk": CompetitionPolicy.objects.get(competition__district__code="xx").pk}


HEAD, CLERK = frozenset({"head"}), frozenset({"clerk"})
# March is paid: whoever may do the step is told so, 409 or a sentence on the page.
DONE, BACK, REFUSED = frozenset({409}), frozenset({302}), frozenset({400})

ROUTES = [
    Access("competition", BUSINESS),
    Access("competition", BUSINESS, query="?month=2026-03"),
    Access("competition_approve", HEAD, march, "post", succeeds=BACK),
    Access("competition_pay", CLERK, march, "post", succeeds=BACK),
    Access("competition_policies", BUSINESS),
    Access("competition_policy_new", HEAD),
    Access("competition_policy_new", HEAD, method="post", body={"amount": ""}, succeeds=REFUSED),
    Access("competition_policy_withdraw", HEAD, policy, "post", succeeds=BACK),
    Access("api_competition_policies", BUSINESS, monthly),
    Access("api_round", BUSINESS, march_round),
    Access("api_round_approve", HEAD, march_round, "post", succeeds=DONE),
    Access("api_round_pay", CLERK, march_round, "post", succeeds=DONE),
    Access(
        "api_simulate_award",
        EVERYBODY,
        method="post",
        body={
            "policy": {"amount": "500"},
            "units": [
                {
                    "unit": "grid1",
                    "score": "100",
                    "revenue_task": "1",
                    "revenue_actual": "1",
                    "volume_task": "1",
                    "volume_actual": "1",
                }
            ],
        },
    ),
]
