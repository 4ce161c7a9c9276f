"""Access to subsidies, commission sheets and dealer returns."""

from datetime import date
from typing import Any

from django.utils import timezone

from orgchart.models import Person
from subsidies.models import (
    CommissionAdjustment,
    CommissionLine,
    CommissionScheme,
    CommissionSheet,
    LedgerBatch,
    SchemeDraft,
    Statement,
    StatementObjection,
)
from tests.permissions.access import DISTRICT, EVERYBODY, MANAGERS, Access

MARCH = date(2026, 3, 1)
SUBSIDY_READERS = DISTRICT | MANAGERS | {"supervisor"}
READERS = DISTRICT | MANAGERS
# Staff see their own lines; the supervisor of the demo holds a staff post as well.
OPENERS = READERS | {"staff", "supervisor"}
CLERK, AUDITOR, HEAD = frozenset({"clerk"}), frozenset({"auditor"}), frozenset({"head"})
MONTH = "?month=2026-03"
# A step on a sheet that is approved already: refused for its state, with a sentence on the page.
MOVED, REFUSED = frozenset({302}), frozenset({409})


def sheet() -> dict[str, Any]:
    return {"pk": CommissionSheet.objects.get(month=MARCH, kind="dealers").pk}


def statement() -> dict[str, Any]:
    first = Statement.objects.filter(sheet_id=sheet()["pk"], unit__code="grid1").first()
    assert first is not None, "the demo's March sheet has a dealer of grid1"
    return sheet() | {"payee": first.payee.code}


def line() -> dict[str, Any]:
    found = CommissionLine.objects.filter(
        statement__sheet_id=sheet()["pk"], statement__unit__code="grid1", amount__gt=0
    )
    return {"pk": found.first().pk}


def batch() -> dict[str, Any]:
    clerk = Person.objects.get(user__username="clerk")
    made = LedgerBatch.objects.create(
        district=clerk.district, month=MARCH, key="x", name="x.csv", loaded_by=clerk,
        loaded_at=timezone.now(),
    )  # fmt: skip
    return {"pk": made.pk}


def adjustment() -> dict[str, Any]:
    corrected = CommissionLine.objects.select_related("statement").get(**line())
    made = CommissionAdjustment.objects.create(
        line=corrected, amount=1, reason="x",
        entered_by=Person.objects.get(user__username="clerk"), entered_at=timezone.now(),
    )  # fmt: skip
    return {"pk": made.pk}


def objection() -> dict[str, Any]:
    raised = StatementObjection.objects.create(
        line_id=line()["pk"], text="x", raised_at=timezone.now(),
        raised_by=Person.objects.get(user__username="grid1"),
    )  # fmt: skip
    return {"pk": raised.pk}


def version() -> dict[str, Any]:
    return {"pk": CommissionScheme.objects.get(district__code="xx", code="2026").pk}


def scheme_draft() -> dict[str, Any]:
    source = CommissionScheme.objects.get(pk=version()["pk"])
    made = SchemeDraft.objects.create(
        district=source.district, code="x", name_zh="x", valid_from=date(2026, 12, 1),
        body=source.body, saved_by=Person.objects.get(user__username="clerk"),
        saved_at=timezone.now(),
    )  # fmt: skip
    return {"pk": made.pk}


def entered() -> dict[str, Any]:
    return {"month": MARCH, "dealer": statement()["payee"]}


def month() -> dict[str, Any]:
    return {"month": MARCH}


def grid2() -> dict[str, Any]:
    return {"month": MARCH, "unit": "grid2"}


def figure() -> dict[str, Any]:
    return grid2() | {"figure": "total"}


SIMULATED = {"fixed": "600", "floating": "800", "task": "33.36", "actual": "31.71", "cap": "1.0"}

