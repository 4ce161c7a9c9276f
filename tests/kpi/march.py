"""March of worked example 4 in a small district, through the services that users use."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from kpi.models import Scorecard
from kpi.rules.scoring import Rule
from kpi.services.actuals import save_actuals
from kpi.services.entered import CellEntry
from kpi.services.entries import ItemEntry
from kpi.services.events import note_event
from kpi.services.scorecards import publish_scorecard, save_scorecard
from kpi.services.scoring import rescore
from orgchart.models import UnitKind
from targets.models import Task
from tests.district import MARCH, NOW, START, District
from tests.kpi.scheme import EXAMPLE, RULES
from tests.worked_examples import EVENTS, UNITS, example

INDICATORS = {
    "K1": "mobile_revenue",
    "K2": "mobile_gross_adds",
    "K3": "mobile_net_adds",
    "K4": "fixed_net_adds",
    "K5": "effective_rate",
    "K6": "churn_rate",
    "K7": "channel_visits",
    "K8": None,
}
KINDS = [UnitKind.GRID, UnitKind.SUBURBAN_OFFICE, UnitKind.GROUP_CENTER]


def _params(rule: Rule, raw: dict[str, str]) -> dict[str, Any]:
    if rule is Rule.BANDS:
        return {"bands": [["0.16", "10"], ["0.14", "8"], ["0.12", "6"], ["0.10", "3"], [None, "0"]]}
    if rule is Rule.DEDUCTION:
        return {"per": {EVENTS[name]: price for name, price in raw.items()}}
    return {name: raw[name] for name in ("cap", "floor") if name in raw}


def entries() -> list[ItemEntry]:
    """The scorecard's items as a person would write them."""
    items = [
        ItemEntry(
            code=row["code"],
            name_zh=row["指标"],
            rule=RULES[row["计分"]],
            indicator=INDICATORS[row["code"]],
            weight=Decimal(row["权重"]),
            params=_params(RULES[row["计分"]], row["参数"]),
        )
        for row in EXAMPLE["indicators"]
    ]
    bonus = ItemEntry(
        code="B1",
        role="bonus",
        name_zh="新增集团单位",
        rule="bonus",
        params={"per": {"new_group": "0.5"}, "cap": "3"},
    )
    return [*items, bonus]


def publish_card(
    district: District,
    zero_target: str = "spread",
    code: str = "v1",
    tie_breaks: tuple[str, ...] = (),
) -> Scorecard:
    """Write and publish the example's scorecard, in force from January."""
    parting = {code: n for n, code in enumerate(tie_breaks, start=1)}
    card = save_scorecard(
        district=district.root,
        code=code,
        name_zh="六单元评分办法",
        unit_kinds=KINDS,
        valid_from=START,
        zero_target=zero_target,
        items=[replace(one, tie_break=parting.get(one.code)) for one in entries()],
        by=district.people["head"],
        at=NOW,
    )
    head = district.people["head"]
    return publish_scorecard(scorecard=card, by=head, at=NOW, may_reach_back=True)


def figures() -> dict[tuple[str, str, str], tuple[Decimal, Decimal]]:
    """(unit, indicator, breakdown) → task and actual, split by product where entered so."""
    money = {
        UNITS[row["业务单元"]]: (
            Decimal(row["总收入任务(万元)"]),
            Decimal(row["总收入完成(万元)"]),
        )
        for row in example("5_subsidy")["rows"]
    }
    found: dict[tuple[str, str, str], tuple[Decimal, Decimal]] = {}
    for name, case in EXAMPLE["base_case"].items():
        unit = UNITS[name]
        for code, line in case["items"].items():
            given, indicator = line["数据"], INDICATORS[code]
            if "T" not in given or indicator is None:
                continue
            task, actual = Decimal(given["T"]), Decimal(given["A"])
            if indicator == "fixed_net_adds":
                first = task // 3, actual // 3
                found[unit, indicator, "fixed_line"] = first
                found[unit, indicator, "broadband"] = task - first[0], actual - first[1]
            else:
                found[unit, indicator, "all"] = task, actual
        revenue = found[unit, "mobile_revenue", "all"]
        found[unit, "fixed_revenue", "all"] = (
            money[unit][0] - revenue[0],
            money[unit][1] - revenue[1],
        )
    return found


def cell(
    district: District,
    unit: str,
    indicator: str,
    value: str | Decimal | None,
    *,
    breakdown: str = "all",
    month: date = MARCH,
    version: int | None = None,
    as_of: date = date(2026, 3, 31),
    reason: str = "",
) -> CellEntry:
    """An entry by codes."""
    return CellEntry(
        unit_id=district.units[unit].pk,
        indicator_id=district.indicators[indicator].pk,
        breakdown_id=district.breakdowns[breakdown].pk,
        month=month,
        value=None if value is None else Decimal(value),
        as_of=as_of,
        version=version,
        reason=reason,
    )


def set_task(district: District, unit: str, indicator: str, value: Any, **key: Any) -> None:
    """Write one task."""
    Task.objects.update_or_create(
        month=key.get("month", MARCH),
        unit=district.units[unit],
        indicator=district.indicators[indicator],
        breakdown=district.breakdowns[key.get("breakdown", "all")],
        defaults={"value": value},
    )


def report_march(district: District, *, without: tuple[tuple[str, str], ...] = ()) -> None:
    """Set the tasks, report the actuals but those of `without`, and note the events."""
    known = {key: pair for key, pair in figures().items() if key[0] in district.units}
    Task.objects.bulk_create(
        Task(
            month=MARCH,
            unit=district.units[unit],
            indicator=district.indicators[indicator],
            breakdown=district.breakdowns[breakdown],
            value=task,
        )
        for (unit, indicator, breakdown), (task, _) in known.items()
    )
    save_actuals(
        district=district.root,
        cells=[
            cell(district, unit, indicator, actual, breakdown=breakdown)
            for (unit, indicator, breakdown), (_, actual) in known.items()
            if (unit, indicator) not in without
        ],
        by=district.people["clerk"],
        at=NOW,
    )
    for name, case in EXAMPLE["base_case"].items():
        happened = {EVENTS[k]: int(v) for k, v in case["items"]["K8"]["数据"].items()}
        if groups := int(Decimal(case["加分"]) * 2):
            happened["new_group"] = groups
        for kind, count in happened.items():
            if UNITS[name] in district.units:
                note_event(
                    unit=district.units[UNITS[name]],
                    month=MARCH,
                    kind=kind,
                    count=count,
                    by=district.people["auditor"],
                    at=NOW,
                )


def score(district: District) -> None:
    """Re-score March as the job does."""
    rescore(district_id=district.root.pk, month=MARCH)
