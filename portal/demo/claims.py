"""The demo's expense claims: three to six per unit and month, some late, some without receipts."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from PIL import Image, ImageDraw

from portal.demo import UNITS, stream
from subsidies.rules.claims import ZONE, closing

LATE, WITHOUT_RECEIPTS = 0.08, 0.05
# code, zh, en, participants required, purposes, lowest and highest amount in yuan
CATEGORIES = (
    ("transport", "交通", "Transport", False,
     ("走访一级网点", "下乡送货", "参加促销活动", "拜访集团单位"), 12, 90),
    ("hospitality", "招待", "Hospitality", True,
     ("集团单位座谈", "经销商座谈", "村组联络人座谈"), 120, 320),
    ("promotion", "促销物料", "Promotion material", False,
     ("户外促销海报", "店面促销单页", "促销礼品"), 40, 180),
    ("office", "办公", "Office", False, ("打印纸与墨盒", "电话与宽带测试"), 20, 80),
)  # fmt: skip
GUESTS = (
    "兴业商贸 2 人，本单元 1 人",
    "和平村村组联络人 3 人",
    "宏达通讯店长 1 人",
    "学府小学 2 人",
)


@dataclass(frozen=True, slots=True)
class Line:
    category: str
    spent_on: date
    amount: Decimal
    purpose: str
    participants: str


@dataclass(frozen=True, slots=True)
class ClaimOfDemo:
    """A claim as it is lived: `submitted_at` after the deadline is refused and given up."""

    unit: str
    number: int
    submitted_at: datetime
    lines: tuple[Line, ...]
    has_receipts: bool

    @property
    def is_late(self) -> bool:
        return self.submitted_at >= closing(self.submitted_at.date().replace(day=1))


def claims_of(month: date, until: date) -> Iterator[ClaimOfDemo]:
    """Yield the month's claims up to a day, in the order of their submission."""
    found = [claim for unit in UNITS for claim in _unit(unit, month)]
    for claim in sorted(found, key=lambda each: (each.submitted_at, each.unit, each.number)):
        if claim.submitted_at.date() <= until:
            yield claim


def _unit(unit: str, month: date) -> Iterator[ClaimOfDemo]:
    draw = stream(f"claims/{unit}/{month:%Y-%m}")
    for number in range(draw.randint(3, 6)):
        late = draw.random() < LATE
        day = draw.randint(26, 27) if late else draw.randint(5, 25)
        at = datetime(
            month.year, month.month, day, draw.randint(9, 17), draw.randint(0, 59), tzinfo=ZONE
        )
        lines = tuple(_line(draw, at.date()) for _ in range(draw.randint(1, 3)))
        yield ClaimOfDemo(unit, number, at, lines, draw.random() >= WITHOUT_RECEIPTS)


def _line(draw: Random, until: date) -> Line:
    code, _zh, _en, needs_people, purposes, low, high = draw.choice(CATEGORIES)
    return Line(
        category=code,
        spent_on=until - timedelta(days=draw.randint(0, min(until.day - 1, 6))),
        amount=Decimal(draw.randint(low * 10, high * 10)) / 10,
        purpose=draw.choice(purposes),
        participants=draw.choice(GUESTS) if needs_people else "",
    )


def receipt(name: str, amount: Decimal) -> io.BytesIO:
    """Return a picture of an invented receipt; plain, so that it stays small."""
    picture = Image.new("RGB", (240, 160), (250, 249, 245))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((4, 4, 235, 155), outline=(160, 60, 50), width=2)
    draw.text((24, 40), f"RECEIPT {name}", fill=(30, 30, 30))
    draw.text((24, 80), f"CNY {amount}", fill=(30, 30, 30))
    out = io.BytesIO()
    picture.save(out, "PNG")
    out.seek(0)
    return out
