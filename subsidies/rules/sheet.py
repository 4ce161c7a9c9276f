"""What a statement leaves to pay and to carry, and the totals of a commission sheet."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from subsidies.rules.money import to_cents

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Settlement:
    """The money columns of a statement or of a whole sheet, in yuan.

    Deductions are positive; brought forward and carried are zero or negative.
    """

    gross: Decimal
    deductions: Decimal
    brought_forward: Decimal
    net: Decimal
    paid: Decimal
    carried: Decimal


def settle(*, gross: Decimal, deductions: Decimal, brought_forward: Decimal) -> Settlement:
    """Return net = gross − deductions + brought forward; a negative net is carried (rules §7).

    paid + carried = net always.
    """
    brought_forward = to_cents(brought_forward)
    net = gross - deductions + brought_forward
    return Settlement(
        gross=gross,
        deductions=deductions,
        brought_forward=brought_forward,
        net=net,
        paid=max(net, ZERO),
        carried=min(net, ZERO),
    )


def totals(settlements: Iterable[Settlement]) -> Settlement:
    """Return the column sums of a sheet; one dealer's debt never lowers what another is paid."""
    rows = list(settlements)
    return Settlement(
        gross=sum((row.gross for row in rows), ZERO),
        deductions=sum((row.deductions for row in rows), ZERO),
        brought_forward=sum((row.brought_forward for row in rows), ZERO),
        net=sum((row.net for row in rows), ZERO),
        paid=sum((row.paid for row in rows), ZERO),
        carried=sum((row.carried for row in rows), ZERO),
    )
