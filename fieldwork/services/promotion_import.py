"""Importing plans of promotions: all of them or none; the same list again changes nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from fieldwork.models import Activity, Setting
from fieldwork.queries.promotions import EDITABLE, promotions_of
from fieldwork.services.account_import import LANGUAGES, Imported, NotImported
from fieldwork.services.promotions import OF_PLAN, Known, Plan, faults_of, known_on, save_promotion
from fieldwork.workbooks.promotions import COLUMNS, REQUIRED
from fieldwork.workbooks.tables import Row, Table, cell_text
from orgchart.actors import business_day
from orgchart.models import Dealer, Person, Unit
from orgchart.models.units import BUSINESS_KINDS


@dataclass(slots=True)
class _Names:
    """What cells may name, by folded text, and the promotions that are there."""

    known: Known
    units: Mapping[str, Unit]
    dealers: Mapping[str, Dealer]
    people: Mapping[str, Person]
    settings: Mapping[str, str]
    by_code: Mapping[str, Activity]
    by_place: Mapping[Any, Activity]
    seen: dict[Any, int] = field(default_factory=dict)


@transaction.atomic
def import_promotions(
    *, district: Unit, unit_ids: Collection[int] | None, content: bytes, by: Person, at: datetime
) -> Imported:
    """Take plans over and submit them: rows are known by code, else by unit, day and place.

    A known plan that differs is written again unless it is reported or called off. Units outside
    `unit_ids` are faults. Raises NotAList, NotImported with every fault.
    """
    # One import of a district at a time.
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    table = Table(content, COLUMNS, required=REQUIRED)
    names = _names(district, unit_ids, at)
    read = [each for row in table if (each := _read(row, names)) is not None]
    if table.faults:
        text = _("%(count)s faults; nothing was imported.") % {"count": len(table.faults)}
        raise NotImported(text, table.faults)
    wanted = [(plan, row) for plan, row in read if row is None or plan != _plan_of(row)]
    for plan, row in wanted:
        save_promotion(
            plan=plan, promotion=row, version=row.version if row else None, by=by, at=at,
            known=names.known,
        )  # fmt: skip
    made = sum(row is None for _plan, row in wanted)
    return Imported(made, len(wanted) - made, len(read) - len(wanted))


def _names(district: Unit, unit_ids: Collection[int] | None, at: datetime) -> _Names:
    on = business_day(at)
    units = Unit.objects.of(district).filter(kind__in=BUSINESS_KINDS).open_on(on)
    if unit_ids is not None:
        units = units.filter(pk__in=unit_ids)
    rows = list(promotions_of(district, None))
    settings = {each.value: each.value for each in Setting}
    for language in LANGUAGES:
        with override(language):
            settings |= {str(each.label).casefold(): each.value for each in Setting}
    return _Names(
        known=known_on(district, on),
        units=_named(units.select_related("district"), "short_zh", "short_en"),
        dealers=_named(Dealer.objects.filter(district=district)),
        people=_named(Person.objects.filter(district=district)),
        settings=settings,
        by_code={row.promotion.code.casefold(): row for row in rows},
        by_place={
            (row.unit_id, row.planned_on, cell_text(row.promotion.place)): row for row in rows
        },
    )


def _named(rows: Any, *more: str) -> dict[str, Any]:
    """Return rows by code and names; a name that two of them share names nobody."""
    found: dict[str, Any] = {}
    for row in rows:
        for name in {getattr(row, each) for each in ("code", "name_zh", "name_en", *more)}:
            if name:
                key = name.casefold()
                found[key] = None if found.get(key, row) != row else row
    return {name: row for name, row in found.items() if row is not None}


def _read(row: Row, names: _Names) -> tuple[Plan, Activity | None] | None:
    """Return the plan of a row with the promotion that it is of; None if anything is wrong."""
    code = row.text("code", longest=20).casefold()
    typed: dict[str, Any] = {
        "unit": row.one_of("unit", names.units, is_required=True),
        "planned_on": row.day("planned_on"),
        "setting": row.one_of("setting", names.settings, is_required=True),
        "place": row.text("place", longest=120), "materials": row.text("materials", longest=300),
        "dealer": row.one_of("dealer", names.dealers),
        "person": row.one_of("person", names.people),
        "expected": row.whole("expected"), "budget": row.amount("budget"),
    }  # fmt: skip
    for column in ("planned_on", "expected", "budget"):
        if typed[column] is None and row.is_sound:
            row.fault(column, _("This cell must be filled in."))
    if code and code not in names.by_code:
        row.fault("code", _("No promotion has this code; leave the cell empty for a new one."))
    if not row.is_sound:
        return None
    plan = Plan(**typed)
    key = (plan.unit.pk, plan.planned_on, plan.place)
    known = names.by_code[code] if code else names.by_place.get(key)
    mark = known.pk if known else key
    if mark in names.seen:
        text = _("The promotion stands in row %(row)s already.") % {"row": names.seen[mark]}
        row.fault("place", text)
        return None
    names.seen[mark] = row.number
    if known is not None and known.unit not in names.units.values():
        row.fault("unit", _("The promotion belongs to a unit that is not yours."))
    elif known is None or plan != _plan_of(known):
        _check(row, plan, known, names.known)
    return (plan, known) if row.is_sound else None


def _check(row: Row, plan: Plan, known: Activity | None, names: Known) -> None:
    if known is not None and known.state not in EDITABLE:
        text = _("The promotion is in state “%(state)s”: its plan stays as it is.")
        row.fault("code", text % {"state": known.get_state_display()})
    for fault in faults_of(plan, names, was_on=known.planned_on if known else None):
        row.fault(fault.pointer.strip("/"), fault.detail)


def _plan_of(row: Activity) -> Plan:
    """Return the plan as a list that was exported reads back."""
    given: dict[str, Any] = {name: getattr(row.promotion, name) for name in OF_PLAN}
    given |= {name: cell_text(given[name]) for name in ("place", "materials")}
    return Plan(
        unit=row.unit, planned_on=row.planned_on, dealer=row.dealer, person=row.person, **given
    )
