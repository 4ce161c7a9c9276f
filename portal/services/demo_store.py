"""The demo's store, month by month; the requests of November go through the services."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from fieldwork.models import (
    MovementKind,
    RequestState,
    StockItem,
    StockMovement,
    StockRequest,
    StockRequestLine,
)
from fieldwork.rules.warehouse import postings
from fieldwork.services.stock_requests import approve_request, issue_request, make_request
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import Dealer, Person, Unit
from portal.demo.fieldwork import store
from portal.demo.year import OPEN_MONTH, MonthOfDemo

PURPOSE = "月度营销物资"


def open_store(*, district: Unit) -> None:
    """The items that the store keeps."""
    StockItem.objects.bulk_create(
        StockItem(
            district=district, code=item.code, name_zh=item.name_zh, name_en=item.name_en,
            kind=item.kind, measure=item.measure, warning_level=item.warning_level,
        )
        for item in store.ITEMS
    )  # fmt: skip


def take_over_store(
    *, district: Unit, month: MonthOfDemo, units: Mapping[str, Unit],
    person: Callable[[str], Person],
) -> None:  # fmt: skip
    """A month's receipts, requests and hand-outs, written at once; then November's requests."""
    items = {row.code: row for row in StockItem.objects.filter(district=district)}
    dealers = {row.code: row for row in Dealer.objects.filter(district=district)}
    clerk, head = person("clerk"), person("head")
    third = _at(month.month + timedelta(days=2), 10)
    rows = [
        StockMovement(
            item=items[code], unit=district, kind=MovementKind.RECEIVE, quantity=count,
            voucher=f"RK-{month.month:%Y%m}", note="市公司配送", on=third.date(), by=clerk,
            at=third,
        )
        for code, count in store.receipts(month).items()
    ]  # fmt: skip
    made, asked_at, issued_at = [], third - timedelta(days=1), third + timedelta(days=3)
    number = StockRequest.objects.filter(district=district).count()
    for position, (unit, counts) in enumerate(store.needs(month).items(), start=1):
        request = StockRequest(
            district=district, code=f"r{number + position:04d}", unit=units[unit],
            purpose=f"{month.month.month}月{PURPOSE}", state=RequestState.ISSUED, version=3,
            made_by=person(unit), made_at=asked_at, decided_by=head,
            decided_at=asked_at + timedelta(hours=5), issued_by=clerk, issued_at=issued_at,
        )  # fmt: skip
        made.append((request, counts))
    StockRequest.objects.bulk_create([request for request, _counts in made])
    StockRequestLine.objects.bulk_create(
        StockRequestLine(request=request, item=items[code], asked=count, granted=count)
        for request, counts in made
        for code, count in counts.items()
    )
    rows += [
        StockMovement(
            item=items[code], unit=place, other=other, quantity=signed, request=request,
            kind=MovementKind.ISSUE, voucher=request.code, on=issued_at.date(), by=clerk,
            at=issued_at,
        )
        for request, counts in made
        for code, count in counts.items()
        for place, other, signed in postings(count, source=district, target=request.unit)
    ]  # fmt: skip
    rows += [
        StockMovement(
            item=items[each.item], unit=units[each.unit], quantity=-each.quantity,
            kind=MovementKind.HAND_OUT, dealer=dealers[each.dealer] if each.dealer else None,
            on=each.on, by=person(each.unit), at=_at(each.on, 18),
        )
        for each in store.hand_outs(month)
    ]  # fmt: skip
    for row in rows:
        row.district = district
    StockMovement.objects.bulk_create(rows, batch_size=500)
    if month.month.month == OPEN_MONTH:
        _ask(items, month.as_of, units, person)


def _ask(
    items: Mapping[str, StockItem], last: date, units: Mapping[str, Unit],
    person: Callable[[str], Person],
) -> None:  # fmt: skip
    """The latest requests: one issued, one to be issued, two that wait for approval."""

    def ask(by: str, unit: str, purpose: str, days: int, **counts: int) -> StockRequest:
        return make_request(
            unit=units[unit], purpose=purpose, needed_on=last + timedelta(days=days),
            asked={items[code.replace("_", "-")]: count for code, count in counts.items()},
            by=person(by), at=_at(last - timedelta(days=1), 9),
        )  # fmt: skip

    given = ask("grid2", "grid2", "新店开业促销", 1, leaflet=500, umbrella=20)
    granted = ask("suburban", "suburban", "青山乡赶集促销", 2, leaflet=800, sim_4g=60)
    for row in (given, granted):
        approve_request(
            request=row, version=1, granted={}, by=person("head"),
            at=_at(last - timedelta(days=1), 15),
        )  # fmt: skip
    issue_request(request=given, version=2, by=person("clerk"), at=_at(last, 9))
    ask("staff", "grid1", "商圈路演", 4, cup=15, poster=30)
    ask("grid4", "grid4", "冲刺月加推", 3, sim_4g=120, oil=10)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=BUSINESS_ZONE)
