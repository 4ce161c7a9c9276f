"""The demo's summaries: two weeks of days and the weeks before the last (plan §8.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from orgchart.actors import BUSINESS_ZONE
from portal.demo import UNITS, stream
from portal.demo.organisation import heads, team
from portal.demo.year import AS_OF

DAYS = tuple(date(2026, 11, day) for day in (9, 10, 11, 12, 13, 16, 17, 18, 19, 20))
WEEKS = (date(2026, 11, 2), date(2026, 11, 9))
_TODAY = (
    "上午走访片区网点，下午回访预警用户",
    "协助经销商店面促销，现场办理 6 户",
    "跟进中小集团组网方案，送资费对比单",
    "到村组收集联络人名单，登记意向 12 户",
    "整理本周发展数据，核对号卡库存",
)
_TOMORROW = (
    "走访未到的二级网点，补齐六个一",
    "到劳务市场设点",
    "与社区联络人上门一对一",
    "随经销商跑两家沿街商户",
)
_ARRANGE = (
    "上午网点、下午集团，顺路安排",
    "九点到店，带齐单页和号卡",
    "请直销经理同去，分两组",
    "先电话预约关键联系人",
)
_BETTER = (
    "话术再练，先讲宽带再讲号卡",
    "提前一天预约，少跑空",
    "把竞争对手价格表带在手上",
    "当天问题当天报，不过夜",
    "向业绩好的同事学店面陈列",
)
_REPLIES = (
    "收到，按计划推进",
    "宽带带动做得好，继续",
    "缺口较大，明天重点盯二级网点",
    "预约的客户先确认再出发",
)
_WEEK = {
    "done": "完成本周走访计划，组织店面促销两场，跟进签约集团",
    "lights": "亮点：促销单场发展超 30 户；不足：二级网点激活慢",
    "plan": "下周走访剩余二级网点，周末两场户外促销",
    "who": "主管负责促销，经理各包一片，直销跟集团",
    "how": "周一定名单，每天下午五点对数",
    "difficulty": "号卡到货晚，部分网点断档",
    "support": "请仓管提前备货，市场岗提供单页",
    "solve": "先从库存足的网点调剂",
    "raise": "以宽带融合提 ARPU，压降促销成本",
}
_WEEK_REPLY = "请把二级网点激活作为下周第一件事，缺货单独报综合仓管"


@dataclass(frozen=True, slots=True)
class Written:
    """A person's day, or a unit's week with its leader as the person; `reply` may be empty."""

    kind: str
    unit: str
    person: str
    first: date
    sent_at: datetime
    answers: dict[str, str]
    reply: str


def people(unit: str) -> list[str]:
    """Return the unit's people, its leader first."""
    return [*heads(unit), *team(unit)]


def summaries() -> list[Written]:
    """Return what was written: nine in ten days, the last ones unanswered; every past week."""
    found = []
    for unit in UNITS:
        random = stream(f"summaries/{unit}")
        leader = people(unit)[0]
        for day in DAYS:
            for person in people(unit):
                picks: Sequence[str] = [
                    random.choice(each) for each in (_TODAY, _TOMORROW, _ARRANGE, _BETTER, _REPLIES)
                ]
                minute, is_written = random.randrange(60), random.random() < 0.9
                is_new = day > AS_OF - timedelta(days=2)
                if not is_written:
                    continue
                answers = dict(zip(("today", "tomorrow", "arrange", "better"), picks, strict=False))
                at = datetime.combine(day, time(17, minute), tzinfo=BUSINESS_ZONE)
                reply = "" if is_new else picks[-1]
                found.append(Written("daily", unit, person, day, at, answers, reply))
        for first in WEEKS:
            at = datetime.combine(first + timedelta(days=5), time(16, 20), tzinfo=BUSINESS_ZONE)
            reply = _WEEK_REPLY if first == WEEKS[0] else ""
            found.append(Written("weekly", unit, leader, first, at, dict(_WEEK), reply))
    return found
