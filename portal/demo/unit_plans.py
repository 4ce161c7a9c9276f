"""The demo's unit plans (plan §8.3): what four managers wrote for November and for the year."""

from datetime import date
from typing import Any

from portal.demo import YEAR

SHORT_MONTH = date(YEAR, 11, 1)
SHORT_WRITTEN, LONG_WRITTEN = date(YEAR, 11, 3), date(YEAR, 1, 12)

# Holiday promotions in shops, outdoor promotions (users), measures.
SHORT: dict[str, tuple[int, int, str]] = {
    "grid1": (60, 40, "双十一周末与宏达、天天卖场联合促销"),
    "grid2": (80, 0, "周六一级网点店面促销，二级网点补货"),
    "grid4": (90, 120, "劳务市场与社区各办两场户外促销"),
    "suburban": (0, 150, "四个乡赶集日户外促销"),
}
# Contracts, promotions, users by promotions, partner outlets, exclusive shops, supply shops,
# groups, measures.
LONG: dict[str, tuple[Any, ...]] = {
    "grid1": (4200, 24, 1400, 1, 2, 6, 8, "两大卖场外再建专营店"),
    "grid2": (3900, 24, 1300, 1, 1, 6, 7, ""),
    "suburban": (3000, 40, 2600, 0, 1, 14, 20, "每村一个联络人"),
    "group": (9000, 12, 600, 0, 0, 0, 60, "信息人制度，专人专项跟进"),
}
