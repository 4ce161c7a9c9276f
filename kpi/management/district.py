"""What the commands of a month share: the month as written, the district meant, who acts."""

from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import CommandError, CommandParser

from orgchart.models import Person, Unit, UnitKind
from targets.months import parse_month


def month_argument(text: str) -> date:
    """Read YYYY-MM on a command line."""
    try:
        return parse_month(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def add_month_arguments(parser: CommandParser) -> None:
    """Let a command take YYYY-MM and --district."""
    parser.add_argument("month", type=month_argument, metavar="YYYY-MM")
    parser.add_argument("--district", help="code; needed where there are several")


def chosen_district(code: str | None) -> Unit:
    """Return the district of this code, or the only one. Raises CommandError."""
    districts = Unit.objects.filter(kind=UnitKind.DISTRICT).order_by("pk")
    if code:
        districts = districts.filter(code=code)
    if len(districts) != 1:
        codes = ", ".join(unit.code for unit in districts) or "none"
        raise CommandError(f"Name one district with --district; there are: {codes}.")
    return districts[0]


def acting_person(district: Unit, code: str | None) -> Person | None:
    """Return the person of this code; without one the trail says that the system acted."""
    if not code:
        return None
    person = Person.objects.filter(district=district, code=code).first()
    if person is None:
        raise CommandError(f"There is no person {code} in {district.code}.")
    return person
