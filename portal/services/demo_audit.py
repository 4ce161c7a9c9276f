"""The demo's audit: takings and statements written at once, sample and findings by the services."""

from datetime import date, datetime, time, timedelta

from fieldwork.models import DayTakings, DealerStatement, SampleSource, StockItem
from fieldwork.queries.audit import Belonging, unsettled
from fieldwork.services.audit import Marks, check_papers, make_finding, proposed
from fieldwork.services.findings import close_finding
from fieldwork.services.samples import Joined, draw_sample
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import Dealer, Person, Unit
from portal.demo.fieldwork import audit
from portal.demo.year import AS_OF, OPEN_MONTH, MonthOfDemo
from targets.months import last_day


def take_over_audit(*, district: Unit, month: MonthOfDemo, auditor: Person) -> None:
    """A month's takings; of the finished one the statements, the sample and the findings too."""
    if month.month.month not in audit.MONTHS:
        return
    dealers = {row.code: row for row in Dealer.objects.filter(district=district)}
    units = Belonging(district)
    rows = []
    for each in audit.takings(month):
        dealer = dealers[each.dealer]
        unit = units.unit(dealer.pk, each.day)
        if unit is None:
            continue
        rows.append(
            DayTakings(
                district=district, dealer=dealer, unit=unit, day=each.day, system=each.system,
                receipts=each.receipts, note=each.note,
                settled_at=_at(each.settled_on, 10) if each.settled_on else None,
                settled_by=auditor if each.settled_on else None,
            )
        )  # fmt: skip
    DayTakings.objects.bulk_create(rows, batch_size=500)
    if month.month.month != OPEN_MONTH:
        _state(district, month, dealers, units)
        _sample(district, month, dealers, auditor)
        _find(district, auditor)


def _state(
    district: Unit, month: MonthOfDemo, dealers: dict[str, Dealer], units: Belonging
) -> None:
    items = {row.code: row for row in StockItem.objects.filter(district=district)}
    rows = []
    for each in audit.statements(month):
        dealer = dealers[each.dealer]
        unit = units.unit(dealer.pk, last_day(month.month))
        if unit is not None:
            rows.append(
                DealerStatement(
                    district=district, dealer=dealer, unit=unit, month=month.month,
                    item=items[each.item] if each.item else None, opening=each.opening,
                    taken=each.taken, sold=each.sold, balance=each.balance,
                )
            )  # fmt: skip
    DealerStatement.objects.bulk_create(rows, batch_size=500)


def _sample(
    district: Unit, month: MonthOfDemo, dealers: dict[str, Dealer], auditor: Person
) -> None:
    """The auditor draws on the sixth and has looked at three quarters by the tenth."""
    sixth = last_day(month.month) + timedelta(days=6)
    sample = draw_sample(
        district=district, month=month.month, size=audit.SAMPLED, seed=audit.SEED,
        joined=[Joined(dealers[code], number, on) for code, number, on in audit.joined(month)],
        source=SampleSource.LIST, by=auditor, at=_at(sixth, 9),
    )  # fmt: skip
    at = _at(sixth + timedelta(days=4), 15)
    users = sample.users.order_by("pk")[: audit.LOOKED_AT]
    for user, there in zip(users, audit.papers(), strict=True):
        row = check_papers(user=user, version=1, marks=Marks(*there), by=auditor, at=at)
        if row.is_sound is False:
            make_finding(source=row, version=2, entry=proposed(row, at), by=auditor, at=at)


def _find(district: Unit, auditor: Person) -> None:
    """What nobody explained in six days is a finding, put right two days later."""
    for row in unsettled(DayTakings.objects.filter(district=district)).order_by("day", "pk"):
        at = _at(row.day + timedelta(days=6), 11)
        made = make_finding(
            source=row, version=row.version, entry=proposed(row, at), by=auditor, at=at
        )
        later = at + timedelta(days=2)
        if later.date() <= AS_OF:
            close_finding(
                finding=made, version=made.version, remark="已补缴并核对", by=auditor, at=later
            )


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=BUSINESS_ZONE)
