"""The bulletin of 17 March (worked example 8) in a small district, through the services."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from kpi.models import Month
from kpi.services.daily import DailyEntry, save_daily
from orgchart.models import Person
from targets.models import Task, TaskSheet
from tests.district import MARCH, NOW, District
from tests.kpi import march
from tests.worked_examples import UNITS, example

EXAMPLE = example("8_pace")
ROWS = {UNITS[row["单元"]]: row for row in EXAMPLE["unit_bulletin_3月17日"]}
AS_OF = date(2026, 3, 17)
GROSS = "mobile_gross_adds"
CALENDARS = {"自然日": "natural", "周一至周六": "mon_sat", "周一至周五": "mon_fri"}


def entry(
    district: District,
    unit: str,
    day: date,
    value: str | int | None,
    version: int | None = None,
    note: str = "",
    indicator: str = GROSS,
) -> DailyEntry:
    return DailyEntry(
        district.units[unit].pk, district.indicators[indicator].pk,
        district.breakdowns["all"].pk, day, None if value is None else Decimal(value), version,
        note,
    )  # fmt: skip


def save(district: District, *entries: DailyEntry, by: Person | None = None) -> None:
    save_daily(district=district.root, entries=entries, by=by or district.people["clerk"], at=NOW)


def report(district: District, day: date, figures: Mapping[str, int]) -> None:
    """Report a day of every unit, opening its month."""
    Month.objects.get_or_create(district=district.root, month=day.replace(day=1))
    save(district, *[entry(district, unit, day, value) for unit, value in figures.items()])


def shared(total: int) -> dict[str, int]:
    """Split a total over the units, the odd ones to the first."""
    part, odd = divmod(total, len(ROWS))
    return {unit: part + (n < odd) for n, unit in enumerate(ROWS)}


def build(district: District) -> None:
    """Set the year's tasks and report 17 March, the same day of February and of last March.

    The units have their tasks of March; the other months' tasks, and the 11 480 of January and
    February, stand at grid 1: only their sums matter to the example.
    """
    months = example("3_decomposition")["3A_发展用户_70000户_row_first"]["月合计(推出)"]
    for number, total in enumerate(months, start=1):
        if number != MARCH.month:
            march.set_task(district, "grid1", GROSS, total, month=MARCH.replace(month=number))
    for unit, row in ROWS.items():
        march.set_task(district, unit, GROSS, row["任务"])
    assert sum(task.value for task in Task.objects.filter(month=MARCH)) == 6159

    season = example("3_decomposition")["weights"]["季节%发展"]
    TaskSheet.objects.create(
        plan=district.plan, code="4-2", name_zh="发展", indicator=district.indicators[GROSS],
        season=season,
    )  # fmt: skip

    base = EXAMPLE["bulletin_row"]
    report(district, date(2025, 3, 17), shared(_base(base, "同比")))
    report(district, date(2026, 1, 31), {"grid1": 6740})
    report(district, date(2026, 2, 17), shared(_base(base, "环比")))
    report(district, date(2026, 2, 28), {"grid1": 4740})
    eve = {unit: row["累计"] for unit, row in ROWS.items()}
    eve["suburban"] -= base["当日"]
    report(district, date(2026, 3, 16), eve)
    report(district, AS_OF, {unit: row["累计"] for unit, row in ROWS.items()})


def _base(row: Mapping[str, str], name: str) -> int:
    """Read 2890 out of "环比(上月同期2890)"."""
    key = next(key for key in row if key.startswith(f"{name}(") and key[-2].isdigit())
    return int("".join(character for character in key if character.isdigit()))
