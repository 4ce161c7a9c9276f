"""Importing a month's list of warned users: all of it or nothing; again, it changes nothing."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import override

from fieldwork.models import WarnedUser, WarningKind
from fieldwork.queries.retention import Team, teams
from fieldwork.rules.retention import due_day, least_busy
from fieldwork.services.account_import import LANGUAGES, Imported, NotImported
from fieldwork.workbooks.retention import COLUMNS, REQUIRED
from fieldwork.workbooks.tables import YES_NO, Row, Table, by_name
from kpi.calendars import is_worked
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Invalid, Locked
from orgchart.models import Dealer, Person, Unit
from orgchart.models.units import BUSINESS_KINDS
from orgchart.queries.dealers import dealers
from targets.months import month_text

_NUMBER = re.compile(r"1\d{10}|0\d{9,11}")
_CHANGING = ("name", "kind", "unit", "dealer", "person", "revenue", "is_billed")


@dataclass(slots=True)
class _Known:
    """What cells may name, by folded text, and the month's users that are there."""

    kinds: Mapping[str, str]
    units: Mapping[str, Unit]
    own: Mapping[int, Unit]  # those that the importer may write for, by id
    dealers: Mapping[str, Dealer]
    people: Mapping[str, Person]
    teams: Mapping[int, Team]
    loads: Counter[int]
    there: Mapping[str, WarnedUser]
    seen: dict[str, int] = field(default_factory=dict)


@transaction.atomic
def import_warned(
    *, district: Unit, unit_ids: Collection[int] | None, month: date, content: bytes, by: Person,
    at: datetime,
) -> Imported:  # fmt: skip
    """Take a month's list over; a number stands once in it, and again is the same user.

    The unit is that of the outlet or the one named; the user is given to whoever is named, else
    to the outlet's manager, else to whom of the unit has the fewest. Units outside `unit_ids` are
    faults. Raises NotAList, NotImported with every fault, Locked once the month's numbers went.
    """
    today = business_day(at)
    if month > today:
        raise Invalid(_("%(month)s has not begun.") % {"month": month_text(month)})
    # One import of a district at a time.
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    rows = WarnedUser.objects.filter(district=district, month=month)
    if rows.filter(number="").exists():
        text = _("The numbers of %(month)s were removed; its list is closed.")
        raise Locked(text % {"month": month_text(month)})
    table = Table(content, COLUMNS, required=REQUIRED)
    known = _known(district, unit_ids, today, list(rows.select_related("unit", "person")))
    due_on = due_day(today, is_worked)
    made: list[WarnedUser] = []
    changed: list[WarnedUser] = []
    same = 0
    for line in table:
        read = _read(line, table, known)
        if read is None:
            continue
        user, is_changed = read
        if user.pk is None:
            user.district, user.month, user.listed_on, user.due_on = district, month, today, due_on
            made.append(user)
        elif is_changed:
            user.version += 1
            changed.append(user)
        else:
            same += 1
    if table.faults:
        text = _("%(count)s faults; nothing was imported.") % {"count": len(table.faults)}
        raise NotImported(text, table.faults)

    WarnedUser.objects.bulk_create(made, batch_size=500)
    WarnedUser.objects.bulk_update(changed, [*_CHANGING, "version"], batch_size=500)
    if made or changed:
        audit.record(
            by=by, at=at, action="warned.import", district=district, source="file",
            subject=f"retention/{month_text(month)}",
            changes=[
                {"key": {"unit": unit.code}, "before": None, "after": count}
                for unit, count in Counter(user.unit for user in [*made, *changed]).items()
            ],
        )  # fmt: skip
    return Imported(len(made), len(changed), same)


