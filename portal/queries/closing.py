"""The closing checklist of a month: what is done, what is next, what is wrong (plan §9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competitions.models import RoundState
from competitions.queries import round_in_force
from competitions.wording import join, yuan
from kpi.models import Actual, Month, MonthState, Score, ScoreLine
from kpi.models.scores import LineState
from kpi.queries.cells import expected_cells
from orgchart.models import Job, Unit
from subsidies.models import CommissionSheet, Entitlement, EntitlementState, SheetState
from targets.months import month_text
from targets.templatetags.amounts import amount


class StepState(StrEnum):
    """How a step stands: done, to do now, waiting for an earlier one, or wrong."""

    DONE = "done"
    NEXT = "next"
    WAITING = "waiting"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the checklist; `details` are (what, text) rows below it."""

    code: str
    label: str
    state: StepState
    text: str
    details: tuple[tuple[str, str], ...] = ()
    url: str = ""

    @property
    def is_done(self) -> bool:
        return self.state is StepState.DONE


def checklist(month: Month) -> list[Step]:
    """Return the nine steps of a month in order; twelve queries, however many units."""
    is_open = month.state == MonthState.OPEN
    is_published = month.state == MonthState.PUBLISHED
    jobs = {
        job.kind: job
        for job in Job.objects.filter(
            district_id=month.district_id, month=month.month, requested__gt=F("done")
        )
    }
    steps = [
        _reported(month),
        _doubts(month),
        _targets(month),
        _scored(month, jobs.get("rescore")),
        _state(month, "close", _("Entry closed"), not is_open, True),
        _state(month, "publish", _("Publishing"), is_published, not is_open),
    ]
    settling = jobs.get("settle") if is_published else None
    return [
        *steps,
        _entitlements(month, settling),
        _commission(month),
        _award(month, settling),
    ]


def _reported(month: Month) -> Step:
    cells = expected_cells(month.district_id, month.month)
    missing: dict[Unit, list[str]] = {}
    units = {cell.unit.pk for cell in cells if cell.unit.is_business}
    for cell in cells:
        if cell.value is None:
            name = cell.indicator.short
            if cell.breakdown.code != cell.breakdown.WHOLE_CODE:
                name = f"{name}·{cell.breakdown.name}"
            missing.setdefault(cell.unit, []).append(name)
    text = _("%(count)s of %(all)s units") % {
        "count": len(units) - sum(unit.is_business for unit in missing),
        "all": len(units),
    }
    if month.missing_reason:
        text = _("%(text)s; what is missing counts as zero: %(reason)s") % {
            "text": text,
            "reason": month.missing_reason,
        }
    is_settled = not missing or bool(month.missing_reason)
    return Step(
        code="reported",
        label=_("Reported"),
        state=StepState.DONE if is_settled else StepState.NEXT,
        text=text,
        details=tuple((unit.short, join(names)) for unit, names in missing.items()),
        url=_page("actuals", month),
    )


def _doubts(month: Month) -> Step:
    doubtful = list(
        Actual.objects.filter(month=month.month, unit__district_id=month.district_id)
        .exclude(doubt_reason="")
        .select_related("unit", "indicator")
    )
    count = len(doubtful)
    return Step(
        code="doubts",
        label=_("Odd values explained"),
        state=StepState.DONE,
        text=ngettext("%(count)s value", "%(count)s values", count) % {"count": count},
        details=tuple(
            (
                f"{row.unit.short} {row.indicator.short}",
                f"{amount(_shown(row), row.indicator.decimals)} {row.indicator.measure}: "
                f"{row.doubt_reason}",
            )
            for row in doubtful
        ),
    )


def _shown(row: Actual):
    return row.value * 100 if row.value is not None and row.indicator.is_percent else row.value


def _targets(month: Month) -> Step:
    missing: dict[str, list[str]] = {}
    lines = ScoreLine.objects.filter(
        month=month.month, unit__district_id=month.district_id, state=LineState.NO_TARGET
    ).select_related("unit", "item")
    for line in lines:
        missing.setdefault(line.unit.short, []).append(line.item.short)
    return Step(
        code="targets",
        label=_("Tasks set"),
        state=StepState.WRONG if missing else StepState.DONE,
        text=_("missing") if missing else _("all"),
        details=tuple((unit, join(names)) for unit, names in missing.items()),
        url=reverse("task_sheets"),
    )


def _scored(month: Month, job: Job | None) -> Step:
    totals = list(
        Score.objects.filter(month=month.month, unit__district_id=month.district_id).values_list(
            "total", flat=True
        )
    )
    scored = sum(total is not None for total in totals)
    text = _("%(count)s of %(all)s units have a total") % {"count": scored, "all": len(totals)}
    state = StepState.DONE if totals and scored == len(totals) else StepState.NEXT
    return _with_job(Step("scored", _("Scored"), state, text, url=_page("leaderboard", month)), job)


