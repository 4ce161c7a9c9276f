"""The plan of a year: opened, its annual targets saved, released version by version."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart import audit
from orgchart.errors import Doubtful, Fault, Invalid, Locked, VersionConflict
from orgchart.models import Person, Unit
from targets.amounts import LIMIT, plain
from targets.models import (
    AnnualTarget,
    Driver,
    Indicator,
    Plan,
    PlanRelease,
    PlanState,
    TaskSheet,
)
from targets.queries.history import last_change
from targets.queries.plans import annual_table, layer_figure, snapshot
from targets.queries.published import published_year
from targets.queries.releases import task_snapshot
from targets.rules.annual import FOLLOWING, OVERALL, PLANNING_RATE
from targets.rules.growth import GrowthUndefined
from targets.services.answers import carry_answers
from targets.templatetags.amounts import amount as written

KEEP: Final = object()  # "not mentioned": unlike None, which empties a figure
LAYERS = ("city", "department")
YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Layer:
    """What was typed for a layer: a growth (ratio) or a target. A figure of None empties it."""

    driver: Driver
    figure: Decimal | None


@dataclass(frozen=True, slots=True)
class TargetEntry:
    """Changes of one row of table 3-0; what is not given stays. `version` None: a new row.

    `pointers` locates the fields in what the person sent, for the faults.
    """

    indicator: str
    version: int | None
    base: Any = KEEP  # Decimal, None or KEEP
    city: Layer | None = None
    department: Layer | None = None
    reason: str | None = None
    pointers: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def open_plan(*, district: Unit, year: int, by: Person, at: datetime) -> Plan:
    """Start the plan of a year: a draft with the rows of table 3-0 and no targets.

    Last year's figures are filled in where all its months are published. Raises Invalid when
    the year has a plan.
    """
    if year not in YEARS:
        raise Invalid(_("A plan is for a year from 2000 to 2099."))
    plan, is_new = Plan.objects.get_or_create(district=district, year=year)
    if not is_new:
        raise Invalid(_("There is a plan for %(year)s already.") % {"year": year})
    last_year = published_year(district.pk, year - 1).values
    AnnualTarget.objects.bulk_create(
        AnnualTarget(plan=plan, indicator=indicator, base=last_year.get(indicator.code))
        for indicator in Indicator.objects.filter(
            district=district, code__in=OVERALL, is_derived=False
        )
    )
    audit.record(
        by=by, at=at, action="open_plan", subject=f"plans/{year}", district=district,
        changes=[{"key": {"year": year}, "before": None, "after": "draft"}],
    )  # fmt: skip
    return plan


@transaction.atomic
def save_annual_targets(
    *, plan: Plan, entries: Sequence[TargetEntry], by: Person, at: datetime, source: str = "web"
) -> list[AnnualTarget]:
    """Save rows of table 3-0 (plan §3); the typed figure of each layer is kept as its driver.

    A released plan becomes the draft of its next version. Raises Invalid, VersionConflict with
    both values, and Doubtful when the department's target would lie below the city's without a
    reason (rules §2). Nothing is saved unless everything is.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    indicators = {row.code: row for row in Indicator.objects.filter(district=plan.district_id)}
    stored = {
        row.indicator_id: row for row in AnnualTarget.objects.select_for_update().filter(plan=plan)
    }

    _check_known(entries, indicators)
    _check_versions(plan, entries, indicators, stored)
    changed, changes, faults = [], [], []
    for entry in entries:
        indicator = indicators[entry.indicator]
        row = stored.get(indicator.pk) or AnnualTarget(plan=plan, indicator=indicator, version=0)
        row.indicator = indicator
        before = kept_fields(row) if row.pk else {}
        faults += _apply(entry, row)
        after = kept_fields(row)
        if before != after:
            changed.append((entry, row))
            changes += [
                {"key": {"indicator": entry.indicator, "field": name},
                 "before": before.get(name), "after": after[name]}
                for name in after if before.get(name) != after[name]
            ]  # fmt: skip
    if faults:
        raise Invalid(str(faults[0].detail), faults)
    _check_pressure(changed)

    for _entry, row in changed:
        row.version += 1
        row.save()
    if changed:
        reopen_draft(plan)
        audit.record(
            by=by, at=at, action="save_annual_targets", subject=f"plans/{plan.year}/targets",
            district=plan.district, changes=changes, source=source,
            reason="; ".join(entry.reason for entry, _row in changed if entry.reason),
        )  # fmt: skip
    return [row for _entry, row in changed]


