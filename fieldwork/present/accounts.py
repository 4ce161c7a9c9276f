"""The coverage of communities over the year, beside the even way to all of them (plan §5.4)."""

from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fieldwork.rules.accounts import planned_coverage
from targets.charts import Chart, Series
from targets.months import month_text
from targets.templatetags.amounts import percent


def coverage_chart(found: tuple[int, int, list[int]] | None, on: date) -> Chart | None:
    """Return the picture of communities, covered at the beginning and by month; None without."""
    if found is None:
        return None
    count, before, by_month = found
    start = Fraction(before, count)
    plan = [planned_coverage(start, number) for number in range(1, 13)]
    shares = [Fraction(covered, count) for covered in by_month]
    later: list[Fraction | None] = [None] * (12 - len(shares))
    labels = [month_text(on.replace(month=number, day=1)) for number in range(1, 13)]
    sentence = _("%(share)s of %(count)s communities covered, %(plan)s planned; %(left)s to go.")
    return Chart(
        code="coverage", title=_("Coverage of communities"), kind="lines", unit="%",
        head=_("Month"), labels=labels, mark=labels[on.month - 1],
        series=[
            Series(pgettext("stage", "Covered"), [*shares, *later], decimals=1, is_rate=True),
            Series(pgettext("coverage", "Plan"), plan, decimals=1, is_rate=True, look="plan"),
        ],
        notes=[(_("Communities"), [*map(str, by_month), *([""] * len(later))])],
        sentence=sentence % {
            "share": f"{percent(shares[-1], 1)}%", "count": count, "left": count - by_month[-1],
            "plan": f"{percent(plan[on.month - 1], 1)}%",
        },
    )  # fmt: skip
