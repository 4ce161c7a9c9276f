"""From an account to the actor: roles and units on a day in one statement, the person as needed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from orgchart.models import Person
from orgchart.models.bilingual import in_language
from orgchart.permissions import Actor

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")

# Every request asks this, so it is written out: composing the same with the ORM takes ten times
# as long as reading it. A person without a post or supervision in force has one row, role NULL.
_RIGHTS = """
SELECT n.id, n.district_id, t.unit_id, p.role, p.name_zh, p.name_en, p.position, t.id
FROM orgchart_person n
LEFT JOIN orgchart_tenure t
  ON t.person_id = n.id AND t.valid_from <= %(on)s AND (t.valid_to IS NULL OR t.valid_to >= %(on)s)
LEFT JOIN orgchart_post p ON p.id = t.post_id
WHERE n.{key} = %(value)s
UNION ALL
SELECT n.id, n.district_id, s.unit_id, 'supervisor', '', '', NULL, NULL
FROM orgchart_person n
JOIN orgchart_supervision s
  ON s.person_id = n.id AND s.valid_from <= %(on)s AND (s.valid_to IS NULL OR s.valid_to >= %(on)s)
WHERE n.{key} = %(value)s
"""
_IN_ORDER = "ORDER BY 7, 8"
# For a statement beside the rights: the district of whoever asks.
DISTRICT_OF_READER = "(SELECT n.district_id FROM orgchart_person n WHERE n.user_id = %(value)s)"


def business_day(at: datetime) -> date:
    """Return the day of an instant in the business time zone."""
    return at.astimezone(BUSINESS_ZONE).date()


def actor_of(user: User, *, on: date) -> Actor:
    """Return the actor behind an account. Raises PermissionDenied when no person holds a post."""
    return _actor("user_id", user.pk, on)


def actor_beside(
    user: User, *, on: date, statement: str, values: Mapping[str, Any]
) -> tuple[Actor, list[tuple[Any, ...]]]:
    """Return the actor and the rows of another statement, asked for in one round trip.

    Its columns take the types of the rights' (three numbers, three texts, two numbers), the first
    is not null; it names the reader's district as DISTRICT_OF_READER. Raises PermissionDenied as
    `actor_of` does.
    """
    rights = _RIGHTS.format(key="user_id")
    both = (
        f"SELECT rights.*, 1 FROM ({rights}) rights"
        f" UNION ALL SELECT beside.*, 0 FROM ({statement}) beside {_IN_ORDER}"
    )
    with connection.cursor() as cursor:
        cursor.execute(both, {**values, "value": user.pk, "on": on.isoformat()})
        rows = cursor.fetchall()
    return (
        _actor_from([row[:-1] for row in rows if row[-1]], on),
        [row[:-1] for row in rows if not row[-1]],
    )


def actor_for(person: Person, *, on: date) -> Actor:
    """Return the actor for a person on a day; without a post or supervision, PermissionDenied."""
    return _actor("id", person.pk, on)


def _actor(key: str, value: int | None, on: date) -> Actor:
    with connection.cursor() as cursor:
        cursor.execute(_RIGHTS.format(key=key) + _IN_ORDER, {"value": value, "on": on.isoformat()})
        return _actor_from(cursor.fetchall(), on)


def _actor_from(rows: Sequence[tuple[Any, ...]], on: date) -> Actor:
    tenures = [row for row in rows if row[-1] is not None]
    supervised = frozenset(row[2] for row in rows if row[-1] is None and row[2] is not None)
    roles = {row[3] for row in rows if row[3] is not None}
    if not roles:
        raise PermissionDenied(_("You hold no post today. The administrator can give you one."))
    person_id, district_id = rows[0][:2]
    person: Any = SimpleLazyObject(
        lambda: Person.objects.select_related("district").get(pk=person_id)
    )
    return Actor(
        person=person,
        district=SimpleLazyObject(lambda: person.district),  # type: ignore[arg-type]
        district_id=district_id,
        roles=frozenset(roles),
        own_unit_ids=frozenset(row[2] for row in tenures),
        supervised_unit_ids=supervised,
        post_name=in_language(tenures[0][4], tenures[0][5]) if tenures else "",
        on=on,
    )
