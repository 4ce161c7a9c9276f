"""Setting how pace is judged, from a day on."""

from datetime import date, datetime

from django.db import transaction

from kpi.models import PaceRule
from orgchart import audit
from orgchart.models import Person, Unit


@transaction.atomic
def set_pace_rule(
    *,
    district: Unit,
    valid_from: date,
    calendar: str,
    promotion_yield: int,
    by: Person | None,
    at: datetime,
) -> PaceRule:
    """Set calendar and users per promotion from a day on; an earlier rule keeps its months."""
    before = PaceRule.objects.filter(district=district, valid_from__lte=valid_from).first()
    given = {"calendar": calendar, "promotion_yield": promotion_yield}
    rule, _is_new = PaceRule.objects.update_or_create(
        district=district, valid_from=valid_from, defaults=given
    )
    audit.record(
        by=by, at=at, action="pace.rule", district=district,
        subject=f"pace/{valid_from.isoformat()}",
        changes=[
            {"key": {"field": name}, "before": getattr(before, name, None), "after": value}
            for name, value in given.items()
        ],
    )  # fmt: skip
    return rule
