"""Opening, moving, renaming and closing units; the chart of past days stays as it was."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from orgchart.errors import Locked
from orgchart.models import (
    BUSINESS_KINDS,
    DealerAffiliation,
    Person,
    Supervision,
    Tenure,
    Unit,
    UnitKind,
    UnitPlacement,
)
from orgchart.services.changes import advance, change, differences, note, refuse

# A branch and its districts are set up with the installation, not from inside a district.
OPENABLE_KINDS = (UnitKind.SUPPORT_CENTER, *BUSINESS_KINDS)


@transaction.atomic
def open_unit(
    *,
    district: Unit,
    code: str,
    kind: str,
    parent: Unit,
    name_zh: str,
    opened_on: date,
    by: Person,
    at: datetime,
    name_en: str = "",
    short_zh: str = "",
    short_en: str = "",
    position: int = 0,
) -> Unit:
    """Open a unit below `parent` from a day. Raises Invalid at /code, /kind or /parent."""
    _hold_tree(district)
    if kind not in OPENABLE_KINDS:
        raise refuse("/kind", _("Units of this kind are not opened inside a district."))
    _demand_open(parent, district, opened_on)

    try:
        with transaction.atomic():
            unit = Unit.objects.create(
                district=district,
                code=code,
                kind=kind,
                parent=parent,
                name_zh=name_zh,
                name_en=name_en,
                short_zh=short_zh,
                short_en=short_en,
                position=position,
                opened_on=opened_on,
            )
    except IntegrityError:
        raise refuse("/code", _("Another unit of the district has this code.")) from None
    UnitPlacement.objects.create(unit=unit, parent=parent, valid_from=opened_on)
    changes = [
        change("name_zh", None, name_zh),
        change("kind", None, kind),
        change("parent", None, parent),
        change("opened_on", None, opened_on),
    ]
    note(unit, "open_unit", changes, unit=unit, by=by, at=at)
    return unit


@transaction.atomic
def rename_unit(
    *,
    unit: Unit,
    version: int,
    by: Person,
    at: datetime,
    name_zh: str,
    name_en: str = "",
    short_zh: str = "",
    short_en: str = "",
    position: int = 0,
) -> Unit:
    """Change names and order of a unit; the trail keeps the former ones."""
    fields = {
        "name_zh": name_zh,
        "name_en": name_en,
        "short_zh": short_zh,
        "short_en": short_en,
        "position": position,
    }
    unit.refresh_from_db()
    changes = differences(unit, fields)
    advance(unit, version=version, **fields)
    if changes:
        note(unit, "rename_unit", changes, unit=unit, by=by, at=at)
    return unit


@transaction.atomic
def move_unit(
    *, unit: Unit, parent: Unit, valid_from: date, version: int, by: Person, at: datetime
) -> UnitPlacement:
    """Hang a unit below another parent from a day on; until the day before it stays where it was.

    Raises Invalid at /parent (closed, foreign, the unit itself or below it) or /valid_from
    (not after the present placement began).
    """
    district = unit.district
    _hold_tree(district)
    _demand_movable(unit)
    advance(unit, version=version)
    _demand_open(unit, district, valid_from, pointer="/valid_from")
    _demand_open(parent, district, valid_from)
    placement = unit.placements.filter(valid_to__isnull=True).select_related("parent").first()
    if placement and placement.valid_from >= valid_from:
        raise refuse(
            "/valid_from",
            _("The unit has stood where it is since %(day)s; choose a later day.")
            % {"day": placement.valid_from},
        )
    if placement and placement.parent_id == parent.pk:
        raise refuse("/parent", _("The unit already stands below %(unit)s.") % {"unit": parent})
    if _stands_below(parent, unit, valid_from):
        raise refuse(
            "/parent", _("%(unit)s stands below the unit that is to move.") % {"unit": parent}
        )

    former = placement.parent if placement else None
    unit.placements.filter(valid_to__isnull=True).update(valid_to=valid_from - timedelta(days=1))
    placement = UnitPlacement.objects.create(unit=unit, parent=parent, valid_from=valid_from)
    Unit.objects.filter(pk=unit.pk).update(parent=parent)
    unit.refresh_from_db()
    changes = [change("parent", former, parent), change("valid_from", None, valid_from)]
    note(unit, "move_unit", changes, unit=unit, by=by, at=at)
    return placement


@transaction.atomic
def close_unit(
    *, unit: Unit, last_day: date, version: int, by: Person, at: datetime, reason: str = ""
) -> Unit:
    """Close a unit after its last day; the supervisor's term ends with it.

    Raises Locked while units, people or dealers are there beyond that day, naming how many.
    """
    _hold_tree(unit.district)
    _demand_movable(unit)
    advance(unit, version=version)
    if unit.closed_on is not None:
        raise Locked(_("The unit is already closed."))
    if last_day < unit.opened_on:
        raise refuse("/last_day", _("A unit cannot close before it opened."))
    _demand_empty(unit, last_day + timedelta(days=1))
    begun = unit.placements.filter(valid_from__gt=last_day).exists()
    if begun or Supervision.objects.filter(unit=unit, valid_from__gt=last_day).exists():
        raise refuse("/last_day", _("Changes of the unit are noted for later days."))

    Unit.objects.filter(pk=unit.pk).update(closed_on=last_day)
    unit.placements.meeting(last_day).update(valid_to=last_day)
    Supervision.objects.filter(unit=unit).meeting(last_day).update(valid_to=last_day)
    unit.refresh_from_db()
    changes = [change("closed_on", None, last_day)]
    note(unit, "close_unit", changes, unit=unit, by=by, at=at, reason=reason)
    return unit


def _hold_tree(district: Unit) -> None:
    """Let changes of one district's tree follow each other: two moves can close a circle."""
    Unit.objects.select_for_update().get(pk=district.pk)


