"""The statement that finds an actor's rights agrees with the periods that the models tell."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orgchart.actors import actor_for, actor_of
from orgchart.models import Person, Post, Role, Supervision, Tenure
from tests.district import District

JUNE = date(2026, 6, 1)
DAYS = [JUNE + timedelta(days=n) for n in range(-1, 4)]


def as_the_models_tell(person: Person, on: date) -> tuple[set[str], set[int], set[int], str]:
    """Return roles, own units, supervised units and the first post's name, by the ORM."""
    tenures = list(Tenure.objects.on(on).filter(person=person).select_related("post"))
    tenures.sort(key=lambda tenure: (tenure.post.position, tenure.pk))
    supervised = set(
        Supervision.objects.on(on).filter(person=person).values_list("unit_id", flat=True)
    )
    roles = {tenure.post.role for tenure in tenures}
    if supervised:
        roles.add(Role.SUPERVISOR)
    own = {tenure.unit_id for tenure in tenures}
    return roles, own, supervised, tenures[0].post.name if tenures else ""


def test_rights_are_those_of_the_posts_and_supervisions_in_force(district: District) -> None:
    # Two posts and a supervision of one person begin and end on different days of the five.
    person, units = district.people["staff"], district.units
    manager = Post.objects.get(district=district.root, role=Role.MANAGER)
    Tenure.objects.create(
        person=person, post=manager, unit=units["grid3"], valid_from=JUNE, valid_to=DAYS[3]
    )
    Tenure.objects.filter(person=person, unit=units["grid1"]).update(valid_to=DAYS[2])
    Supervision.objects.create(
        person=person, unit=units["grid4"], valid_from=DAYS[2], valid_to=DAYS[4]
    )
    for person in district.people.values():
        for day in DAYS:
            expected = as_the_models_tell(person, day)
            if not expected[0]:
                with pytest.raises(PermissionDenied):
                    actor_for(person, on=day)
                continue
            for actor in (actor_for(person, on=day), actor_of(person.user, on=day)):
                found = (
                    set(actor.roles), set(actor.own_unit_ids), set(actor.supervised_unit_ids),
                    actor.post_name,
                )  # fmt: skip
                assert found == expected
                assert (actor.person, actor.district_id) == (person, district.root.pk)


def test_who_may_do_what_is_read_in_one_statement(district: District) -> None:
    user = district.people["staff"].user
    with CaptureQueriesContext(connection) as asked:
        assert actor_of(user, on=JUNE).can("leaderboard.read")
    assert len(asked) == 1
