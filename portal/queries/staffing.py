"""Gaps in the organisation on a day: who is missing, and whose term is about to end."""

from dataclasses import dataclass
from datetime import date, timedelta

from orgchart.models import Person, Role, Supervision, Tenure, Unit

NOTICE_DAYS = 14  # before a term ends


@dataclass(frozen=True, slots=True)
class Vacancies:
    """The business units that nobody manages, and those that nobody supervises."""

    unmanaged: list[Unit]
    unsupervised: list[Unit]


def vacancies(district_id: int, on: date) -> Vacancies:
    """Return the district's vacancies; three queries."""
    units = list(Unit.objects.filter(district_id=district_id).business().open_on(on))
    managed = set(_managers(district_id, on).values_list("unit_id", flat=True))
    supervised = set(
        Supervision.objects.on(on)
        .filter(unit__district_id=district_id)
        .values_list("unit_id", flat=True)
    )
    return Vacancies(
        [unit for unit in units if unit.pk not in managed],
        [unit for unit in units if unit.pk not in supervised],
    )


def managers_without_account(district_id: int, on: date) -> list[Person]:
    """Return who manages a unit and could not report its figures; one query."""
    held = _managers(district_id, on).filter(person__user=None)
    return list(Person.objects.filter(pk__in=held.values("person")))


def ending_terms(district_id: int, on: date) -> list[Tenure]:
    """Return the terms that end within two weeks and are not followed by another; one query."""
    soon = Tenure.objects.on(on).filter(
        unit__district_id=district_id, valid_to__lte=on + timedelta(days=NOTICE_DAYS)
    )
    return list(soon.select_related("person", "post", "unit").order_by("valid_to", "pk"))


def _managers(district_id: int, on: date):
    return Tenure.objects.on(on).filter(unit__district_id=district_id, post__role=Role.MANAGER)
