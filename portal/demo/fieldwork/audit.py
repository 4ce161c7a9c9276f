"""The demo's audit of the two latest months: takings, statements of dealers, sampled papers."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.demo import UNITS, stream
from portal.demo.fieldwork import store
from portal.demo.fieldwork.findings import IN_TIME, MISMATCH
from portal.demo.year import AS_OF, OPEN_MONTH, MonthOfDemo

MONTHS = (OPEN_MONTH - 1, OPEN_MONTH)
SAMPLED, LOOKED_AT = 60, 45
SEED = "20261106"
_REASONS = ("次日补缴", "退费未冲账", "系统跨日入账", "缴款单录错，已更正")


@dataclass(frozen=True, slots=True)
class Takings:
    """A dealer's day; a difference is settled on a day with a note, if it is."""

    dealer: str
    day: date
    system: Decimal
    receipts: Decimal | None
    settled_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A dealer's month of an item, None: phone numbers."""

    dealer: str
    item: str | None
    opening: int
    taken: int
    sold: int
    balance: int


def takings(month: MonthOfDemo) -> list[Takings]:
    """Return every open dealer's days up to the month's last figures; 2 % of them differ."""
    random = stream(f"audit/takings/{month.month:%m}")
    found = []
    for code in _dealers(month.month):
        day = month.month
        usual = random.randint(90, 800)
        while day <= month.as_of:
            system = Decimal(random.randint(usual * 60, usual * 140)) / 100
            if random.random() >= MISMATCH:
                found.append(Takings(code, day, system, system))
            else:
                off = Decimal(random.choice((-200, -100, -50, -30, -19, 10, 50)))
                settled = day + timedelta(days=random.randint(1, 5))
                if random.random() < IN_TIME and settled <= AS_OF:
                    paid, note = max(Decimal(0), system + off), random.choice(_REASONS)
                    found.append(Takings(code, day, system, paid, settled, note))
                else:
                    paid = max(Decimal(0), system + off)
                    is_missing = random.random() < 0.2
                    found.append(Takings(code, day, system, None if is_missing else paid))
            day += timedelta(days=1)
    return found


def statements(month: MonthOfDemo) -> list[Statement]:
    """Return a finished month's statements: of numbers, and of the cards and phones that the
    store's ledger handed out; 2 % do not balance."""
    random = stream(f"audit/statements/{month.month:%m}")
    found = []
    for each in store.hand_outs(month):
        if each.dealer is None:
            continue
        for item in (each.item, None) if each.item == "sim-4g" else (each.item,):
            opening = random.randint(0, 12)
            there = opening + each.quantity
            sold = there * random.randint(80, 97) // 100
            lost = random.choice((1, 2, -1)) if random.random() < MISMATCH else 0
            balance = max(0, there - sold - lost)
            found.append(Statement(each.dealer, item, opening, each.quantity, sold, balance))
    return found


def joined(month: MonthOfDemo) -> list[tuple[str, str, date]]:
    """Return who joined in a month, invented: (dealer, number, day)."""
    random = stream(f"audit/joined/{month.month:%m}")
    shops = _dealers(month.month)
    return [
        (
            random.choice(shops), f"13100{month.month:%m}{number:04d}",
            month.month + timedelta(days=random.randint(0, 27)),
        )
        for number in range(800)
    ]  # fmt: skip


def papers() -> list[tuple[bool, bool, bool]]:
    """Return what was there of those looked at: contract, ID copy, signature."""
    random = stream("audit/papers")
    found = []
    for _user in range(LOOKED_AT):
        lacks = random.choice((0, 1, 2)) if random.random() < 0.08 else None
        found.append((lacks != 0, lacks != 1, lacks != 2))
    return found


def _dealers(month: date) -> list[str]:
    return [code for unit in UNITS for code in store.shops_of(unit, month)]
