"""The demo's indicators with their definition cards, and what they are made of (rules §1)."""

from portal.book.planning import Breakdown, Indicator, Term
from targets.models import Dimension, Direction, Rollup

_W, _P, _NONE = Dimension.WHOLE, Dimension.PRODUCT, ""
_BSS = ("计费系统月度出账", "Billing system, monthly run")
_CRM = ("营业受理系统", "Order system")
_OFFICE = ("综合内勤", "General office")
_DUE = ("次月 2 日前", "By the 2nd of the following month")

# code, zh, en, short zh, short en, measure zh, en, decimals, percent, roll-up, down, entry,
# definition zh, en, source
_ROWS = (
    ("total_revenue", "总收入（主营）", "Total revenue", "总收入", "Total revenue",
     "万元", "CNY 10k", 2, False, Rollup.SUM, False, _NONE,
     "移动业务开账收入 + 固网业务主营收入。", "Mobile billed revenue + fixed-network revenue.",
     _BSS),
    ("mobile_revenue", "移动业务开账收入", "Mobile billed revenue", "移动收入", "Mobile revenue",
     "万元", "CNY 10k", 2, False, Rollup.SUM, False, _W,
     "当月移动用户出账金额，扣减赠费、退费。老点收入记在区部。",
     "Billed to mobile users in the month, net of gifts and refunds. Legacy outlets count at the "
     "district.", _BSS),
    ("fixed_revenue", "固网业务主营收入", "Fixed-network revenue", "固网收入", "Fixed revenue",
     "万元", "CNY 10k", 2, False, Rollup.SUM, False, _W,
     "固话、宽带、DIA 专线的主营收入。", "Fixed lines, broadband and dedicated access.", _BSS),
    ("mobile_gross_adds", "移动用户发展", "Mobile gross adds", "移动发展", "Gross adds",
     "户", "users", 0, False, Rollup.SUM, False, _W,
     "当月新入网用户：协议 + 激活。", "New users of the month: contracts + activations.", _CRM),
    ("mobile_net_adds", "移动用户净增", "Mobile net adds", "移动净增", "Net adds", "户", "users",
     0, False, Rollup.SUM, False, _W,
     "发展 − 离网，也等于期末 − 期初。", "Gross adds − lost users, which is closing − opening.",
     _CRM),
    ("fixed_gross_adds", "固话、宽带发展用户", "Fixed gross adds", "固网发展", "Fixed gross adds",
     "户", "users", 0, False, Rollup.SUM, False, _NONE,
     "新装固话与宽带，只列年度目标。", "New lines and broadband; an annual target only.", _CRM),
    ("fixed_net_adds", "固话、宽带净增用户", "Fixed net adds", "固网净增", "Fixed net adds",
     "户", "users", 0, False, Rollup.SUM, False, _P,
     "固话净增 + 宽带净增。", "Net adds of fixed lines + of broadband.", _CRM),
    ("effective_rate", "有效发展率", "Effective rate", "有效率", "Effective rate", "%", "%",
     2, True, Rollup.RATIO, False, _NONE,
     "净增 ÷ 发展（口径 A，用于计划与考核；质量口径 B 另列）。",
     "Net adds ÷ gross adds (measure A).", _CRM),
    ("churn_rate", "离网率", "Churn rate", "离网率", "Churn", "%", "%",
     2, True, Rollup.LAST, True, _W,
     "当月离网用户 ÷ 平均出账用户，越低越好。", "Users lost ÷ mean billed users; lower is better.",
     _CRM),
    ("channel_visits", "渠道走访", "Channel visits", "走访", "Visits", "家", "outlets",
     0, False, Rollup.SUM, False, _W,
     "当月走访的网点数，以走访记录为准。", "Outlets visited in the month, by visit records.",
     ("走访记录", "Visit records")),
    ("billed_users", "出账用户数", "Billed users", "出账用户", "Billed users", "户", "users",
     0, False, Rollup.LAST, False, _W,
     "月末有账单的移动用户。", "Mobile users with a bill at the month’s end.", _BSS),
    ("arpu", "移动 ARPU", "Mobile ARPU", "ARPU", "ARPU", "元", "yuan",
     2, False, Rollup.RATIO, False, _NONE,
     "移动业务开账收入 ÷ 平均出账用户；平均 =（期初 + 期末）÷ 2，期初 = 期末 − 净增。"
     "全年用各月平均的平均数。分母为 0 时记“—”。",
     "Mobile billed revenue ÷ mean billed users; mean = (opening + closing) ÷ 2, opening = closing "
     "− net adds. A year takes the mean of its months. “—” over 0.", _BSS),
    *(
        (*names, measure, english, decimals, percent, rollup, False, _NONE, zh, en, source)
        for names, measure, english, decimals, percent, rollup, zh, en, source in (
            (("mobile_service_revenue", "移动通信开账收入", "Mobile service revenue", "通信收入",
              "Service revenue"), "万元", "CNY 10k", 2, False, Rollup.SUM,
             "移动业务开账收入中的通信部分，只列年度目标。",
             "Calls, messages and access; an annual target only.", _BSS),
            (("mobile_vas_revenue", "移动增值业务开账收入", "Value-added revenue", "增值收入",
              "Value-added"), "万元", "CNY 10k", 2, False, Rollup.SUM,
             "移动业务开账收入中的增值部分，只列年度目标。",
             "Value-added services; an annual target only.", _BSS),
            (("average_billed_users", "年平均出账用户", "Average billed users", "平均用户",
              "Average users"), "户", "users", 0, False, Rollup.SUM,
             "年初与年末出账用户的平均数；上年为各月平均。",
             "The mean of opening and closing users; of last year, of its months.", _BSS),
            (("quality_rate", "有效发展率（口径 B）", "Effective rate (measure B)", "质量有效率",
              "Quality rate"), "%", "%", 2, True, Rollup.RATIO,
             "（发展总量 − 无效用户数）÷ 发展总量；降套、销户、三无、极低任一即无效。",
             "(Gross adds − users of no use) ÷ gross adds; one criterion is enough.", _CRM),
            (("campus_broadband_revenue", "高校市场宽带收入", "Campus broadband revenue",
              "高校宽带", "Campus"), "万元", "CNY 10k", 2, False, Rollup.SUM,
             "固网主营收入中的高校市场宽带，只列年度目标。",
             "Broadband of universities; an annual target only.", _BSS),
            (("other_fixed_revenue", "其他渠道固网收入", "Other fixed revenue", "其他固网",
              "Other fixed"), "万元", "CNY 10k", 2, False, Rollup.SUM,
             "固网主营收入中的其他渠道，只列年度目标。",
             "Fixed network through other channels; an annual target only.", _BSS),
            (("fixed_billed_users", "固网出账用户", "Fixed billed users", "固网用户",
              "Fixed users"), "户", "users", 0, False, Rollup.LAST,
             "年末有账单的固话与宽带用户，只列年度目标。",
             "Lines and broadband with a bill at the year’s end; an annual target only.", _BSS),
        )
    ),
    ("lost_users", "离网用户", "Lost users", "离网", "Lost", "户", "users",
     0, False, Rollup.SUM, True, _NONE,
     "发展 − 净增。", "Gross adds − net adds.", _CRM),
    ("opening_users", "期初出账用户", "Opening billed users", "期初用户", "Opening", "户", "users",
     0, False, Rollup.FIRST, False, _NONE,
     "期末出账用户 − 净增。", "Closing billed users − net adds.", _BSS),
    ("average_users", "月平均出账用户", "Mean users of the month", "月平均用户", "Mean users",
     "户", "users",
     1, False, Rollup.MEAN, False, _NONE,
     "（期初 + 期末）÷ 2；全年为各月平均的平均数。",
     "(Opening + closing) ÷ 2; a year takes the mean of its months.", _BSS),
    ("average_churn", "离网率（平均用户口径）", "Churn on mean users", "月离网率", "Mean churn",
     "%", "%", 2, True, Rollup.RATIO, True, _NONE,
     "离网用户 ÷ 平均出账用户。", "Lost users ÷ mean billed users.", _BSS),
    ("new_groups", "新增集团", "New groups", "新增集团", "New groups", "家", "groups",
     0, False, Rollup.SUM, False, _NONE,
     "当年签约并开通业务的中小集团、村组集团、大众集团，只列客户群目标。",
     "Business, village and mass groups signed and in service; a target of segments only.", _CRM),
    ("invalid_users", "无效用户", "Invalid users", "无效用户", "Invalid", "户", "users",
     0, False, Rollup.SUM, True, _W,
     "当月发展用户中降套、销户、三无、极低任一命中的，一户只计一次。",
     "Of the month’s new users those downgraded, closed, idle or of very low use; each once.",
     _CRM),
)  # fmt: skip
_NEGATIVE = {"mobile_net_adds", "fixed_net_adds"}  # more may leave than come
_TERMS = (
    ("total_revenue", "mobile_revenue", "n", 1), ("total_revenue", "fixed_revenue", "n", 1),
    ("effective_rate", "mobile_net_adds", "n", 1), ("effective_rate", "mobile_gross_adds", "d", 1),
    ("arpu", "mobile_revenue", "n", 20_000),
    ("arpu", "billed_users", "d", 2), ("arpu", "mobile_net_adds", "d", -1),
    ("quality_rate", "mobile_gross_adds", "n", 1),
    ("quality_rate", "invalid_users", "n", -1),
    ("quality_rate", "mobile_gross_adds", "d", 1),
    ("lost_users", "mobile_gross_adds", "n", 1), ("lost_users", "mobile_net_adds", "n", -1),
    ("opening_users", "billed_users", "n", 1), ("opening_users", "mobile_net_adds", "n", -1),
    ("average_users", "billed_users", "n", 2), ("average_users", "mobile_net_adds", "n", -1),
    ("average_churn", "mobile_gross_adds", "n", 2), ("average_churn", "mobile_net_adds", "n", -2),
    ("average_churn", "billed_users", "d", 2), ("average_churn", "mobile_net_adds", "d", -1),
)  # fmt: skip
_BREAKDOWNS = (
    ("all", Dimension.WHOLE, "合计", "Total"),
    ("t1", Dimension.TIER, "一级", "Tier 1"),
    ("t2", Dimension.TIER, "二级", "Tier 2"),
    ("group", Dimension.TIER, "集团", "Group"),
    ("legacy", Dimension.TIER, "老点", "Legacy"),
    ("fixed_line", Dimension.PRODUCT, "固话", "Fixed line"),
    ("broadband", Dimension.PRODUCT, "宽带", "Broadband"),
    ("mass", Dimension.SEGMENT, "大众", "Mass market"),
    ("public", Dimension.SEGMENT, "公众", "Public"),
    ("group_customers", Dimension.SEGMENT, "集团客户", "Group customers"),
    ("township", Dimension.SEGMENT, "乡镇", "Townships"),
    ("labour", Dimension.SEGMENT, "劳务市场", "Labour market"),
    ("direct", Dimension.SEGMENT, "大众直销", "Mass direct sale"),
)


