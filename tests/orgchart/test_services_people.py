"""Posts are held for a period, a unit has one supervisor, an account belongs to a person."""

import threading
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from rest_framework.authtoken.models import Token

from orgchart.actors import actor_for
from orgchart.errors import Invalid, Locked, Refused, VersionConflict
from orgchart.models import AuditEntry, Person, Post, Role, Supervision, Tenure
from orgchart.services.accounts import create_account, reset_password, set_account_active
from orgchart.services.people import (
    add_person,
    appoint,
    assign_supervisor,
    edit_person,
    end_tenure,
)
from tests.district import NOW, START, District, build_district

JUNE = date(2026, 6, 1)
MAY_31 = date(2026, 5, 31)


@pytest.fixture
def person(district: District) -> Person:
    return add_person(
        district=district.root, code="p1", name_zh="李文", by=district.people["clerk"], at=NOW
    )


def give(district: District, person: Person, role: str, unit: str, first: date, last=None):
    return appoint(
        person=person, post=Post.objects.get(district=district.root, role=role),
        unit=district.units[unit], valid_from=first, valid_to=last,
        by=district.people["clerk"], at=NOW,
    )  # fmt: skip


def test_the_role_follows_from_the_post_from_its_day_on(district: District, person: Person) -> None:
    give(district, person, Role.MANAGER, "grid3", JUNE)
    with pytest.raises(PermissionDenied):
        actor_for(person, on=MAY_31)
    actor = actor_for(person, on=JUNE)
    assert actor.roles == {Role.MANAGER}
    assert actor.own_unit_ids == {district.units["grid3"].pk}


def test_the_role_ends_after_the_last_day(district: District, person: Person) -> None:
    tenure = give(district, person, Role.MANAGER, "grid3", START)
    end_tenure(tenure=tenure, last_day=MAY_31, by=district.people["clerk"], at=NOW)
    assert actor_for(person, on=MAY_31).roles
    with pytest.raises(PermissionDenied):
        actor_for(person, on=JUNE)


@pytest.mark.parametrize(
    ("first", "last", "fits"),
    [
        (date(2026, 2, 28), None, False),
        (START, date(2026, 2, 28), True),
        (START, date(2026, 3, 1), False),
        (date(2026, 3, 31), date(2026, 4, 2), False),
        (date(2026, 4, 1), None, True),
    ],
)
def test_the_same_post_is_not_held_twice_on_a_day(
    district: District, person: Person, first: date, last: date | None, fits: bool
) -> None:
    give(district, person, Role.STAFF, "grid1", date(2026, 3, 1), date(2026, 3, 31))
    if fits:
        give(district, person, Role.STAFF, "grid1", first, last)
        return
    with pytest.raises(Invalid) as refusal:
        give(district, person, Role.STAFF, "grid1", first, last)
    assert refusal.value.faults[0].pointer == "/valid_from"


def test_a_term_cannot_end_before_it_begins(district: District, person: Person) -> None:
    with pytest.raises(Invalid):
        give(district, person, Role.STAFF, "grid1", JUNE, MAY_31)
    tenure = give(district, person, Role.STAFF, "grid1", JUNE)
    with pytest.raises(Invalid):
        end_tenure(tenure=tenure, last_day=MAY_31, by=district.people["clerk"], at=NOW)


def test_a_term_that_ended_is_not_made_longer(district: District, person: Person) -> None:
    tenure = give(district, person, Role.STAFF, "grid1", START, MAY_31)
    with pytest.raises(Locked):
        end_tenure(tenure=tenure, last_day=JUNE, by=district.people["clerk"], at=NOW)


def test_nobody_is_appointed_to_a_unit_that_is_not_open_yet(
    district: District, person: Person
) -> None:
    with pytest.raises(Invalid):
        give(district, person, Role.STAFF, "grid1", date(2025, 12, 31))


def test_nobody_appoints_or_dismisses_themselves(district: District) -> None:
    clerk = district.people["clerk"]
    with pytest.raises(Refused):
        give(district, clerk, Role.HEAD, "support", START)
    with pytest.raises(Refused):
        end_tenure(tenure=Tenure.objects.get(person=clerk), last_day=JUNE, by=clerk, at=NOW)


def assign(district: District, who: str, on: date, version: int) -> Supervision:
    return assign_supervisor(
        unit=district.units["grid2"], person=district.people[who], valid_from=on, version=version,
        by=district.people["clerk"], at=NOW,
    )  # fmt: skip


