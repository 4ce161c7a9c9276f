"""The four forms of appendix 4, their days, and what their answers add up to. Values in, out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

# The day in March by which each form is due (plan §8.3).
DUE = {
    "promotion_plan": (3, 19), "channel_visit": (3, 20), "rival_channel": (3, 28),
    "market": (3, 30),
}  # fmt: skip
NAMES = {
    "promotion_plan": ("促销活动计划表", "Promotion plan"),
    "channel_visit": ("渠道走访摸底表", "Channel-visit survey"),
    "rival_channel": ("竞争对手渠道调查表", "Competitor channels"),
    "market": ("市场环境调查表", "Market environment"),
}
# code, Chinese, English, type, options; the first says what a sheet is about (rules §11: the plan
# names the forms only).
_FIELDS: dict[str, tuple[tuple[str, str, str, str, tuple[str, ...]], ...]] = {
    "promotion_plan": (
        ("name", "活动名称", "Promotion", "text", ()),
        ("day", "日期", "Day", "date", ()),
        ("place", "地点", "Place", "text", ()),
        ("type", "类型", "Type", "choice", ("店面", "户外")),
        ("dealer", "合作经销商", "Dealer", "text", ()),
        ("lead", "负责人", "In charge", "text", ()),
        ("material", "物料", "Material", "text", ()),
        ("users", "预计发展(户)", "Expected users", "number", ()),
        ("budget", "费用预算(元)", "Budget, yuan", "number", ()),
    ),
    "channel_visit": (
        ("outlet", "渠道", "Outlet", "text", ()),
        ("look", "门店形象", "Look of the shop", "choice", ("好", "中", "差")),
        ("sign", "门头", "Shop sign", "yes_no", ()),
        ("counter", "专柜", "Counter of our own", "yes_no", ()),
        ("poster", "海报", "Poster", "yes_no", ()),
        ("leaflets", "单页或价签", "Leaflets or price tags", "yes_no", ()),
        ("promoter", "促销员", "Promoter", "yes_no", ()),
        ("ledger", "台账", "Ledger", "yes_no", ()),
        ("stock", "库存", "Stock", "text", ()),
        ("users", "当月发展(户)", "Users this month", "number", ()),
        ("revenue", "当月收入(元)", "Revenue this month, yuan", "number", ()),
        ("rivals", "竞争对手动态", "Competitor news", "text", ()),
        ("problem", "问题", "Problem", "text", ()),
        ("measure", "措施", "Measure", "text", ()),
        ("again", "复查日期", "Looked at again on", "date", ()),
    ),
    "rival_channel": (
        ("outlet", "渠道名称", "Outlet", "text", ()),
        ("operator", "运营商", "Operator", "choice", ("移动", "电信")),
        ("area", "营业面积(㎡)", "Floor, m²", "average", ()),
        ("staff", "店员(人)", "Staff", "number", ()),
        ("volume", "月放号量(户)", "Users a month", "number", ()),
        ("commission", "单户佣金(元)", "Commission a user, yuan", "average", ()),
        ("deposit", "押金(元)", "Deposit, yuan", "average", ()),
        ("product", "主推产品与资费", "Product and tariff", "text", ()),
        ("advertising", "广告", "Advertising", "text", ()),
        ("promotion", "有现场促销", "Promotes on the spot", "yes_no", ()),
        ("credit", "允许赊销", "Sells on credit", "yes_no", ()),
        ("large", "集团客户动向", "Its large customers", "text", ()),
    ),
    "market": (
        ("area", "乡镇街道", "Township or street", "text", ()),
        ("population", "人口(人)", "Population", "number", ()),
        ("households", "户数(户)", "Households", "number", ()),
        ("villages", "行政村(个)", "Villages", "number", ()),
        ("firms", "企业(家)", "Firms", "number", ()),
        ("schools", "学校(所)", "Schools", "number", ()),
        ("communities", "小区(个)", "Communities", "number", ()),
        ("ports", "小区端口(个)", "Ports in communities", "number", ()),
        ("ours", "本公司占有率(%)", "Our share, %", "average", ()),
        ("mobile", "移动占有率(%)", "Share of Mobile, %", "average", ()),
        ("telecom", "电信占有率(%)", "Share of Telecom, %", "average", ()),
        ("sites", "工地与劳务市场(处)", "Sites and labour markets", "number", ()),
        ("centre", "商圈", "Shopping areas", "text", ()),
    ),
}
_REQUIRED = {
    "promotion_plan": {"day", "place", "type", "users", "budget"},
    "channel_visit": {"look", "sign", "counter", "poster", "leaflets", "promoter", "ledger"},
    "rival_channel": {"operator"},
    "market": {"population", "households"},
}


@dataclass(frozen=True, slots=True)
class Share:
    """A yes-or-no question: how many said yes of how many who answered."""

    yes: int
    answered: int

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.yes, self.answered) if self.answered else None


def default_fields(kind: str) -> list[dict[str, Any]]:
    """Return the fields of a form as the department had them before it changed any."""
    return [
        {
            "code": code, "zh": zh, "en": en, "type": type_, "options": list(options),
            "required": place == 0 or code in _REQUIRED[kind],
        }
        for place, (code, zh, en, type_, options) in enumerate(_FIELDS[kind])
    ]  # fmt: skip


def due_day(kind: str, today: date) -> date:
    """Return the next day by which the plan wants the form, today included."""
    month, day = DUE[kind]
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else this_year.replace(year=today.year + 1)


def numbers(answers: Iterable[Mapping[str, Any]], code: str) -> list[Decimal]:
    """Return the numbers that were answered; an empty answer is none, never zero."""
    found = (each.get(code) for each in answers)
    return [Decimal(str(value)) for value in found if value not in (None, "")]


def total(values: Sequence[Decimal]) -> Decimal | None:
    """Return the sum; None where nobody answered."""
    return sum(values, Decimal(0)) if values else None


def mean(values: Sequence[Decimal]) -> Fraction | None:
    """Return the exact mean; None where nobody answered."""
    return Fraction(sum(values, Decimal(0))) / len(values) if values else None


def share(answers: Iterable[Mapping[str, Any]], code: str) -> Share:
    """Return how many said yes; who did not answer counts on neither side."""
    found = [each.get(code) for each in answers]
    answered = [value for value in found if isinstance(value, bool)]
    return Share(sum(answered), len(answered))


def chosen(
    answers: Iterable[Mapping[str, Any]], code: str, options: Sequence[str]
) -> dict[str, int]:
    """Return option → how often it was chosen, in the form's order."""
    found = [each.get(code) for each in answers]
    return {option: found.count(option) for option in options}