ROUTES = [
    Access("subsidies", SUBSIDY_READERS, query=MONTH),
    Access("subsidies_export", SUBSIDY_READERS, query=MONTH),
    Access("subsidies_workings", DISTRICT | {"grid2", "supervisor"}, figure),
    # The demo decides nothing by hand in March: those who may find nothing to decide.
    Access("subsidies_decide", HEAD | CLERK, grid2, succeeds=frozenset({404})),
    Access("commission_sheets", OPENERS),
    Access("commission_sheets", OPENERS, query="?kind=staff"),
    Access("commission_make", CLERK, month),
    Access("commission_make", CLERK, month, method="post", succeeds=MOVED),
    Access("dealer_returns", READERS, query=MONTH),
    Access("dealer_return", CLERK, entered),
    Access("dealer_return", CLERK, entered, method="post", succeeds=frozenset({400})),
    Access("commission_sheet", READERS, sheet),
    Access("commission_statement", DISTRICT | {"grid1"}, statement),
    Access("commission_export", READERS, sheet),
    Access("commission_audit", AUDITOR, sheet, method="post", succeeds=MOVED),
    Access("commission_approve", HEAD, sheet, method="post", succeeds=MOVED),
    Access("commission_return", DISTRICT, sheet, method="post", succeeds=MOVED),
    Access("commission_pay", CLERK, sheet, method="post", succeeds=MOVED),
    Access("commission_archive", CLERK, sheet, method="post", succeeds=MOVED),
    Access("commission_statements_zip", READERS, sheet),
    Access("schemes", READERS),
    Access("scheme", READERS, version),
    Access("scheme_new", HEAD | CLERK),
    Access("scheme_new", HEAD | CLERK, method="post", succeeds=frozenset({400})),
    Access("scheme_draft", HEAD | CLERK, scheme_draft),
    Access("scheme_edit", HEAD | CLERK, scheme_draft),
    Access("scheme_edit", HEAD | CLERK, scheme_draft, method="post", succeeds=frozenset({400})),
    Access("scheme_publish", HEAD, scheme_draft, method="post", succeeds=MOVED),
    Access("scheme_discard", HEAD | CLERK, scheme_draft, method="post", succeeds=MOVED),
    Access("ledger", CLERK),
    Access("ledger", CLERK, method="post", succeeds=frozenset({422})),
    Access("ledger_withdraw", CLERK, batch, method="post", succeeds=MOVED),
    Access("commission_adjustments", READERS),
    Access("commission_adjustment_withdraw", CLERK, adjustment, method="post", succeeds=MOVED),
    Access("commission_objections", OPENERS),
    Access("commission_objection_answer", CLERK | AUDITOR, objection),
    Access("commission_objection_answer", CLERK | AUDITOR, objection, method="post",
           succeeds=frozenset({422})),
    Access("commission_objection_withdraw", frozenset({"grid1"}), objection, method="post",
           succeeds=MOVED),
    Access("commission_line_object", frozenset({"grid1"}), line),
    Access("commission_line_object", frozenset({"grid1"}), line, method="post",
           succeeds=frozenset({422})),
    Access("commission_line_adjust", CLERK, line),
    Access("commission_line_adjust", CLERK, line, method="post", succeeds=frozenset({422})),
    Access("api_subsidies", SUBSIDY_READERS, query=MONTH),
    Access("api_simulate_subsidy", EVERYBODY, method="post", body=SIMULATED),
    Access("api_commission_sheets", READERS),
    Access("api_commission_sheets", CLERK, method="post", body={"month": "2026-03"},
           succeeds=REFUSED),
    Access("api_own_commissions", OPENERS),
    Access("api_commission_schemes", READERS),
    Access("api_dealer_returns", READERS, query="?month=2026-03"),
    Access("api_dealer_return", CLERK, entered, method="put", body={"gross": 1},
           succeeds=frozenset({409})),
    Access("api_commission_sheet", READERS, sheet),
    Access("api_commission_export", READERS, sheet),
    Access("api_commission_audit", AUDITOR, sheet, method="post", succeeds=REFUSED),
    Access("api_commission_approve", HEAD, sheet, method="post", succeeds=REFUSED),
    Access("api_commission_pay", CLERK, sheet, method="post", body={}, succeeds=REFUSED),
    Access("api_commission_archive", CLERK, sheet, method="post"),
    Access("api_commission_return", DISTRICT, sheet, method="post",
           body={"reason": "x"}, succeeds=REFUSED),
]  # fmt: skip
