"""The demo's claims, lived through the services: written, refused when late, checked, paid."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from orgchart.errors import Locked
from orgchart.models import Person, Unit
from portal.demo import claims as invented
from portal.demo.fieldwork.promotions import naming
from portal.demo.year import MonthOfDemo
from portal.services.demo_field import promotion_codes
from subsidies.models import Claim, ClaimCategory
from subsidies.services.claims import (
    Item,
    approve_claim,
    archive_claim,
    check_claim,
    pay_claim,
    save_claim,
    submit_claim,
    void_claim,
)
from subsidies.services.policies import save_category
from subsidies.services.receipts import attach_receipt

TOO_LATE = "过了 25 日，过时不补"
NOTHING_LEFT = "当月额度已用完"


def open_categories(*, district: Unit, by: Person, at: datetime) -> None:
    """Offer the demo's categories."""
    for position, (code, zh, en, needs_people, *_amounts) in enumerate(invented.CATEGORIES):
        save_category(
            district=district, code=code, by=by, at=at, version=None, name_zh=zh, name_en=en,
            needs_people=needs_people, is_open=True, position=position,
        )  # fmt: skip


def live_claims(
    *,
    district: Unit,
    month: MonthOfDemo,
    until: date,
    units: Mapping[str, Unit],
    person: Callable[[str], Person],
) -> None:
    """Live the claims of a month up to a day: two days later approved, a week later paid.

    `person` gives whoever has an account, that of a unit's manager being the unit's code.
    """
    head, clerk = person("head"), person("clerk")
    known = {row.code: row for row in ClaimCategory.objects.filter(district=district)}
    named = naming(month)
    codes = promotion_codes(district, month.month)
    for each in invented.claims_of(month.month, until):
        by = person("staff" if each.unit == "grid1" and each.number % 2 else each.unit)
        items = [
            Item(line.spent_on, known[line.category], line.amount, line.purpose, line.participants)
            for line in each.lines
        ]
        at = each.submitted_at
        row = save_claim(
            unit=units[each.unit], month=month.month, items=items, by=by, at=at,
            promotion=codes.get((each.unit, named.get((each.unit, each.number))), ""),
        )  # fmt: skip
        if each.has_receipts:
            picture = invented.receipt(row.number, row.amount)
            attach_receipt(claim=row, file=picture, name="票据.png", by=by, at=at)
        try:
            row = submit_claim(claim=row, version=row.version, by=by, at=at)
        except Locked:
            void_claim(claim=row, version=row.version, by=by, at=at, reason=TOO_LATE)
            continue
        _decide(row, each.has_receipts, head, clerk, until)


def _decide(row: Claim, has_receipts: bool, head: Person, clerk: Person, until: date) -> None:
    at = row.submitted_at + timedelta(days=2)
    if at.date() > until:
        return
    row = approve_claim(claim=row, version=row.version, by=head, at=at)
    at += timedelta(days=5)
    if not has_receipts or at.date() > until:
        return
    try:
        row = check_claim(claim=row, version=row.version, by=clerk, at=at)
    except Locked:
        void_claim(claim=row, version=row.version, by=clerk, at=at, reason=NOTHING_LEFT)
        return
    row = pay_claim(claim=row, version=row.version, by=clerk, at=at + timedelta(hours=1))
    at += timedelta(days=20)
    if at.date() <= until:
        archive_claim(claim=row, version=row.version, by=clerk, at=at)
