"""The demo's field work, lived through the services."""

from collections.abc import Callable
from datetime import datetime, time

from fieldwork.models import Account
from fieldwork.services.account_import import import_accounts
from fieldwork.services.accounts import move_account
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import Person, Unit
from portal.demo.fieldwork import accounts
from portal.demo.year import MonthOfDemo


def take_over_accounts(*, district: Unit, by: Person, at: datetime) -> None:
    """The clerk imports the list of accounts that the department kept before."""
    import_accounts(district=district, unit_ids=None, content=accounts.account_list(), by=by, at=at)


def sign_groups(*, district: Unit, month: MonthOfDemo, person: Callable[[str], Person]) -> None:
    """The managers move accounts on; each signed group becomes an event of the month."""
    steps = accounts.moves(month)
    known = {
        (row.kind, row.name_zh, row.area): row for row in Account.objects.filter(district=district)
    }
    for step in steps:
        row = known[step.account]
        row.refresh_from_db(fields=["version"])
        move_account(
            account=row, version=row.version, stage=step.stage, on=step.on,
            by=person(step.unit), at=datetime.combine(step.on, time(18), tzinfo=BUSINESS_ZONE),
        )  # fmt: skip
