"""What staff commissions are made from: posts, published figures and scores (rules §4.11)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from kpi.models import Score
from kpi.queries.figures import NOTHING, figures
from orgchart.errors import Fault
from orgchart.models import Tenure, Unit
from subsidies.rules.lines import Adjustment
from subsidies.rules.sheet import ZERO
from subsidies.rules.staff import StaffMonth, StaffScheme
from subsidies.wording import month_name
from targets.models import Indicator
from targets.months import last_day


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody that a scheme pays for a month, and what stands in the way."""

    tenures: tuple[Tenure, ...]
    months: tuple[StaffMonth, ...]
    names: Mapping[str, tuple[str, str]]
    faults: tuple[Fault, ...]


def staff_of(
    district: Unit,
    month: date,
    scheme: StaffScheme,
    debts: Mapping[int, Decimal],
    corrections: Mapping[int, tuple[Adjustment, ...]],
) -> Staff:
    """Return the holders of the scheme's posts on the month's last day, by unit and post.

    Figures of the unit and its score are those of the month; what is not reported counts as no
    pieces. Where the scheme counts personal goals, those of settings.PERSONAL_RESULTS are taken
    in. Faults name who has no final score, a goal that nobody assessed, or two paid posts. At
    most nine queries.
    """
    held = list(
        Tenure.objects.on(last_day(month))
        .filter(person__district=district, post__code__in=scheme.rates)
        .select_related("person", "post", "unit")
        .order_by("unit__position", "post__position", "person__code", "pk")
    )
    units = {tenure.unit_id for tenure in held}
    scores = dict(Score.objects.filter(month=month, unit__in=units).values_list("unit", "total"))
    codes = scheme.indicators()
    found = figures(district_id=district.pk, months=[month], codes=codes, unit_ids=units)
    names = {
        row.code: (row.name_zh, row.name_en)
        for row in Indicator.objects.filter(district=district, code__in=codes)
    }
    faults = [
        Fault(f"/scheme/rates/{code}", _("There is no indicator “%(code)s”.") % {"code": code})
        for code in codes
        if code not in names
    ]
    posts = Counter(tenure.person_id for tenure in held)
    holders = Counter((tenure.unit_id, tenure.post_id) for tenure in held)
    personal: Mapping[tuple[int, int], Decimal | None] = {}
    if scheme.personal:
        personal = import_string(settings.PERSONAL_RESULTS)(district, month)
    months = []
    for tenure in held:
        own = (tenure.person_id, tenure.unit_id)
        score = scores.get(tenure.unit_id)
        who = {"who": tenure.person.name, "unit": tenure.unit.name, "month": month_name(month)}
        sentence = ""
        if posts[tenure.person_id] > 1:
            sentence = _("%(who)s holds two posts that are paid by the piece.")
        elif score is None:
            sentence = _("%(who)s: %(unit)s has no final KPI score in %(month)s.")
        elif personal.get(own, ZERO) is None:
            sentence = _("%(who)s: the personal goal of %(month)s is not assessed yet.")
        if sentence or score is None:
            faults.append(Fault(f"/people/{tenure.person.code}", sentence % who))
            continue
        months.append(
            StaffMonth(
                post=tenure.post.code,
                score=score,
                figures={
                    code: found.get((tenure.unit_id, code), NOTHING).actual or Decimal(0)
                    for code in codes
                },
                holders=holders[tenure.unit_id, tenure.post_id],
                brought_forward=debts.get(tenure.person_id, Decimal(0)),
                adjustments=corrections.get(tenure.person_id, ()),
                personal=personal.get(own),
            )
        )
    return Staff(tuple(held), tuple(months), names, tuple(faults))