def reopen_draft(plan: Plan) -> None:
    """Turn a released plan into the draft of its next version; a draft stays one."""
    Plan.objects.filter(pk=plan.pk, state=PlanState.RELEASED).update(state=PlanState.DRAFT)


def hold_plan(plan: Plan) -> Plan:
    """Lock the plan with its sheets, in the order of whoever saves cells: sheets, then plan.

    Without the sheets, cells being saved could slip behind the version that is released.
    """
    list(TaskSheet.objects.select_for_update().filter(plan=plan).order_by("pk"))
    return Plan.objects.select_for_update(of=("self",)).select_related("district").get(pk=plan.pk)


@transaction.atomic
def release_plan(
    *, plan: Plan, by: Person, at: datetime, reason: str = "", version: int | None = None
) -> PlanRelease:
    """Release the draft: its figures are kept as version + 1, and the plan's state is released.

    `version` is the last released version that the person saw. Raises Locked when there is
    nothing to release, VersionConflict when somebody released meanwhile, Invalid while a target
    is missing.
    """
    plan = hold_plan(plan)
    if version is not None and version != plan.version:
        raise VersionConflict(
            _("Version %(version)s was released meanwhile.") % {"version": plan.version}
        )
    if plan.state == PlanState.RELEASED:
        raise Locked(_("Version %(version)s is released and nothing changed since.")
                     % {"version": plan.version})  # fmt: skip
    table = annual_table(plan)
    missing = [row.name for row in table.rows if row.city is None or row.department is None]
    if not table.rows:
        raise Invalid(_("There are no annual targets to release."))
    if missing:
        raise Invalid(_("Targets are missing: %(names)s.") % {"names": "、".join(missing)})

    plan.version += 1
    plan.state = PlanState.RELEASED
    plan.save(update_fields=["version", "state"])
    release = PlanRelease.objects.create(
        plan=plan, version=plan.version, at=at, by=by, reason=reason, targets=snapshot(table),
        tasks=task_snapshot(plan),
    )  # fmt: skip
    carry_answers(plan, release, at=at)
    audit.record(
        by=by, at=at, action="release_plan", subject=f"plans/{plan.year}", district=plan.district,
        changes=[{"key": {"year": plan.year, "field": "version"},
                  "before": plan.version - 1, "after": plan.version}],
        reason=reason,
    )  # fmt: skip
    return release


def _check_known(entries: Iterable[TargetEntry], indicators: dict[str, Indicator]) -> None:
    faults, seen = [], set()
    for entry in entries:
        pointer = entry.pointers.get("indicator", entry.indicator)
        indicator = indicators.get(entry.indicator)
        if indicator is None:
            faults.append(Fault(pointer, _("There is no such indicator.")))
        elif indicator.is_derived and entry.indicator != PLANNING_RATE:
            faults.append(Fault(pointer, _("This row is a sum of others and is not entered.")))
        else:
            faults += [
                _fault(entry, name if name == "base" else f"{name}_target",
                       _("This figure follows from others and is not entered."))
                for name in sorted(FOLLOWING.get(entry.indicator, ()))
                if getattr(entry, name) not in (KEEP, None)
            ]  # fmt: skip
        if entry.indicator in seen:
            faults.append(Fault(pointer, _("This row is listed twice.")))
        seen.add(entry.indicator)
    if faults:
        raise Invalid(faults[0].detail, faults)


def _check_versions(
    plan: Plan,
    entries: Iterable[TargetEntry],
    indicators: dict[str, Indicator],
    stored: dict[int, AnnualTarget],
) -> None:
    conflicts = []
    for entry in entries:
        row = stored.get(indicators[entry.indicator].pk)
        if (row.version if row else None) == entry.version:
            continue
        theirs = kept_fields(row) if row else {}
        for name, value in _typed(entry, indicators[entry.indicator]).items():
            key = {"indicator": entry.indicator, "field": name}
            conflicts.append(
                {**key, "yours": value, "theirs": theirs.get(name),
                 "version": row.version if row else None,
                 **last_change(f"plans/{plan.year}/targets", plan.district_id, key)}
            )  # fmt: skip
    if conflicts:
        raise VersionConflict(_("Somebody else changed these rows meanwhile."),
                              extra={"conflicts": conflicts})  # fmt: skip


