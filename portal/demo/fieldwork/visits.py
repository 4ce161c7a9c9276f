"""The demo's visits: as many done in a month as the units reported (rules §13.8)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from fieldwork.rules.visits import SIX_ITEMS, spread, visits_in_month, working_days
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import DealerTier
from portal.demo import UNITS, outlets, stream
from portal.demo.year import OPEN_MONTH, MonthOfDemo
from targets.months import last_day

FREQUENCIES = {DealerTier.TIER_1: Decimal(4), DealerTier.TIER_2: Decimal("1.5")}
DONE = 93  # of a hundred planned ones
_STOCK = ("号卡 20 张，终端 6 台", "号卡充足", "号卡 5 张，需补货", "终端缺货", "充值卡 30 张")
_RIVALS = ("", "", "移动在隔壁做充话费送米", "电信宽带降到 600 元一年", "移动业务员每周来两次")
# problem, measure, how it was solved
_PROBLEMS = (
    ("门头褪色", "报市场岗更换门头", "门头已更换"),
    ("号卡断货两天", "次日送卡 50 张", "已补货"),
    ("店员不熟悉新套餐", "周五到店培训", "已培训两名店员"),
    ("佣金到账时间有疑问", "把对账单带给店主核对", "已核对无差异"),
    ("海报被竞争对手覆盖", "换到收银台后的位置", "已重新张贴"),
)


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit of the year; `done_at` None: not done."""

    dealer: str
    unit: str
    manager: str | None
    planned_on: date
    done_at: datetime | None
    answers: dict[str, bool]
    stock: str
    rivals: str
    problem: tuple[str, str, str] | None
    is_closed: bool


def visits_of(month: MonthOfDemo) -> list[Visited]:
    """Return the visits of a month, each unit's done ones as many as it reported."""
    random = stream(f"visits/{month.month:%m}")
    is_open = month.month.month == OPEN_MONTH
    found = []
    for unit in UNITS:
        figure = month.figures.get((unit, "channel_visits", "all"))
        planned = sorted(_planned(unit, month.month), key=lambda one: (one[1], one[0]))
        before = [one for one in planned if one[1] <= month.as_of]
        # Grid 4 and the group centre have not reported November: as many are done anyway.
        goal = len(before) * DONE // 100 if figure is None else int(figure)
        extra = max(0, goal - len(before))
        again = [before[n % len(before)] for n in range(extra)]
        chosen = set(random.sample(range(len(before)), min(goal, len(before))))
        # Who reports fewer had planned fewer: the rest of the tiers' plan was never made.
        undone = [number for number in range(len(before)) if number not in chosen]
        dropped = set(undone[round(len(chosen) * (100 - DONE) / DONE) :])
        for number, (dealer, day, manager) in enumerate([*planned, *again]):
            if number in dropped:
                continue
            is_done = number in chosen or number >= len(planned)
            at = datetime.combine(day, time(9 + number % 8, 10 * (number % 6)), BUSINESS_ZONE)
            problem = random.choice(_PROBLEMS) if is_done and random.random() < 0.08 else None
            is_fresh = is_open and day > month.as_of - timedelta(days=9)
            found.append(
                Visited(
                    dealer, unit, manager, day, at if is_done else None,
                    {code: random.random() < 0.88 for code, _zh, _en in SIX_ITEMS},
                    random.choice(_STOCK) if is_done else "",
                    random.choice(_RIVALS) if is_done else "", problem, not is_fresh,
                )
            )  # fmt: skip
    return found


def _planned(unit: str, month: date) -> list[tuple[str, date, str | None]]:
    """Return (outlet, day, manager) as the plan by tier and frequency has them."""
    managers = {
        each.dealer: each.account_manager for each in outlets.affiliations() if each.unit == unit
    }
    days = working_days(month, last_day(month))
    found = []
    for turn, dealer in enumerate(sorted(outlets.dealers_of(unit), key=lambda one: one.code)):
        often = FREQUENCIES.get(dealer.tier, Decimal(0))
        for day in spread(days, visits_in_month(often, month.month), turn):
            found.append((dealer.code, day, managers.get(dealer.code)))
    return found
