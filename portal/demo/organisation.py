"""The demo's units, posts with their duties, people and supervisors (rules §13.1)."""

from datetime import date

from orgchart.models import Role, UnitKind
from portal.book.organisation import Person, Placement, Post, Supervision, Tenure, Unit
from portal.demo import DISTRICT, GRIDS, YEAR, stream

OPENED = date(2024, 1, 1)
START = date(YEAR, 1, 1)
# The named supervisors of grids 3 and 4 changed places; grid 4 improves from then on.
SWAPPED = date(YEAR, 6, 1)

_UNITS = (
    (DISTRICT, UnitKind.DISTRICT, "XX区营销部", "XX district sales department", "XX区", "XX"),
    (
        "support", UnitKind.SUPPORT_CENTER, "综合后勤支撑中心", "Support centre",
        "支撑中心", "Support",
    ),
    ("grid1", UnitKind.GRID, "网格1", "Grid 1", "", ""),
    ("grid2", UnitKind.GRID, "网格2", "Grid 2", "", ""),
    ("grid3", UnitKind.GRID, "网格3", "Grid 3", "", ""),
    ("grid4", UnitKind.GRID, "网格4", "Grid 4", "", ""),
    (
        "suburban", UnitKind.SUBURBAN_OFFICE, "城乡结合办事处", "Urban-rural office",
        "城乡结合办", "Urban-rural",
    ),
    ("group", UnitKind.GROUP_CENTER, "集团中心", "Group-customer centre", "集团中心", "Group"),
)  # fmt: skip

_UNWRITTEN = ("计划书附录 1 尚未写明。", "Not yet written in appendix 1 of the plan.")
_HEAD_DUTIES = (
    "按计划建设各级渠道\n一级经销商（含网吧）的建设、管理与服务\n指导片区经理做好渠道管理与阶段性促销\n"
    "指导直销经理发展集团客户、中高端客户、高忠诚度客户\n人员管理、业务统计分析与业绩考核\n"
    "卡类物资、手机终端、固定资产与现金流管理\n经销商培训、业务学习与政策传达\n指定固网、宽带专干",
    "Build all channels as planned\n"
    "Build, manage and serve tier 1 dealers (internet cafés included)\n"
    "Direct the area managers in channel management and staged promotions\n"
    "Direct the direct-sales managers with group, high-value and loyal customers\n"
    "People, business statistics and appraisal\n"
    "Cards and materials, handsets, fixed assets and cash flow\n"
    "Dealer training, study and policy\nName a person for fixed line and broadband",
)
_POSTS = (
    ("leader", "区部领导", "District leader", Role.HEAD, *_UNWRITTEN),
    (
        "market_service", "市场、客服", "Market and customer service", Role.STAFF,
        "一级经销商综合管理与服务支撑\n客服投诉受理\n宣传广告管理与审核\n营销方案策划与执行\n数据统计整理与分析",
        "Management and service support of tier 1 dealers\nComplaints\n"
        "Publicity and advertising: management and review\nPlanning and running of campaigns\n"
        "Statistics and analysis",
    ),
    (
        "store", "综合、仓管", "General affairs and store", Role.CLERK,
        "综合事务管理\n仓库管理与物资申领、分配、发放\n经销商佣金制作、申报审批",
        "General affairs\nStore: requests, allotment and issue of materials\n"
        "Making dealer commissions and filing them for approval",
    ),
    (
        "audit", "稽核", "Audit", Role.AUDITOR,
        "经销商营收款稽核\n号源管理\n经销点原单稽核\n各网格卡类、终端等进出存报表制作及营收款稽核",
        "Audit of dealers’ receipts\nNumber resources\nAudit of outlets’ original forms\n"
        "Stock reports of cards and handsets of each grid, and audit of their receipts",
    ),
    (
        "office", "综合内勤", "General office", Role.CLERK,
        "网格经理、直销经理佣金制作、申报审批\n各项业务发展数据统计与通报\n集团中心后勤支撑\n综合事务",
        "Making grid and direct-sales managers’ commissions and filing them for approval\n"
        "Statistics and bulletins\nSupport of the group-customer centre\nGeneral affairs",
    ),
    ("group_director", "集团中心主任", "Director, group centre", Role.MANAGER,
     "维持现行职责不变", "Present duties stay as they are"),
    ("group_manager", "集团经理", "Group manager", Role.STAFF, *_UNWRITTEN),
    ("office_director", "办事处主任", "Director, urban-rural office", Role.MANAGER, *_HEAD_DUTIES),
    ("grid_head", "网格主管", "Grid head", Role.MANAGER, *_HEAD_DUTIES),
    ("grid_manager", "网格经理", "Grid manager", Role.MANAGER, *_UNWRITTEN),
    ("direct_sales", "直销经理", "Direct-sales manager", Role.STAFF, *_UNWRITTEN),
    ("it", "系统管理员", "System administrator", Role.ADMIN, *_UNWRITTEN),
)  # fmt: skip

# (post, unit, how many); the four group managers more than in the chart came from the halls.
_PLACES = (
    ("leader", DISTRICT, 2), ("market_service", "support", 1), ("store", "support", 1),
    ("audit", "support", 1), ("office", "support", 1),
    ("group_director", "group", 1), ("group_manager", "group", 6),
    ("office_director", "suburban", 1), ("grid_manager", "suburban", 3),
    ("direct_sales", "suburban", 4),
    *((post, grid, many) for grid in GRIDS
      for post, many in (("grid_head", 1), ("grid_manager", 2), ("direct_sales", 1))),
    ("it", "support", 1),
)  # fmt: skip
PEOPLE_OF_THE_PLAN = 37  # beside them one system administrator

