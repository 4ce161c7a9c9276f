"""What the wall display shows, and the links that open it."""

from dataclasses import dataclass
from datetime import date

from competitions.models import Award, RoundState
from competitions.queries import MONTHLY
from kpi.models import Month, MonthState
from kpi.queries.months import months
from orgchart.models import Unit
from portal.models import WallLink


def link_of(digest: str) -> WallLink | None:
    """Return the link that still opens the wall."""
    return (
        WallLink.objects.filter(digest=digest, revoked_at=None).select_related("district").first()
    )


def wall_links(district: Unit) -> list[WallLink]:
    """Return every link, those in use first."""
    rows = WallLink.objects.filter(district=district).select_related("created_by", "revoked_by")
    return sorted(rows, key=lambda link: link.revoked_at is not None)


@dataclass(frozen=True, slots=True)
class WallMonths:
    """The months on the wall: the last published one, and the one that is being reported."""

    published: Month | None
    current: Month | None


def wall_months(district_id: int) -> WallMonths:
    """Return the months on the wall; one query."""
    rows = months(district_id)
    published = [row for row in rows if row.state == MonthState.PUBLISHED]
    running = [row for row in rows if row.state == MonthState.OPEN]
    return WallMonths(
        next(reversed(published), None),
        next(reversed(running), None),
    )


def year_winners(district_id: int, year: int) -> list[tuple[date, list[Unit]]]:
    """Return who won the monthly competition, by month of the year; one query."""
    won: dict[date, list[Unit]] = {}
    for award in (
        Award.objects.filter(
            round__competition__district_id=district_id,
            round__competition__code=MONTHLY,
            round__month__year=year,
        )
        .exclude(round__state=RoundState.VOID)
        .select_related("unit", "round")
        .order_by("round__month", "pk")
    ):
        won.setdefault(award.round.month, []).append(award.unit)
    return sorted(won.items())
