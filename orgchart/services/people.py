"""People, the posts they hold for a period, and who supervises which unit."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from orgchart.errors import Locked, Refused
from orgchart.models import Person, Post, Supervision, Tenure, Unit
from orgchart.services.changes import advance, change, differences, note, refuse


@transaction.atomic
def add_person(
    *,
    district: Unit,
    code: str,
    name_zh: str,
    by: Person,
    at: datetime,
    name_en: str = "",
    phone: str = "",
) -> Person:
    """Add somebody to the district. Raises Invalid at /code."""
    try:
        with transaction.atomic():
            person = Person.objects.create(
                district=district, code=code, name_zh=name_zh, name_en=name_en, phone=phone
            )
    except IntegrityError:
        raise refuse("/code", _("Another person of the district has this code.")) from None
    changes = [change("name_zh", None, name_zh), change("phone", None, phone)]
    note(person, "add_person", changes, by=by, at=at)
    return person


@transaction.atomic
def edit_person(
    *,
    person: Person,
    version: int,
    name_zh: str,
    by: Person,
    at: datetime,
    name_en: str = "",
    phone: str = "",
) -> Person:
    """Change name or phone of a person."""
    fields = {"name_zh": name_zh, "name_en": name_en, "phone": phone}
    person.refresh_from_db()
    changes = differences(person, fields)
    advance(person, version=version, **fields)
    if changes:
        note(person, "edit_person", changes, by=by, at=at)
    return person


@transaction.atomic
def appoint(
    *,
    person: Person,
    post: Post,
    unit: Unit,
    valid_from: date,
    by: Person,
    at: datetime,
    valid_to: date | None = None,
) -> Tenure:
    """Give a person a post in a unit for a period; the role follows from the post.

    Raises Invalid at /unit or /valid_from (the unit not open, the same post held already) and
    Refused for an appointment of oneself: nobody widens their own rights.
    """
    _demand_other(person, by)
    Person.objects.select_for_update().get(pk=person.pk)
    Unit.objects.select_for_update().get(pk=unit.pk)
    unit.refresh_from_db()
    if {person.district_id, post.district_id} != {unit.district_id}:
        raise refuse("/unit", _("There is no such unit in the district."))
    if valid_to is not None and valid_to < valid_from:
        raise refuse("/valid_to", _("The last day lies before the first."))
    _demand_open_throughout(unit, valid_from, valid_to)
    held = Tenure.objects.filter(person=person, post=post, unit=unit)
    clash = held.meeting(valid_from, valid_to).first()
    if clash:
        raise refuse(
            "/valid_from",
            _("%(person)s already holds this post in %(unit)s since %(day)s.")
            % {"person": person, "unit": unit, "day": clash.valid_from},
        )

    tenure = Tenure.objects.create(
        person=person, post=post, unit=unit, valid_from=valid_from, valid_to=valid_to
    )
    changes = [
        change("post", None, post),
        change("unit", None, unit),
        change("valid_from", None, valid_from),
        change("valid_to", None, valid_to),
    ]
    note(person, "appoint", changes, unit=unit, by=by, at=at)
    return tenure


@transaction.atomic
def end_tenure(*, tenure: Tenure, last_day: date, by: Person, at: datetime) -> Tenure:
    """End a tenure on its last day. Raises Locked when it has already ended by then."""
    _demand_other(tenure.person, by)
    tenure = Tenure.objects.select_for_update().get(pk=tenure.pk)
    if last_day < tenure.valid_from:
        raise refuse("/last_day", _("The last day lies before the first."))
    if tenure.valid_to is not None and tenure.valid_to <= last_day:
        raise Locked(_("The post was given up on %(day)s.") % {"day": tenure.valid_to})

    before, tenure.valid_to = tenure.valid_to, last_day
    tenure.save(update_fields=["valid_to"])
    changes = [change("post", tenure.post, tenure.post), change("valid_to", before, last_day)]
    note(tenure.person, "end_tenure", changes, unit=tenure.unit, by=by, at=at)
    return tenure


@transaction.atomic
def assign_supervisor(
    *, unit: Unit, person: Person, valid_from: date, version: int, by: Person, at: datetime
) -> Supervision:
    """Make a person the one supervisor of a business unit (plan §7.2).

    The former one's term ends the day before. `version` is the unit's. Raises Invalid at /person
    or /valid_from, and Refused for oneself.
    """
    _demand_other(person, by)
    advance(unit, version=version)
    if not unit.is_business or person.district_id != unit.district_id:
        raise refuse("/person", _("Supervisors are named for business units of the district."))
    _demand_open_throughout(unit, valid_from, None)
    if not Tenure.objects.filter(person=person).on(valid_from).exists():
        raise refuse("/person", _("%(person)s holds no post on that day.") % {"person": person})
    clash = unit.supervisions.meeting(valid_from).order_by("-valid_from").first()
    if clash and clash.person_id == person.pk:
        raise refuse(
            "/person",
            _("%(person)s supervises the unit since %(day)s.")
            % {"person": person, "day": clash.valid_from},
        )
    if clash and clash.valid_from >= valid_from:
        raise refuse(
            "/valid_from",
            _("%(person)s supervises the unit since %(day)s; choose a later day.")
            % {"person": clash.person, "day": clash.valid_from},
        )

    former = clash.person if clash else None
    unit.supervisions.meeting(valid_from).update(valid_to=valid_from - timedelta(days=1))
    supervision = Supervision.objects.create(unit=unit, person=person, valid_from=valid_from)
    changes = [change("supervisor", former, person), change("valid_from", None, valid_from)]
    note(unit, "assign_supervisor", changes, unit=unit, by=by, at=at)
    return supervision


def _demand_other(person: Person, by: Person) -> None:
    if person.pk == by.pk:
        raise Refused(_("Nobody appoints or dismisses themselves; somebody else has to do this."))


def _demand_open_throughout(unit: Unit, first: date, last: date | None) -> None:
    if first < unit.opened_on:
        raise refuse(
            "/valid_from",
            _("%(unit)s opened on %(day)s.") % {"unit": unit, "day": unit.opened_on},
        )
    if unit.closed_on is not None and (last is None or last > unit.closed_on):
        raise refuse(
            "/unit", _("%(unit)s closed on %(day)s.") % {"unit": unit, "day": unit.closed_on}
        )