_SURNAMES = (
    ("林", "Lin"), ("苏", "Su"), ("顾", "Gu"), ("叶", "Ye"), ("程", "Cheng"), ("沈", "Shen"),
    ("方", "Fang"), ("许", "Xu"), ("韩", "Han"), ("罗", "Luo"), ("梁", "Liang"), ("宋", "Song"),
    ("唐", "Tang"), ("冯", "Feng"), ("董", "Dong"), ("萧", "Xiao"), ("田", "Tian"), ("姜", "Jiang"),
    ("石", "Shi"), ("白", "Bai"),
)  # fmt: skip
_GIVEN = (
    ("知远", "Zhiyuan"), ("若溪", "Ruoxi"), ("景行", "Jingxing"), ("文澜", "Wenlan"),
    ("书宁", "Shuning"), ("子衡", "Ziheng"), ("明岚", "Minglan"), ("亦舟", "Yizhou"),
    ("嘉禾", "Jiahe"), ("望舒", "Wangshu"), ("修齐", "Xiuqi"), ("清和", "Qinghe"),
    ("立言", "Liyan"), ("安澜", "Anlan"), ("思齐", "Siqi"), ("云帆", "Yunfan"),
    ("晓棠", "Xiaotang"), ("仲谦", "Zhongqian"), ("语桐", "Yutong"), ("以宁", "Yining"),
)  # fmt: skip

# Account names by person; whoever has none works without one.
ACCOUNTS = {
    "head": "leader-1", "clerk": "office-1", "auditor": "audit-1", "admin": "it-1",
    "supervisor": "market_service-1", "staff": "grid1-direct_sales-1",
    "group": "group-group_director-1", "suburban": "suburban-office_director-1",
    **{grid: f"{grid}-grid_head-1" for grid in GRIDS},
}  # fmt: skip


def units() -> tuple[Unit, ...]:
    return tuple(
        Unit(
            code=code, kind=kind, name_zh=zh, name_en=en, short_zh=short_zh, short_en=short_en,
            position=position, opened_on=OPENED,
        )
        for position, (code, kind, zh, en, short_zh, short_en) in enumerate(_UNITS)
    )  # fmt: skip


def placements() -> tuple[Placement, ...]:
    return tuple(
        Placement(unit=code, parent=DISTRICT, valid_from=OPENED)
        for code, *_rest in _UNITS
        if code != DISTRICT
    )


def posts() -> tuple[Post, ...]:
    return tuple(
        Post(
            code=code, name_zh=zh, name_en=en, role=role, duties_zh=duties_zh,
            duties_en=duties_en, position=position,
        )
        for position, (code, zh, en, role, duties_zh, duties_en) in enumerate(_POSTS)
    )  # fmt: skip


def _seats() -> list[tuple[str, str, str]]:
    """Return (person code, post, unit) of everybody."""
    seats = []
    for post, unit, many in _PLACES:
        stem = post if unit in (DISTRICT, "support") else f"{unit}-{post}"
        seats += [(f"{stem}-{n}", post, unit) for n in range(1, many + 1)]
    return seats


def people() -> tuple[Person, ...]:
    random = stream("people")
    names = [(s, g) for s in _SURNAMES for g in _GIVEN]
    random.shuffle(names)
    found: list[Person] = []
    used: set[str] = set()
    for code, _post, _unit in _seats():
        surname, given = next(pair for pair in names if pair[1][0] not in used or len(used) > 19)
        names.remove((surname, given))
        used.add(given[0])
        found.append(
            Person(
                code=code,
                name_zh=surname[0] + given[0],
                name_en=f"{given[1]} {surname[1]}",
                phone=f"1300000{len(found) + 1:04d}",
            )
        )
    return tuple(found)


def tenures() -> tuple[Tenure, ...]:
    return tuple(
        Tenure(person=person, post=post, unit=unit, valid_from=START)
        for person, post, unit in _seats()
    )


def supervisions() -> tuple[Supervision, ...]:
    """One supervisor per unit: two leaders and the four posts of the support centre."""
    until = SWAPPED.replace(month=5, day=31)
    return (
        Supervision(unit="grid1", person="leader-1", valid_from=START),
        Supervision(unit="grid2", person="market_service-1", valid_from=START),
        Supervision(unit="grid3", person="audit-1", valid_from=START, valid_to=until),
        Supervision(unit="grid4", person="store-1", valid_from=START, valid_to=until),
        Supervision(unit="suburban", person="office-1", valid_from=START),
        Supervision(unit="group", person="leader-2", valid_from=START),
        Supervision(unit="grid3", person="store-1", valid_from=SWAPPED),
        Supervision(unit="grid4", person="audit-1", valid_from=SWAPPED),
    )


def account_managers(unit: str) -> list[str]:
    """Return the people who look after the dealers of a unit."""
    post = "group_manager" if unit == "group" else "grid_manager"
    return [person for person, held, where in _seats() if (held, where) == (post, unit)]


_HEADS = {"group_director", "office_director", "grid_head"}


def team(unit: str) -> list[str]:
    """Return the people of a unit other than its head."""
    return [person for person, post, where in _seats() if where == unit and post not in _HEADS]


def heads(unit: str) -> list[str]:
    """Return who leads a unit."""
    return [person for person, post, where in _seats() if where == unit and post in _HEADS]
