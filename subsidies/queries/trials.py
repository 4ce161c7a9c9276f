"""A scheme tried over a past month, in the shade: what each dealer would have got."""

from collections import defaultdict
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from orgchart.errors import Fault
from orgchart.models import Dealer, Person, Unit
from subsidies.models import CommissionScheme, DealerReturn, LedgerRow
from subsidies.queries import returns as sources
from subsidies.queries.drafts import DraftStatement, draft
from subsidies.rules import trial as rules
from subsidies.rules.ledger import User, tally
from subsidies.rules.lines import Statement
from subsidies.rules.scheme import Scheme
from subsidies.rules.sheet import Settlement, totals
from targets.months import month_text

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A dealer under both schemes; `cause` is the line that differs most, (key, yuan)."""

    dealer: Dealer | Person
    unit: Unit
    before: Settlement
    after: Settlement
    cause: tuple[str, Decimal] | None

    @property
    def difference(self) -> Decimal:
        return self.after.net - self.before.net


@dataclass(frozen=True, slots=True)
class Trial:
    """A month under the scheme that held and under the one tried, largest differences first.

    `uncounted`: parts whose users the typed returns did not count as the new terms would.
    """

    month: date
    former: CommissionScheme
    rows: tuple[TrialRow, ...]
    faults: tuple[Fault, ...]
    uncounted: tuple[str, ...]
    before: Settlement
    after: Settlement


def trial(district: Unit, month: date, scheme: CommissionScheme) -> Trial | None:
    """Compute the month's returns by both schemes, corrections left out; nothing is stored.

    Returns that came from a ledger are counted again from it. None where no scheme held.
    """
    former = sources.scheme_in_force(district, month)
    if former is None:
        return None
    old, new = sources.terms(former), sources.terms(scheme)
    returns = sources.returns_of(district, month)
    restated, faults = _restated(returns, month, old, new)
    before = draft(district, month, former, returns=returns, is_corrected=False)
    after = draft(district, month, scheme, returns=restated, is_corrected=False)
    then = {row.payee.pk: row for row in before.statements}
    rows = [_row(then[row.payee.pk], row) for row in after.statements
            if row.payee.pk in then]  # fmt: skip
    are_typed = any(row.ledger_id is None for row in returns)
    return Trial(
        month=month,
        former=former,
        rows=tuple(sorted(rows, key=lambda row: -abs(row.difference))),
        faults=(*faults, *after.faults),
        uncounted=tuple(rules.uncounted(old, new)) if are_typed else (),
        before=totals(row.before for row in rows),
        after=totals(row.after for row in rows),
    )


def _restated(
    returns: Sequence[DealerReturn], month: date, old: Scheme, new: Scheme
) -> tuple[list[DealerReturn], list[Fault]]:
    """Return the returns as the new scheme counts them, and what typed ones cannot tell."""
    if rules.counts_alike(old, new):
        return list(returns), []
    counted = _recounted(returns, month, new)
    restated: list[DealerReturn] = []
    faults: list[Fault] = []
    for row in returns:
        if row.ledger_id is not None:
            restated.append(counted[row.pk])
            continue
        stored = sources.dealer_month(row, row.dealer.commission_class).instalment_counts
        shadow = copy(row)
        try:
            shadow.instalments = _stored(rules.regrouped(stored, old, new))
        except rules.CannotSplit as error:
            months = {fault.path.split("/")[2] for fault in error.faults}
            sentence = _(
                "%(dealer)s: the typed users of month %(months)s cannot be split by the new bands."
            ) % {"dealer": row.dealer.name, "months": ", ".join(sorted(months, key=int))}
            faults.append(Fault(f"/dealers/{row.dealer.code}", sentence))
            continue
        restated.append(shadow)
    return restated, faults


def _recounted(
    returns: Sequence[DealerReturn], month: date, new: Scheme
) -> dict[int, DealerReturn]:
    """Return {pk: return} of those that a ledger was counted into, counted by the new scheme."""
    of_dealer = {row.dealer_id: row for row in returns if row.ledger_id is not None}
    if not of_dealer:
        return {}
    users: dict[int, list[User]] = defaultdict(list)
    entries = LedgerRow.objects.filter(batch__in={row.ledger_id for row in of_dealer.values()})
    fields = ("user", "joined_on", "first_minutes", "minutes", "net", "is_low_quality", "left_on")
    for dealer_id, *values in entries.order_by().values_list("dealer_id", *fields).iterator():
        users[dealer_id].append(User(*values))
    prices = sources.prices_paid(returns[0].dealer.district_id)
    recovered = sources.recovered(returns[0].dealer.district_id, month)
    found = {}
    for dealer_id, row in of_dealer.items():
        count = tally(
            new, month, users[dealer_id], prices.get(dealer_id, {}), recovered.get(dealer_id)
        )
        shadow = copy(row)
        shadow.gross, shadow.zero_call = count.gross, count.zero_call
        shadow.low_quality = count.low_quality
        shadow.instalments = _stored(count.instalments)
        shadow.revenue_groups = [[str(average), number] for average, number in count.revenue_groups]
        shadow.clawbacks = [[number, str(price)] for number, price in count.clawbacks]
        shadow.retained = {month_text(joined): number for joined, number in count.retained.items()}
        found[row.pk] = shadow
    return found


def _stored(counts: rules.Counts) -> dict[str, dict[str, int]]:
    return {
        str(number): {f"{bound:f}": users for bound, users in by_bound.items()}
        for number, by_bound in counts.items()
    }


def _row(then: DraftStatement, now: DraftStatement) -> TrialRow:
    was, is_now = _effects(then.result), _effects(now.result)
    differences = [
        (key, is_now.get(key, ZERO) - was.get(key, ZERO)) for key in dict.fromkeys([*was, *is_now])
    ]
    largest = max(differences, key=lambda one: abs(one[1]))
    return TrialRow(
        now.payee, now.unit, then.result.settlement, now.result.settlement,
        largest if largest[1] else None,
    )  # fmt: skip


def _effects(result: Statement) -> dict[str, Decimal]:
    return {
        line.key: -line.amount if line.code.is_deduction else line.amount for line in result.lines
    }
