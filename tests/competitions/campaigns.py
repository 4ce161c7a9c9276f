"""A campaign of people in the small district of the tests, as a draft."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from competitions.models import Campaign
from competitions.services import campaigns as services
from tests.district import District

FIRST, LAST = date(2026, 3, 16), date(2026, 3, 31)
BEFORE = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
DURING = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
AFTER = datetime(2026, 4, 2, 2, 0, tzinfo=UTC)
NOTICED = datetime(2026, 4, 6, 2, 0, tzinfo=UTC)

VALUES: dict[str, Any] = {
    "name_zh": "增值业务发展竞赛", "name_en": "Value-added contest", "starts_on": FIRST,
    "ends_on": LAST, "contestants": "people", "source": "entered", "indicator": None,
    "measure": "户", "decimals": 0, "tier": "", "units": [], "goal": Decimal(100),
    "threshold": Decimal(10), "prizes": [[1, "300.00"], [2, "100.00"]], "levels": [["50", "20.00"]],
    "tie": "share", "notice_days": 3, "note": "",
}  # fmt: skip


def write(district: District, **values: Any) -> Campaign:
    """Return a draft that the clerk wrote."""
    return services.save_campaign(
        district=district.root, values=VALUES | values, by=district.people["clerk"], at=BEFORE
    )


def announced(district: District, **values: Any) -> Campaign:
    row = write(district, **values)
    return services.announce(campaign=row, by=district.people["head"], at=BEFORE)


def enter(
    district: District, row: Campaign, results: dict[str, str], *, day: date = date(2026, 3, 18),
    at: datetime = DURING,
) -> int:  # fmt: skip
    """Enter results of people by account as the clerk does; return how many differ."""
    return services.save_results(
        campaign=row, by=district.people["clerk"], at=at,
        entries=[
            services.Entry(district.people[who].code, day, Decimal(value))
            for who, value in results.items()
        ],
    )  # fmt: skip