def breakdowns() -> tuple[Breakdown, ...]:
    return tuple(
        Breakdown(code=code, dimension=dimension, name_zh=zh, name_en=en, position=position)
        for position, (code, dimension, zh, en) in enumerate(_BREAKDOWNS)
    )


def indicators() -> tuple[Indicator, ...]:
    derived = {indicator for indicator, *_rest in _TERMS}
    return tuple(
        Indicator(
            code=code, name_zh=zh, name_en=en, short_zh=short_zh, short_en=short_en,
            measure_zh=measure_zh, measure_en=measure_en, decimals=decimals, is_percent=percent,
            rollup=rollup, direction=Direction.DOWN if down else Direction.UP,
            is_derived=code in derived, divisor=2 if code == "average_users" else 1,
            may_be_negative=code in _NEGATIVE, entry=entry,
            position=position,
            definition_zh=definition_zh, definition_en=definition_en,
            source_zh=source[0], source_en=source[1], owner_zh=_OFFICE[0], owner_en=_OFFICE[1],
            due_zh=_DUE[0], due_en=_DUE[1],
        )
        for position, (
            code, zh, en, short_zh, short_en, measure_zh, measure_en, decimals, percent, rollup,
            down, entry, definition_zh, definition_en, source,
        ) in enumerate(_ROWS)
    )  # fmt: skip


def terms() -> tuple[Term, ...]:
    """Return the terms; whatever is not derived is its own single term."""
    derived = {indicator for indicator, *_rest in _TERMS}
    own = [(row[0], row[0], "n", 1) for row in _ROWS if row[0] not in derived]
    return tuple(
        Term(
            indicator=indicator,
            source=source,
            side=side,
            sign="+" if factor > 0 else "-",
            factor=abs(factor),
        )
        for indicator, source, side, factor in (*_TERMS, *own)
    )
