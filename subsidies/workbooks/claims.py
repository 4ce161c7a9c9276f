"""Expense claims as one sheet, summed."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from orgchart.actors import BUSINESS_ZONE
from orgchart.book import COUNT, Book
from orgchart.models import Unit
from subsidies.models import Claim, ClaimState
from subsidies.wording import claim_state_name
from targets.months import month_text

_DONE = (ClaimState.PAID, ClaimState.ARCHIVED)


def claims_workbook(claims: Iterable[Claim], district: Unit) -> bytes:
    """Return the claims as a workbook; what is not granted or paid yet is an empty cell."""
    title = _("Expense claims")
    heads = [
        _("No."), _("Number"), _("Month"), _("Unit"), _("Claimant"), _("Submitted at"),
        _("State"), _("Claimed"), _("Granted"), _("Paid"), _("Approved by"), _("Checked by"),
        _("Reason"), _("Promotion"),
    ]  # fmt: skip
    sums = [Decimal("0.00")] * 3
    with Book(title) as book:
        page = book.page(title, [5, 20, 9, 16, 12, 17, 14, 11, 11, 11, 12, 12, 24, 20], frozen=2)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, _("Amounts in yuan"))
        page.head(heads)
        first = page.row
        for number, claim in enumerate(claims, start=1):
            at = claim.submitted_at
            amounts = (
                claim.amount,
                claim.granted,
                claim.granted if claim.state in _DONE else None,
            )
            sums = [total + (value or 0) for total, value in zip(sums, amounts, strict=True)]
            page.number(0, number, COUNT)
            page.text(1, claim.number)
            page.text(2, month_text(claim.month))
            page.text(3, claim.unit.name)
            page.text(4, claim.claimant.name)
            page.text(5, f"{at.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M:%S}" if at else "")
            page.text(6, claim_state_name(claim.state))
            for place, amount in enumerate(amounts, start=7):
                page.number(place, amount)
            page.text(10, claim.approved_by.name if claim.approved_by else "")
            page.text(11, claim.checked_by.name if claim.checked_by else "")
            page.text(12, claim.reason)
            page.text(13, claim.promotion)
            page.row += 1
        page.text(0, _("Total"), bold=True)
        for place in (1, 2, 3, 4, 5, 6, 10, 11, 12, 13):
            page.text(place, "")
        for place, total in enumerate(sums, start=7):
            page.total(place, first, total)
        page.row += 1
        page.print_area()
    return book.content
