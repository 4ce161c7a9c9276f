"""The acceptance figures of the domain, as data: `example("4_kpi")`."""

import json
from functools import cache
from pathlib import Path
from typing import Any

UNITS = {
    "网格1": "grid1",
    "网格2": "grid2",
    "网格3": "grid3",
    "网格4": "grid4",
    "城乡结合办": "suburban",
    "集团中心": "group",
}
BREAKDOWNS = {"一级": "t1", "二级": "t2", "集团": "group", "老点": "legacy", "合计": "all"}
EVENTS = {"迟报": "late_report", "稽核差错": "audit_finding", "有效投诉": "complaint"}


@cache
def _examples() -> dict[str, Any]:
    path = Path(__file__).with_name("worked_examples.json")
    return json.loads(path.read_text(encoding="utf-8"))


def example(group: str) -> dict[str, Any]:
    """Return one group of the file, e.g. "3_decomposition". Read it, never change it."""
    return _examples()[group]