def test_the_former_supervisor_ends_the_day_before(district: District) -> None:
    assign(district, "auditor", JUNE, version=1)
    rows = list(Supervision.objects.filter(unit=district.units["grid2"]))
    assert [(row.person.code, row.valid_to) for row in rows] == [
        ("supervisor", MAY_31),
        ("auditor", None),
    ]


def test_of_two_who_name_a_supervisor_at_once_one_is_told(district: District) -> None:
    assign(district, "auditor", JUNE, version=1)
    with pytest.raises(VersionConflict):
        assign(district, "head", date(2026, 6, 2), version=1)
    current = Supervision.objects.get(unit=district.units["grid2"], valid_to=None)
    assert current.person == district.people["auditor"]


def test_the_database_keeps_one_current_supervisor(district: District) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Supervision.objects.create(
            unit=district.units["grid2"], person=district.people["head"], valid_from=JUNE
        )


def test_a_supervisor_is_not_named_into_the_past_of_another(district: District) -> None:
    with pytest.raises(Invalid) as refusal:
        assign(district, "auditor", START, version=1)
    assert refusal.value.faults[0].pointer == "/valid_from"


def test_the_present_supervisor_is_not_named_again(district: District) -> None:
    with pytest.raises(Invalid) as refusal:
        assign(district, "supervisor", JUNE, version=1)
    assert refusal.value.faults[0].pointer == "/person"


def test_only_business_units_have_a_supervisor(district: District) -> None:
    with pytest.raises(Invalid):
        assign_supervisor(
            unit=district.units["support"], person=district.people["auditor"], valid_from=JUNE,
            version=1, by=district.people["clerk"], at=NOW,
        )  # fmt: skip


def test_a_person_is_changed_on_the_present_version_only(
    district: District, person: Person
) -> None:
    clerk = district.people["clerk"]
    edit_person(person=person, version=1, name_zh="李雯", by=clerk, at=NOW)
    with pytest.raises(VersionConflict):
        edit_person(person=person, version=1, name_zh="李文", by=clerk, at=NOW)
    person.refresh_from_db()
    assert person.name_zh == "李雯"


def test_the_first_password_opens_the_account_and_is_not_in_the_trail(
    district: District, person: Person
) -> None:
    admin = district.people["admin"]
    password = create_account(person=person, username="liwen", by=admin, at=NOW)
    assert User.objects.get(username="liwen").check_password(password)
    assert not any(password in str(entry.changes) for entry in AuditEntry.objects.all())
    with pytest.raises(Locked):
        create_account(person=person, username="liwen2", by=admin, at=NOW)


def test_an_account_name_is_given_once(district: District, person: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        create_account(person=person, username="test-head", by=district.people["admin"], at=NOW)
    assert refusal.value.faults[0].pointer == "/username"


def test_a_new_password_ends_sessions_and_tokens(district: District, signed_in) -> None:
    client = signed_in("test-staff")
    staff = district.people["staff"]
    Token.objects.create(user=staff.user)
    reset_password(person=staff, by=district.people["admin"], at=NOW)
    assert not Token.objects.filter(user=staff.user).exists()
    assert client.get("/organisation/").status_code == 302


def test_a_blocked_account_is_out_and_an_unblocked_one_in(district: District, signed_in) -> None:
    admin, staff = district.people["admin"], district.people["staff"]
    set_account_active(person=staff, is_active=False, by=admin, at=NOW)
    assert signed_in("test-staff").get("/organisation/").status_code == 302
    set_account_active(person=staff, is_active=True, by=admin, at=NOW)
    assert signed_in("test-staff").get("/organisation/").status_code == 200


def test_nobody_blocks_their_own_account(district: District) -> None:
    admin = district.people["admin"]
    with pytest.raises(Refused):
        set_account_active(person=admin, is_active=False, by=admin, at=NOW)


def test_a_race_leaves_one_supervisor_and_one_told(transactional_db) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("two connections need a database that both can open")
    district = build_district()
    barrier, answers = threading.Barrier(2), []

    def name(who: str) -> None:
        barrier.wait()
        try:
            assign(district, who, JUNE, version=1)
            answers.append("named")
        except VersionConflict:
            answers.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=name, args=[who]) for who in ("auditor", "head")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["named", "told"]
    assert Supervision.objects.filter(unit=district.units["grid2"], valid_to=None).count() == 1