def _demand_movable(unit: Unit) -> None:
    if unit.kind not in OPENABLE_KINDS:
        raise Locked(_("A district is neither moved nor closed from inside."))


def _demand_open(unit: Unit, district: Unit, day: date, pointer: str = "/parent") -> None:
    if unit.district_id != district.pk:
        raise refuse(pointer, _("There is no such unit in the district."))
    if not unit.is_open_on(day):
        raise refuse(pointer, _("%(unit)s is not open on %(day)s.") % {"unit": unit, "day": day})


def _demand_empty(unit: Unit, day: date) -> None:
    """Raise Locked if anything stands in or below the unit on `day` or later."""
    below = UnitPlacement.objects.filter(parent=unit).meeting(day).values("unit").distinct().count()
    people = Tenure.objects.filter(unit=unit).meeting(day).values("person").distinct().count()
    dealers = (
        DealerAffiliation.objects.filter(unit=unit).meeting(day).values("dealer").distinct()
    ).count()
    found = [
        sentence % {"count": count}
        for count, sentence in (
            (below, _("%(count)s units below it")),
            (people, _("%(count)s people")),
            (dealers, _("%(count)s dealers")),
        )
        if count
    ]
    if found:
        raise Locked(
            _("The unit still has %(things)s after that day. Move or end them first.")
            % {"things": _(", ").join(found)}
        )


def _stands_below(unit: Unit, ancestor: Unit, day: date) -> bool:
    """Return whether `unit` is `ancestor` or below it on `day` or on any later day of change."""
    district_id = ancestor.district_id
    placements = list(UnitPlacement.objects.filter(unit__district=district_id).meeting(day))
    days = {day} | {placement.valid_from for placement in placements if placement.valid_from > day}
    for moment in days:
        parents = {
            placement.unit_id: placement.parent_id
            for placement in placements
            if placement.valid_from <= moment
            and (placement.valid_to is None or placement.valid_to >= moment)
        }
        at: int | None = unit.pk
        while at is not None:
            if at == ancestor.pk:
                return True
            at = parents.pop(at, None)
    return False