def _known(
    district: Unit, unit_ids: Collection[int] | None, on: date, there: list[WarnedUser]
) -> _Known:
    units = list(Unit.objects.of(district).filter(kind__in=BUSINESS_KINDS).open_on(on))
    kinds: dict[str, str] = {kind.value: kind.value for kind in WarningKind}
    for language in LANGUAGES:
        with override(language):
            kinds |= {str(kind.label).casefold(): kind.value for kind in WarningKind}
    loads = WarnedUser.objects.filter(district=district, first_call_at=None)
    return _Known(
        kinds=kinds,
        units={
            name.casefold(): unit
            for unit in units
            for name in (unit.code, unit.name_zh, unit.name_en, unit.short_zh, unit.short_en)
            if name
        },
        own={unit.pk: unit for unit in units if unit_ids is None or unit.pk in unit_ids},
        dealers=by_name(dealers(district, on, None)),
        people=by_name(Person.objects.filter(district=district)),
        teams=teams(district, on),
        loads=Counter(dict(loads.order_by().values_list("person").annotate(Count("pk")))),
        there={user.number: user for user in there},
    )


def _read(row: Row, table: Table, known: _Known) -> tuple[WarnedUser, bool] | None:
    """Return the user of a row, filled anew, and whether anything changed; None if wrong."""
    number = row.text("number", longest=20).replace(" ", "").replace("-", "")
    kind = row.one_of("kind", known.kinds, is_required=True)
    dealer = row.one_of("dealer", known.dealers)
    unit = row.one_of("unit", known.units)
    person = row.one_of("person", known.people)
    is_billed = row.one_of("is_billed", YES_NO)
    name, revenue = row.text("name", longest=40), row.amount("revenue")
    if not _NUMBER.fullmatch(number):
        row.fault("number", _("This is no number of a user: eleven digits."))
    elif number in known.seen:
        text = _("The number stands in row %(row)s already.")
        row.fault("number", text % {"row": known.seen[number]})
    known.seen.setdefault(number, row.number)
    if not row.is_sound:
        return None
    unit = _unit_of(row, known, dealer, unit)
    if unit is None:
        return None
    user = known.there.get(number)
    if user is not None and user.unit_id not in known.own:
        row.fault("number", _("The user belongs to a unit that is not yours."))
        return None
    team = known.teams.get(unit.pk, Team({}, ()))
    if person is not None and person.pk not in team.members:
        row.fault("person", _("This person does not work in the unit."))
        return None
    if person is None and user is not None and user.unit_id == unit.pk:
        person = user.person
    person = person or _next(known, dealer, team)
    if user is None:
        user = WarnedUser(number=number)
    typed = {
        "name": name, "kind": kind, "unit": unit, "dealer": dealer, "person": person,
        "revenue": revenue, "is_billed": is_billed,
    }  # fmt: skip
    if user.pk is not None:
        typed |= {column: getattr(user, column) for column in COLUMNS
                  if column in typed and not table.has(column) and column != "unit"}  # fmt: skip
    is_changed = any(getattr(user, column, None) != value for column, value in typed.items())
    for column, value in typed.items():
        setattr(user, column, value)
    return user, is_changed


def _unit_of(row: Row, known: _Known, dealer: Dealer | None, unit: Unit | None) -> Unit | None:
    current = dealer.current if dealer is not None else None
    if unit is None and current is not None:
        unit = current.unit
    if unit is None:
        row.fault("unit", _("Name the unit, or an outlet that belongs to one."))
    elif current is not None and current.unit_id != unit.pk:
        row.fault("unit", _("The outlet belongs to another unit."))
    elif unit.pk not in known.own:
        row.fault("unit", _("This unit is not yours."))
    return unit if row.is_sound else None


def _next(known: _Known, dealer: Dealer | None, team: Team) -> Person | None:
    """Return the outlet's manager if of the unit, else whoever of its callers has the fewest."""
    current = dealer.current if dealer is not None else None
    pk = current.account_manager_id if current is not None else None
    if pk not in team.members:
        pk = least_busy(known.loads, team.callers)
    if pk is None:
        return None
    known.loads[pk] += 1
    return team.members[pk]
