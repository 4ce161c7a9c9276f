"""A draft tried over a past month: every dealer then and now, and nothing stored."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orgchart.models import AuditEntry
from subsidies.models import CommissionScheme, CommissionSheet, LedgerBatch, LedgerRow, SchemeDraft
from subsidies.queries.trials import trial
from subsidies.rules import commission
from subsidies.rules.scheme import Scheme
from subsidies.rules.trial import CannotSplit, counts_alike, regrouped, uncounted
from tests.district import MARCH, NOW, District
from tests.subsidies.dealers import dealer_month, dealer_rows, scheme, scheme_document
from tests.subsidies.district import APRIL, build_example_6, enter, open_dealer, set_scheme
from tests.worked_examples import example

OLD = scheme()


def paying(*bounds: int) -> list[dict[str, Any]]:
    bands = [[str(bound), str(number)] for number, bound in enumerate(bounds)]
    return [{"month": 3, "min_call_minutes": "50", "bands": bands}]


def test_users_move_to_the_band_that_holds_their_whole_band() -> None:
    counts = {3: {Decimal(0): 1, Decimal(10): 2, Decimal(20): 4, Decimal(50): 8}, 6: {}}
    assert regrouped(counts, OLD, scheme(instalments=paying(0, 20))) == {3: {0: 3, 20: 12}}
    assert regrouped(counts, OLD, scheme(instalments=[])) == {}
    with pytest.raises(CannotSplit) as refused:
        regrouped(counts, OLD, scheme(instalments=paying(0, 15, 60)))
    assert [fault.path for fault in refused.value.faults] == [
        "/instalment_counts/3/10", "/instalment_counts/3/50",
    ]  # fmt: skip
    # Nobody in the band that would be split: nothing to guess.
    assert regrouped({3: {Decimal(0): 1}}, OLD, scheme(instalments=paying(0, 15))) == {
        3: {0: 1, 15: 0}
    }


def test_parts_that_count_other_users_are_named() -> None:
    later = paying(0)[0] | {"month": 9}
    fewer = paying(0, 10, 20, 50)[0] | {"min_call_minutes": "60"}
    changed = scheme(
        instalments=[fewer, later],
        revenue_share=scheme_document()["revenue_share"] | {"last_month": 12},
        clawback={"within_days": 60},
    )
    assert uncounted(OLD, changed) == [
        "instalment_3", "instalment_9", "revenue_share", "clawback",
    ]  # fmt: skip
    assert counts_alike(OLD, scheme(one_time={"per_user": "25"}))
    assert not counts_alike(OLD, scheme(instalments=paying(0, 20)))


def test_the_trial_gives_example_6_then_and_the_rules_statement_now(
    district: District, signed_in: Any
) -> None:
    dealers = build_example_6(district)
    body = scheme_document() | {"one_time": {"per_user": "22"}, "instalments": paying(0, 20)}
    draft = SchemeDraft.objects.create(
        district=district.root, code="2026.2", name_zh="新", valid_from=APRIL, body=body,
        saved_by=district.people["clerk"], saved_at=NOW,
    )  # fmt: skip
    stored = [AuditEntry.objects.count(), CommissionSheet.objects.count()]
    client = signed_in("test-head")

    with CaptureQueriesContext(connection) as asked:
        page = client.get(f"/commissions/schemes/drafts/{draft.pk}/?month=2026-03")

    found = page.context["trial"]
    rows = {row["of"].dealer.pk: row["of"] for row in found["rows"]}
    new = Scheme.from_json(body)
    for dealer, row in zip(dealers, dealer_rows(), strict=True):
        assert rows[dealer.pk].before.net == Decimal(row["净额"])
        figures = dealer_month(row)
        counts = regrouped(figures.instalment_counts, OLD, new)
        expected = commission.statement(new, replace(figures, instalment_counts=counts)).settlement
        assert rows[dealer.pk].after == expected
    total = Decimal(example("6_commission")["total"]["净额"])
    assert found["of"].before.net == total
    assert found["difference"] == sum(row.difference for row in rows.values())
    differences = [abs(row["of"].difference) for row in found["rows"]]
    assert differences == sorted(differences, reverse=True)
    assert not any("INSERT" in one["sql"] or "UPDATE" in one["sql"] for one in asked)
    assert [AuditEntry.objects.count(), CommissionSheet.objects.count()] == stored
    assert not CommissionScheme.objects.filter(code="2026.2").exists()


def test_what_a_typed_return_cannot_tell_is_said_and_a_ledger_is_counted_again(
    district: District,
) -> None:
    former = set_scheme(district)
    typed, loaded = open_dealer(district, "d1", "grid1"), open_dealer(district, "d2", "grid2")
    counts = {"3": {"10": 3}, "6": {}}
    enter(typed, MARCH, instalments=counts)
    batch = LedgerBatch.objects.create(
        district=district.root, month=MARCH, key="k", name="k", loaded_at=NOW,
        loaded_by=district.people["clerk"],
    )  # fmt: skip
    for number, net in enumerate(("12", "17", "19")):
        LedgerRow.objects.create(
            batch=batch, dealer=loaded, user=f"u{number}", joined_on="2026-01-05",
            first_minutes=60, minutes=60, net=Decimal(net),
        )  # fmt: skip
    groups = [["12", 1], ["17", 1], ["19", 1]]
    enter(loaded, MARCH, instalments=counts, revenue_groups=groups, ledger=batch)
    body = scheme_document() | {"instalments": paying(0, 15)}
    new = CommissionScheme(
        district=district.root, code="n", name_zh="n", valid_from=APRIL, body=body
    )

    found = trial(district.root, MARCH, new)

    assert found is not None
    assert found.former == former
    assert [fault.pointer for fault in found.faults] == ["/dealers/d1"]
    (row,) = found.rows
    # Of three at 10–20 for 10 yuan each, two reach 15 and bring 1 yuan.
    assert (row.dealer, row.cause) == (loaded, ("instalment_3", Decimal("-28.00")))
    assert row.difference == Decimal("-28.00")
