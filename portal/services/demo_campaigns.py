"""The demo's campaigns, lived through the services from draft to payment."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal

from competitions.models import Campaign
from competitions.queries.campaigns import contestants
from competitions.services import campaigns as services
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import Person, Unit
from portal.demo import YEAR
from portal.demo import campaigns as invented
from targets.models import Indicator


def live_campaigns(*, district: Unit, person: Callable[[str], Person]) -> None:
    """The clerk writes four; the head announces three; one is paid, one approved, one runs."""
    clerk, head = person("clerk"), person("head")
    indicators = {row.code: row for row in Indicator.objects.filter(district=district)}

    def write(name: str, day: date) -> Campaign:
        values = invented.campaigns()[name]
        values["indicator"] = indicators.get(values["indicator"] or "")
        return services.save_campaign(district=district, values=values, by=clerk, at=_at(day, 9))

    def announce(name: str, day: date) -> Campaign:
        row = write(name, day)
        return services.announce(campaign=row, by=head, at=_at(day, 16))

    def report(row: Campaign, reports: Iterable[tuple[date, dict[str, int]]]) -> None:
        for day, results in reports:
            services.save_results(
                campaign=row, by=clerk, at=_at(day, 18),
                entries=[
                    services.Entry(code, day, Decimal(value)) for code, value in results.items()
                ],
            )  # fmt: skip

    sprint = announce(invented.SPRINT, date(YEAR, 3, 14))
    report(sprint, invented.sprint_results([each.code for each in contestants(sprint)]))
    services.decide(campaign=sprint, by=clerk, at=_at(date(YEAR, 4, 17), 10))
    services.approve(campaign=sprint, by=head, at=_at(date(YEAR, 4, 21), 10))
    services.pay(campaign=sprint, by=clerk, at=_at(date(YEAR, 4, 23), 10))

    october = announce(invented.OCTOBER, date(YEAR, 9, 28))
    services.decide(campaign=october, by=clerk, at=_at(date(YEAR, 11, 6), 10))
    services.approve(campaign=october, by=head, at=_at(date(YEAR, 11, 10), 10))

    running = announce(invented.VALUE_ADDED, date(YEAR, 10, 12))
    report(running, invented.value_added_results([each.code for each in contestants(running)]))

    write(invented.BROADBAND, date(YEAR, 11, 19))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=BUSINESS_ZONE)
