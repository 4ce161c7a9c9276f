"""What tests of claims start from: grid 1 with a balance of 1 400 yuan in March 2026."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from PIL import Image

from subsidies.models import Claim, ClaimCategory, Entitlement, SubsidyPolicy
from subsidies.rules.claims import ZONE
from subsidies.services.claims import Item, approve_claim, save_claim, submit_claim
from subsidies.services.receipts import attach_receipt
from tests.district import MARCH, NOW, District
from tests.subsidies.district import FEBRUARY, set_policies


def at(day: int, hour: int = 9, minute: int = 0, second: int = 0, month: int = 3) -> datetime:
    """Return an instant of 2026 in Shanghai."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=ZONE)


def open_claims(district: District) -> dict[str, ClaimCategory]:
    """Policies of example 5; February earned grid 1 its whole floating base; two categories."""
    set_policies(district)
    grid1 = district.units["grid1"]
    Entitlement.objects.create(
        month=FEBRUARY, unit=grid1, policy=SubsidyPolicy.objects.get(unit=grid1),
        state="settled", task=Decimal(30), actual=Decimal(30), fixed=Decimal(600),
        floating=Decimal(800), total=Decimal(1400), computed_at=NOW,
    )  # fmt: skip
    return {
        code: ClaimCategory.objects.create(
            district=district.root, code=code, name_zh=name, name_en=code, position=position,
            needs_people=code == "hospitality",
        )
        for position, (code, name) in enumerate((("transport", "交通"), ("hospitality", "招待")))
    }  # fmt: skip


def photo(number: int = 0, kind: str = "JPEG", size: tuple[int, int] = (60, 40)) -> io.BytesIO:
    """Return a small picture, another one for each number."""
    out = io.BytesIO()
    colour = (number % 256, number // 256 % 256, 90)
    # Colours that are close come out alike in a JPEG; its comment does not.
    more = {"comment": str(number).encode()} if kind == "JPEG" else {}
    Image.new("RGB", size, colour).save(out, kind, **more)
    out.seek(0)
    return out


def draft(
    district: District,
    amount: str,
    *,
    when: datetime,
    month: date = MARCH,
    by: str = "staff",
    **item: Any,
) -> Claim:
    """Return grid 1's claim with one item of transport."""
    line = {
        "spent_on": min(when.date(), date(2026, 3, 10)), "amount": Decimal(amount),
        "category": ClaimCategory.objects.get(code="transport"), "purpose": "走访渠道",
    }  # fmt: skip
    return save_claim(
        unit=district.units["grid1"], month=month, items=[Item(**(line | item))],
        by=district.people[by], at=when,
    )  # fmt: skip


def submitted(
    district: District, amount: str, *, when: datetime, receipt: bool = True, by: str = "staff"
) -> Claim:
    row = draft(district, amount, when=when, by=by)
    if receipt:
        attach(district, row, by=by)
    return submit_claim(claim=row, version=row.version, by=district.people[by], at=when)


def attach(district: District, row: Claim, by: str = "staff") -> None:
    attach_receipt(claim=row, file=photo(row.pk), name="票.jpg", by=district.people[by], at=at(10))


def approved(district: District, amount: str, **how: Any) -> Claim:
    row = submitted(district, amount, **how)
    return approve_claim(
        claim=row, version=row.version, by=district.people["head"], at=row.submitted_at
    )
