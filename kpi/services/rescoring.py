"""Scoring all months of a district again that are not published, as long work."""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kpi.models import Month, MonthState
from kpi.services.scoring import rescore
from orgchart import runs
from orgchart.models import Person, Run, Unit


def start_rescoring(*, district: Unit, by: Person | None, at: datetime) -> Run:
    """Score every month again that is not published, one after the other; published ones stay."""
    months = [
        month.isoformat()
        for month in Month.objects.filter(district=district)
        .exclude(state=MonthState.PUBLISHED)
        .order_by("month")
        .values_list("month", flat=True)
    ]
    return runs.start(
        kind="rescore", district=district, by=by, at=at, total=len(months), key="all",
        months=months,
    )  # fmt: skip


def _work(run: Run) -> Iterator[int]:
    changed = run.result.get("changed", 0)
    for number, text in enumerate(run.input["months"], start=1):
        if number <= run.done:
            continue
        changed += rescore(district_id=run.district_id, month=date.fromisoformat(text))
        run.result = {"changed": changed}
        run.note = (
            ngettext("%(count)s result changed.", "%(count)s results changed.", changed)
            % {"count": changed}
            if changed
            else _("Nothing changed.")
        )
        yield number


KIND = runs.Kind(label=gettext_lazy("Scoring again"), capability="month.close", work=_work)
