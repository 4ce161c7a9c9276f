"""The demo's audit findings: mismatched receipts as hints, nearly all put right (rules §13.8)."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.demo import UNITS, stream
from portal.demo.year import AS_OF, MonthOfDemo

MISMATCH = 0.02  # of the days of a unit
IN_TIME = 0.95  # are put right within five days
TEXTS = (
    ("receipts", "营收款与系统相差一笔"), ("cash", "缴款单迟交一日"),
    ("gifts", "礼品领用少一张表单"),
    ("cards", "卡类结存少一张"), ("documents", "原始单据缺客户签名"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hint:
    """A finding without points, and the day on which it is put right, if it is."""

    unit: str
    area: str
    text: str
    on: date
    closed_on: date | None


def hints(month: MonthOfDemo) -> list[Hint]:
    """Return what the auditor found in a month up to its last figures."""
    random = stream(f"findings/{month.month:%m}")
    found = []
    day = month.month
    while day <= month.as_of:
        for unit in UNITS:
            if random.random() < MISMATCH:
                area, text = random.choice(TEXTS)
                within = 1 + random.randint(0, 4)
                closed_on = day + timedelta(days=within) if random.random() < IN_TIME else None
                is_later = closed_on is not None and closed_on > AS_OF
                found.append(Hint(unit, area, text, day, None if is_later else closed_on))
        day += timedelta(days=1)
    return found