def _apply(entry: TargetEntry, row: AnnualTarget) -> list[Fault]:
    """Put the entry into the row; return what is wrong with it."""
    faults = []
    indicator = row.indicator
    if entry.base is not KEEP:
        row.base = entry.base
        if row.base is not None and _too_fine(row.base, indicator):
            faults.append(_fault(entry, "base", _decimals_sentence(indicator)))
    if entry.reason is not None:
        row.reason = entry.reason.strip()
    for name in LAYERS:
        layer: Layer | None = getattr(entry, name)
        if layer is not None:
            is_growth = layer.driver == Driver.GROWTH
            if layer.figure is not None and not is_growth and _too_fine(layer.figure, indicator):
                faults.append(_fault(entry, f"{name}_target", _decimals_sentence(indicator)))
                continue
            setattr(row, f"{name}_driver", layer.driver)
            setattr(row, f"{name}_growth", layer.figure if is_growth else None)
            setattr(row, f"{name}_target", None if is_growth else layer.figure)
        try:
            figure = layer_figure(row, name)
        except GrowthUndefined:
            field_name = "base" if layer is None else f"{name}_growth"
            faults.append(
                _fault(entry, field_name,
                       _("Last year's figure allows no growth here; enter the target instead."))
            )  # fmt: skip
            continue
        if figure is not None and abs(figure.target) > LIMIT:
            faults.append(_fault(entry, f"{name}_target", _("The figure is too large.")))
        if figure is not None and indicator.is_percent and not 0 < figure.target <= 1:
            faults.append(_fault(entry, f"{name}_target", _("A rate lies above 0 and up to 100%.")))
    return faults


def _check_pressure(changed: Iterable[tuple[TargetEntry, AnnualTarget]]) -> None:
    """Raise Doubtful for rows whose department target is below the city's without a reason."""
    doubts = []
    for entry, row in changed:
        city, department = layer_figure(row, "city"), layer_figure(row, "department")
        if city is None or department is None or department.target >= city.target or row.reason:
            continue
        decimals = row.indicator.stored_decimals
        sentence = _(
            "The department's target %(department)s is below the city's %(city)s; write a reason."
        ) % {
            "department": written(department.target, decimals),
            "city": written(city.target, decimals),
        }
        doubts.append((entry, sentence))
    if doubts:
        raise Doubtful(
            doubts[0][1],
            [_fault(entry, "reason", sentence) for entry, sentence in doubts],
            {"doubts": [
                {
                        "indicator": entry.indicator,
                        "pointer": entry.pointers.get("reason", ""),
                        "code": "below_city",
                        "detail": sentence,
                    }
                for entry, sentence in doubts
            ]},
        )  # fmt: skip


def _too_fine(value: Decimal, indicator: Indicator) -> bool:
    return value != round(value, indicator.stored_decimals)


def _decimals_sentence(indicator: Indicator) -> str:
    return _("%(name)s is kept with %(count)s decimals.") % {
        "name": indicator.name, "count": indicator.decimals,
    }  # fmt: skip


def _fault(entry: TargetEntry, name: str, detail: str) -> Fault:
    return Fault(entry.pointers.get(name, f"{entry.indicator}/{name}"), detail)


def _typed(entry: TargetEntry, indicator: Indicator) -> dict[str, Any]:
    """Return the fields that the entry sets, written as in the trail."""
    typed: dict[str, Any] = {}
    if entry.base is not KEEP:
        typed["base"] = plain(entry.base, indicator.stored_decimals)
    for name in LAYERS:
        layer: Layer | None = getattr(entry, name)
        if layer is not None:
            decimals = 4 if layer.driver == Driver.GROWTH else indicator.stored_decimals
            typed[f"{name}_{layer.driver}"] = plain(layer.figure, decimals)
    if entry.reason is not None:
        typed["reason"] = entry.reason
    return typed


def kept_fields(row: AnnualTarget) -> dict[str, Any]:
    """Return the row's kept fields as text, as the trail has them; derived figures left out."""
    decimals = row.indicator.stored_decimals
    written: dict[str, Any] = {"base": plain(row.base, decimals), "reason": row.reason}
    for name in LAYERS:
        written[f"{name}_growth"] = plain(getattr(row, f"{name}_growth"), 4)
        written[f"{name}_target"] = plain(getattr(row, f"{name}_target"), decimals)
    return written
