"""Access to expense claims, their settings, and subsidy policies."""

from typing import Any

from subsidies.models import Claim, ClaimReceipt
from tests.permissions.access import DISTRICT, MANAGERS, Access

READERS = DISTRICT | MANAGERS | {"supervisor"}
OPENERS = READERS | {"staff"}
WRITERS = MANAGERS | {"staff"}
CLERK, HEAD = frozenset({"clerk"}), frozenset({"head"})
# Of a unit's claim in the demo: the district, and who runs, works in or supervises the unit.
OF_GRID2 = DISTRICT | {"grid2", "supervisor"}
MOVED, REFUSED, BAD = frozenset({302}), frozenset({409}), frozenset({400})


def claim() -> dict[str, Any]:
    return {"pk": Claim.objects.filter(unit__code="grid2", state="archived").latest("pk").pk}


def receipt() -> dict[str, Any]:
    pk = claim()["pk"]
    return {"pk": pk, "token": ClaimReceipt.objects.get(claim_id=pk).token}


def category() -> dict[str, Any]:
    return {"code": "transport"}


def grid2() -> dict[str, Any]:
    return {"unit": "grid2"}


DRAFT = {"unit": "grid2", "month": "2026-11", "items": []}
VERSION = {"version": 1}

ROUTES = [
    Access("subsidy_policies", READERS),
    Access("subsidy_policy", HEAD | CLERK, grid2),
    Access("subsidy_policy", HEAD | CLERK, grid2, method="post", succeeds=BAD),
    Access("claim_source", HEAD),
    Access("claim_source", HEAD, method="post", succeeds=BAD),
    Access("claim_categories", CLERK),
    Access("claim_category_new", CLERK),
    Access("claim_category_new", CLERK, method="post", succeeds=BAD),
    Access("claim_category", CLERK, category),
    Access("claims", OPENERS),
    Access("claims_export", READERS),
    Access("claim_new", WRITERS),
    Access("claim_new", WRITERS, method="post", succeeds=BAD),
    Access("claim", OF_GRID2, claim),
    Access("claim_edit", frozenset({"grid2"}), claim, succeeds=MOVED),
    Access("claim_print", OF_GRID2, claim),
    Access("claim_submit", frozenset({"grid2"}), claim, method="post", succeeds=MOVED),
    Access("claim_approve", HEAD, claim, method="post", succeeds=MOVED),
    Access("claim_return", HEAD | CLERK, claim, method="post", succeeds=MOVED),
    Access("claim_void", CLERK | {"grid2"}, claim, method="post", succeeds=MOVED),
    Access("claim_check", CLERK, claim, method="post", succeeds=MOVED),
    Access("claim_pay", CLERK, claim, method="post", succeeds=MOVED),
    Access("claim_archive", CLERK, claim, method="post", succeeds=MOVED),
    Access("claim_attach", frozenset({"grid2"}), claim, method="post", succeeds=BAD),
    Access("claim_receipt", OF_GRID2, receipt),
    Access("claim_detach", frozenset({"grid2"}), receipt, method="post", succeeds=MOVED),
    Access("api_claims", OPENERS),
    Access("api_claims", frozenset({"grid2"}), method="post", body=DRAFT, succeeds=BAD),
    Access("api_claims_headroom", OPENERS, query="?month=2026-03"),
    Access("api_claim", OF_GRID2, claim),
    Access("api_claim", frozenset({"grid2"}), claim, method="put", body=DRAFT, succeeds=BAD),
    Access("api_claim_receipts", frozenset({"grid2"}), claim, method="post", succeeds=BAD),
    Access("api_claim_receipt", OF_GRID2, receipt),
    Access("api_claim_receipt", frozenset({"grid2"}), receipt, method="delete",
           succeeds=REFUSED),
    Access("api_claim_submit", frozenset({"grid2"}), claim, method="post", body=VERSION,
           succeeds=REFUSED),
    Access("api_claim_approve", HEAD, claim, method="post", body=VERSION, succeeds=REFUSED),
    Access("api_claim_return", HEAD | CLERK, claim, method="post", body=VERSION,
           succeeds=REFUSED),
    Access("api_claim_void", CLERK | {"grid2"}, claim, method="post", body=VERSION,
           succeeds=REFUSED),
    *[
        Access(f"api_claim_{step}", CLERK, claim, method="post", body=VERSION, succeeds=REFUSED)
        for step in ("check", "pay", "archive")
    ],
]  # fmt: skip
