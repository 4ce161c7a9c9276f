"""Approving a late correction: posted, its effect kept, those concerned told of a past award."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from competitions.wording import month_name, won_by
from kpi.models import Adjustment
from kpi.services import adjustments
from orgchart.actors import business_day
from orgchart.models import Person, Role, Unit
from orgchart.queries.notifications import holders
from orgchart.services.notifications import in_both, notify
from portal.queries.effects import effect, is_award_moved


@transaction.atomic
def approve_adjustment(*, adjustment: Adjustment, by: Person, at: datetime) -> Adjustment:
    """Approve and post a correction. Raises what kpi.services.adjustments raises.

    A past winner is checked again: had the corrected figures changed the award, the heads and the
    managers of the units concerned are told. The award itself stays as it was decided.
    """
    done = adjustments.approve_adjustment(
        adjustment=adjustment, effect=effect(adjustment), by=by, at=at
    )
    if is_award_moved(done.effect):
        _tell(done, at)
    return done


def _tell(done: Adjustment, at: datetime) -> None:
    district, award = done.unit.district, done.effect["award"]
    units = {
        unit.code: unit
        for unit in Unit.objects.of(district).filter(code__in={*award["before"], *award["after"]})
    }
    on = business_day(at)
    people = holders(district, [Role.HEAD], on)
    people += holders(district, [Role.MANAGER], on, [unit.pk for unit in units.values()])

    def won(winners: dict[str, str]) -> str:
        return won_by((units[code].short, Decimal(sum_)) for code, sum_ in winners.items())

    def say() -> str:
        return _(
            "A correction of %(month)s would have changed its award: decided %(before)s, "
            "with the corrections %(after)s. The award stays as decided."
        ) % {
            "month": month_name(done.month),
            "before": won(award["before"]),
            "after": won(award["after"]),
        }

    zh, en = in_both(say)
    url = reverse("adjustment", kwargs={"pk": done.pk})
    notify(people, zh=zh, en=en, url=url, key=f"award-recheck/{done.pk}", at=at)
