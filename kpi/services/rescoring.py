"""Scoring all months of a district again that are not published, as long work."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kpi.models import Month, MonthState
from kpi.services.scoring import rescore
from orgchart import jobs, runs
from orgchart.models import Person, Run, Unit


def owe_rescoring(*, district_id: int | None = None) -> Iterator[tuple[int, date]]:
    """Owe a rescore for each month that is not published, of one district or of all.

    Each is owed in a transaction of its own and yielded after it: the workers share them while
    the rest is still being asked for; an embedded installation has done it by then.
    """
    months = Month.objects.exclude(state=MonthState.PUBLISHED).order_by("month", "district_id")
    if district_id is not None:
        months = months.filter(district_id=district_id)
    for district, month in months.values_list("district_id", "month"):
        with transaction.atomic():
            jobs.request("rescore", district_id=district, month=month)
        yield district, month


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
