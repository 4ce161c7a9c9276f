"""Access to the competition."""

from competitions.models import Campaign, CompetitionPolicy
from tests.permissions.access import BUSINESS, EVERYBODY, MANAGERS, Access


def march() -> dict[str, str]:
    return {"month": "2026-03"}


def march_round() -> dict[str, str]:
    return {"code": "monthly", "month": "2026-03"}


def monthly() -> dict[str, str]:
    return {"code": "monthly"}


def policy() -> dict[str, int]:
    return {"pk": CompetitionPolicy.objects.filter(competition__district__code="xx").last().pk}


def campaign(name_zh: str) -> dict[str, str]:
    return {"code": Campaign.objects.get(district__code="xx", name_zh=name_zh).code}


def sprint() -> dict[str, str]:
    return campaign("冲刺1000户")


def contest() -> dict[str, str]:
    return campaign("增值业务发展竞赛")


def draft() -> dict[str, str]:
    return campaign("年末宽带冲刺")


def no_draft() -> dict[str, str | int]:
    return monthly() | {"pk": 0}


HEAD, CLERK = frozenset({"head"}), frozenset({"clerk"})
GONE = frozenset({404})
# March is paid: whoever may do the step is told so, 409 or a sentence on the page.
DONE, BACK, REFUSED = frozenset({409}), frozenset({302}), frozenset({400})

WRITERS = HEAD | CLERK
REPORTERS = CLERK | MANAGERS

ROUTES = [
    Access("campaigns", BUSINESS),
    Access("campaigns", BUSINESS, query="?phase=running"),
    Access("campaign", BUSINESS, sprint),
    Access("campaign", WRITERS, draft),
    Access("campaign_export", BUSINESS, sprint),
    Access("campaign_new", CLERK),
    Access("campaign_new", CLERK, method="post", body={"name_zh": ""}, succeeds=REFUSED),
    Access("campaign_edit", CLERK, draft),
    Access("campaign_edit", CLERK, draft, "post", body={"name_zh": ""}, succeeds=REFUSED),
    Access("campaign_results", REPORTERS, contest),
    Access("campaign_results", REPORTERS, contest, "post", body={"day": ""}, succeeds=REFUSED),
    # The sprint is paid: no step is left.
    Access("campaign_announce", HEAD, sprint, "post", succeeds=BACK),
    Access("campaign_decide", CLERK, sprint, "post", succeeds=BACK),
    Access("campaign_approve", HEAD, sprint, "post", succeeds=BACK),
    Access("campaign_pay", CLERK, sprint, "post", succeeds=BACK),
    Access("campaign_void", HEAD, sprint, "post", succeeds=BACK),
    Access("api_campaigns", BUSINESS),
    Access("api_campaigns", CLERK, method="post", body={}, succeeds=REFUSED),
    Access("api_campaign", CLERK, draft, "put", body={}, succeeds=REFUSED),
    Access("api_campaign_void", HEAD, sprint, "post", body={"reason": "x"}, succeeds=DONE),
    Access("api_terms_drafts", WRITERS, monthly),
    Access("api_terms_drafts", WRITERS, monthly, "post", body={}, succeeds=REFUSED),
    Access("api_terms_draft", WRITERS, no_draft, succeeds=GONE),
    Access("api_terms_draft", WRITERS, no_draft, "put", body={}, succeeds=GONE),
    Access("api_terms_draft", WRITERS, no_draft, "delete", succeeds=GONE),
    Access("api_terms_publish", HEAD, no_draft, "post", succeeds=GONE),
    Access("api_terms_withdraw", HEAD, lambda: monthly() | policy(), "post", succeeds=DONE),
    Access("api_terms_trial", WRITERS, monthly, "post", body={}, succeeds=REFUSED),
    Access("api_campaign", BUSINESS, sprint),
    Access("api_campaign", WRITERS, draft),
    Access(
        "api_campaign_results",
        REPORTERS,
        contest,
        "post",
        body={"results": [{"contestant": "nobody", "day": "2026-11-20", "value": "1"}]},
        succeeds=REFUSED,
    ),
    Access("api_campaign_announce", HEAD, sprint, "post", succeeds=DONE),
    Access("api_campaign_decide", CLERK, sprint, "post", succeeds=DONE),
    Access("api_campaign_approve", HEAD, sprint, "post", succeeds=DONE),
    Access("api_campaign_pay", CLERK, sprint, "post", succeeds=DONE),
    Access("competition", BUSINESS),
    Access("competition", BUSINESS, query="?month=2026-03"),
    Access("honours", BUSINESS),
    Access("honours", BUSINESS, query="?year=2026"),
    Access("honours_export", BUSINESS),
    Access("api_honours", BUSINESS, monthly),
    Access("competition_approve", HEAD, march, "post", succeeds=BACK),
    Access("competition_pay", CLERK, march, "post", succeeds=BACK),
    Access("competition_policies", BUSINESS),
    Access("competition_policy_new", WRITERS),
    Access("competition_policy_new", WRITERS, method="post", body={"amount": ""}, succeeds=REFUSED),
    Access("competition_policy_edit", WRITERS, policy),
    Access("competition_policy_publish", HEAD, policy, "post", succeeds=BACK),
    Access("competition_policy_discard", WRITERS, policy, "post", succeeds=BACK),
    Access("competition_policy_withdraw", HEAD, policy, "post", succeeds=BACK),
    Access("api_competition_policies", BUSINESS, monthly),
    Access("api_round", BUSINESS, march_round),
    Access("competition_object", MANAGERS, march, "post", succeeds=BACK),
    Access("competition_answer", CLERK, lambda: {"pk": 0}, "post", succeeds=frozenset({404})),
    Access("api_round_objections", BUSINESS, march_round),
    Access(
        "api_round_objections", MANAGERS, march_round, "post", body={"text": "不对"}, succeeds=DONE
    ),
    Access(
        "api_round_answer",
        CLERK,
        lambda: march_round() | {"unit": "grid1"},
        "post",
        succeeds=frozenset({404}),
    ),
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