def _with_job(step: Step, job: Job | None) -> Step:
    """Return the step as it is while its computation is owed, or has failed."""
    if job is None:
        return step
    if not job.failures:
        return Step(step.code, step.label, StepState.NEXT, _("being computed"), step.details)
    text = _("the computation failed %(count)s times") % {"count": job.failures}
    return Step(step.code, step.label, StepState.WRONG, text, ((_("Error"), job.last_error),))


def _state(month: Month, code: str, label: str, is_done: bool, is_turn: bool) -> Step:
    if is_done:
        by, at = (
            (month.closed_by, month.closed_at)
            if code == "close"
            else (month.published_by, month.published_at)
        )
        text = " ".join(filter(None, [by.name if by else "", f"{at:%Y-%m-%d}" if at else ""]))
        return Step(code, label, StepState.DONE, text)
    if is_turn:
        return Step(code, label, StepState.NEXT, _("the clerk's turn"))
    return Step(code, label, StepState.WAITING, "")


def _entitlements(month: Month, job: Job | None) -> Step:
    rows = list(
        Entitlement.objects.filter(month=month.month, unit__district_id=month.district_id)
        .select_related("unit")
        .order_by("unit__position")
    )
    label, url = _("Subsidies"), _page("subsidies", month)
    if month.state != MonthState.PUBLISHED:
        return Step("entitlements", label, StepState.WAITING, _("after publishing"))
    open_rows = [row for row in rows if row.state == EntitlementState.MANUAL and row.total is None]
    if open_rows:
        details = tuple((row.unit.short, _("to be decided by hand")) for row in open_rows)
        step = Step("entitlements", label, StepState.NEXT, _("by hand"), details, url)
    elif rows:
        total = sum((row.total or 0) for row in rows)
        text = _("CNY %(amount)s for %(count)s units") % {
            "amount": amount(total, 2),
            "count": len(rows),
        }
        step = Step("entitlements", label, StepState.DONE, text, url=url)
    else:
        step = Step("entitlements", label, StepState.NEXT, _("none"), url=url)
    return _with_job(step, job)


def _commission(month: Month) -> Step:
    label, url = _("Commissions"), reverse("commission_sheets")
    sheet = (
        CommissionSheet.objects.filter(district_id=month.district_id, month=month.month)
        .exclude(state=SheetState.VOID)
        .first()
    )
    if month.state == MonthState.OPEN and sheet is None:
        return Step("commission", label, StepState.WAITING, _("after closing"))
    if sheet is None or sheet.state == SheetState.RETURNED:
        return Step("commission", label, StepState.NEXT, _("the clerk's turn"), url=url)
    paid = _("CNY %(amount)s") % {"amount": amount(sheet.paid, 2)}
    turn = {
        SheetState.MADE: _("the auditor's turn"),
        SheetState.AUDITED: _("the head's turn"),
        SheetState.APPROVED: _("the clerk's turn to pay"),
    }
    if sheet.state in turn:
        text = join([paid, turn[SheetState(sheet.state)]])
        return Step("commission", label, StepState.NEXT, text, url=url)
    return Step("commission", label, StepState.DONE, paid, url=url)


def _award(month: Month, job: Job | None) -> Step:
    label, url = _("Award"), _page("competition", month)
    if month.state != MonthState.PUBLISHED:
        return Step("award", label, StepState.WAITING, _("after publishing"))
    decided = round_in_force(month.district_id, month.month)
    if decided is None:
        return _with_job(Step("award", label, StepState.NEXT, _("not decided"), url=url), job)
    if decided.state == RoundState.NO_WINNER:
        return Step("award", label, StepState.DONE, _("no winner"), url=url)
    awards = list(decided.awards.select_related("unit"))
    text = join([f"{award.unit.short} {yuan(award.amount)}" for award in awards])
    turn = {
        RoundState.DECIDED: _("on notice, then the head's turn"),
        RoundState.APPROVED: _("the clerk's turn to pay"),
    }
    if decided.state in turn:
        text = join([text, turn[RoundState(decided.state)]])
        return Step("award", label, StepState.NEXT, text, url=url)
    return Step("award", label, StepState.DONE, text, url=url)


def _page(route: str, month: Month) -> str:
    return f"{reverse(route)}?month={month_text(month.month)}"


def done(steps: Sequence[Step]) -> int:
    """Return how many steps are done."""
    return sum(step.is_done for step in steps)
