"""When duties fall, the plan's own duties, and the days of a view. Values in, values out."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

LAST_DAY = 31  # of a month, however long it is


@dataclass(frozen=True, slots=True)
class PlanDuty:
    """A dated duty of the plan; the fields are those of the model Duty."""

    code: str
    zh: str
    en: str
    repeat: str
    day: int
    clause: str
    month: int | None = None
    days: int = 1
    audience: str = "units"


# Every date and period of the plan (plan §5.3, 7.1, 8, 9, 12). The personal daily summary is no
# entry: it is shown by whether it was written.
PLAN_DUTIES = (
    PlanDuty(
        "field-week", "促销、集团单位、渠道走访", "Promotions, groups, channel visits",
        "weekly", 1, "8.4-1", days=5,
    ),
    PlanDuty(
        "saturday", "内部总结与汇报、数据整理、内务", "Internal report, data, housekeeping",
        "weekly", 6, "8.4-1",
    ),
    PlanDuty("week-summary", "团队周总结", "Weekly team summary", "weekly", 6, "8.1"),
    PlanDuty(
        "short-plan", "本月任务分解到周、到日，算出缺口", "Break the month down to weeks and days",
        "monthly", 1, "8.3",
    ),
    PlanDuty(
        "claims", "费用报销单交齐（过时不补）", "Hand in expense claims (no make-up)",
        "monthly", 25, "7.1",
    ),
    PlanDuty(
        "assessment", "集团客服经理月度考核（闭环）", "Monthly assessment of account managers",
        "monthly", LAST_DAY, "5.3",
    ),
    PlanDuty(
        "contest-end", "劳动竞赛统计截止（自然月）", "Labour competition: the month ends",
        "monthly", LAST_DAY, "9", audience="district",
    ),
    PlanDuty(
        "tier-1", "走访全部一级网点，传达“冲刺1000户”", "Visit all first-tier outlets",
        "yearly", 16, "8.4-2", month=3,
    ),
    PlanDuty(
        "tier-2", "走访二级网点，按六个一标准布置", "Visit second-tier outlets, six-item standard",
        "yearly", 18, "8.4-2", month=3,
    ),
    PlanDuty(
        "promotion_plan", "上报3、4月促销活动计划表", "Promotion plan of March and April",
        "yearly", 19, "8.4-3", month=3,
    ),
    PlanDuty(
        "channel_visit", "上报渠道走访摸底表", "Channel-visit survey",
        "yearly", 20, "8.4-3", month=3,
    ),
    PlanDuty(
        "rival_channel", "上报竞争对手渠道调查表", "Survey of competitor channels",
        "yearly", 28, "8.4-3", month=3,
    ),
    PlanDuty(
        "market", "上报市场环境调查表", "Survey of the market environment",
        "yearly", 30, "8.4-3", month=3,
    ),
)  # fmt: skip


def occurrences(
    repeat: str, month: date, *, day: int, days: int = 1, of_month: int | None = None
) -> list[tuple[date, date]]:
    """Return the first and last days of a duty that begins in a month (its first day).

    Weekly: on each weekday `day`, 1 Monday; otherwise on the `day` of the month, a later one than
    the month has on its last; yearly in the month numbered `of_month` only.
    """
    length = monthrange(month.year, month.month)[1]
    if repeat == "weekly":
        every = (month + timedelta(days=number) for number in range(length))
        starts = [each for each in every if each.isoweekday() == day]
    elif repeat == "monthly" or of_month == month.month:
        starts = [month.replace(day=min(day, length))]
    else:
        starts = []
    return [(each, each + timedelta(days=days - 1)) for each in starts]


def period(view: str, day: date) -> tuple[date, date]:
    """Return the first and last day of a view: the day, its week, or its month's whole weeks."""
    if view == "day":
        return day, day
    if view == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    month = day.replace(day=1)
    last = month.replace(day=monthrange(day.year, day.month)[1])
    return month - timedelta(days=month.weekday()), last + timedelta(days=6 - last.weekday())


def days_of(first: date, last: date) -> list[date]:
    """Return the days of a period, both ends included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
