"""The closing checklist of a month: what is done, what is next, what is wrong (plan §9)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competitions.models import RoundState
from competitions.queries import round_in_force
from competitions.wording import join, won_by
from kpi.models import CheckState, Event, Month, MonthState, Score, ScoreLine
from kpi.models.scores import LineState
from kpi.queries.cells import Cell
from kpi.queries.verification import Returns, requires_verification, returns
from orgchart.actors import business_day
from orgchart.models import Job, Unit
from portal.queries.bulletins import issued
from portal.rules.bulletins import Kind, period_of
from subsidies.models import (
    CommissionScheme,
    CommissionSheet,
    Entitlement,
    EntitlementState,
    SheetKind,
    SheetState,
)
from targets.months import last_day, month_text
from targets.templatetags.amounts import amount


class StepState(StrEnum):
    """How a step stands: done, to do now, waiting for an earlier one, or wrong."""

    DONE = "done"
    NEXT = "next"
    WAITING = "waiting"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the checklist; `details` are (what, text) rows below it.

    `turn` says whose hands it waits for, `action` what they do at `url`.
    """

    code: str
    label: str
    state: StepState
    text: str
    details: tuple[tuple[str, str], ...] = ()
    url: str = ""
    turn: str = ""
    action: str = ""

    @property
    def is_done(self) -> bool:
        return self.state is StepState.DONE


def checklist(month: Month, found: Sequence[Returns] | None = None) -> list[Step]:
    """Return the steps of a month in order, however many units in as many queries.

    `found`: the whole district's returns, where they have been read already.
    """
    is_open = month.state == MonthState.OPEN
    is_published = month.state == MonthState.PUBLISHED
    jobs = {
        job.kind: job
        for job in Job.objects.filter(
            district_id=month.district_id, month=month.month, requested__gt=F("done")
        )
    }
    found = returns(month.district_id, month.month) if found is None else found
    steps = [
        _reported(month, found),
        _doubts(month, found),
        _verified(month, found),
        _events(month),
        _targets(month),
        _scored(month, jobs.get("rescore")),
        _state(month, "close", _("Entry closed"), not is_open, True),
        _state(month, "publish", _("Publishing"), is_published, not is_open),
    ]
    settling = jobs.get("settle") if is_published else None
    steps += [_entitlements(month, settling), *_commissions(month)]
    steps += [_award(month, settling), _bulletin(month)]
    return [_with_hands(step) for step in steps]


def _with_hands(step: Step) -> Step:
    """Return a step that waits for somebody with whose turn it is and what they do there."""
    if step.state not in (StepState.NEXT, StepState.WRONG):
        return step
    turn, action = {
        "reported": (_("units"), _("Report")),
        "doubts": (_("units"), _("Look")),
        "verified": (_("auditor"), _("Verify")),
        "targets": (_("clerk"), _("Set tasks")),
        "scored": ("", _("Look")),
        "close": (_("clerk"), ""),
        "publish": (_("clerk or head"), ""),
        "entitlements": (_("clerk"), _("Decide")),
        "commission": (_("clerk"), _("Make")),
        "staff_commission": (_("clerk"), _("Make")),
        "award": (_("clerk"), _("Look")),
        "bulletin": (_("clerk"), _("Issue")),
    }[step.code]
    return replace(step, turn=step.turn or turn, action=step.action or action)


def _reported(month: Month, found: Sequence[Returns]) -> Step:
    missing: dict[Unit, list[str]] = {}
    for one in found:
        names = [_name(figure.cell) for figure in one.figures if figure.state is None]
        if names:
            missing[one.unit] = names
    units = [one.unit for one in found if one.unit.is_business]
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


def _name(cell: Cell) -> str:
    if cell.breakdown.code == cell.breakdown.WHOLE_CODE:
        return cell.indicator.short
    return f"{cell.indicator.short}·{cell.breakdown.name}"


def _doubts(month: Month, found: Sequence[Returns]) -> Step:
    """Odd values: each with its reason, or open until it is corrected, explained or verified."""
    explained = [figure for one in found for figure in one.figures if figure.reason]
    is_open = month.state == MonthState.OPEN
    waiting = [
        figure for one in found for figure in one.figures if is_open and figure.is_unexplained
    ]
    details = [(figure, _("not explained")) for figure in waiting]
    details += [(figure, figure.reason) for figure in explained]
    text = ngettext("%(count)s value", "%(count)s values", len(explained))
    text %= {"count": len(explained)}
    if waiting:
        text = _("%(count)s not explained") % {"count": len(waiting)}
    return Step(
        code="doubts",
        label=_("Odd values explained"),
        state=StepState.NEXT if waiting else StepState.DONE,
        text=text,
        details=tuple(
            (
                f"{figure.cell.unit.short} {_name(figure.cell)}",
                _("%(figure)s: %(why)s") % {"figure": _shown(figure.cell), "why": why},
            )
            for figure, why in details
        ),
        url=_page("verification", month),
    )


def _shown(cell: Cell) -> str:
    value = cell.value
    if value is not None and cell.indicator.is_percent:
        value *= 100
    return f"{amount(value, cell.indicator.decimals)} {cell.indicator.measure}"


def _verified(month: Month, found: Sequence[Returns]) -> Step:
    done = sum(one.is_verified for one in found)
    waiting = [one for one in found if not one.is_verified]
    url, label = _page("verification", month), _("Verified")
    text = _("%(count)s of %(all)s units") % {"count": done, "all": len(found)}
    if month.state != MonthState.OPEN or not waiting:
        return Step("verified", label, StepState.DONE, text, url=url)
    if not requires_verification(month.district_id, month.month):
        return Step("verified", label, StepState.DONE, _("not required"), url=url)
    details = tuple(
        (one.unit.short, _("sent back: %(reason)s") % {"reason": one.latest.reason})
        for one in waiting
        if one.latest and one.count(CheckState.RETURNED)
    )
    return Step("verified", label, StepState.NEXT, text, details, url)


def _events(month: Month) -> Step:
    """Events are noted as they happen; nobody can say that none is missing."""
    count = Event.objects.filter(
        month=month.month, unit__district_id=month.district_id, voided_at=None
    ).count()
    text = ngettext("%(count)s noted", "%(count)s noted", count) % {"count": count}
    return Step("events", _("Events"), StepState.DONE, text, url=_page("events", month))


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
    error = ((_("Error"), job.last_error),)
    return Step(step.code, step.label, StepState.WRONG, text, error, turn=_("IT"))


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
        return Step(code, label, StepState.NEXT, "")
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


def _commissions(month: Month) -> list[Step]:
    """Return the step of the dealers' sheet, and where a scheme pays staff that of theirs."""
    found = CommissionSheet.objects.filter(district_id=month.district_id, month=month.month)
    sheets = {sheet.kind: sheet for sheet in found.exclude(state=SheetState.VOID)}
    label, url = _("Commissions"), reverse("commission_sheets")
    sheet = sheets.get(SheetKind.DEALERS)
    if month.state == MonthState.OPEN and sheet is None:
        steps = [Step("commission", label, StepState.WAITING, _("after closing"))]
    else:
        steps = [_sheet_step("commission", label, url, sheet)]
    sheet = sheets.get(SheetKind.STAFF)
    schemes = CommissionScheme.objects.on(last_day(month.month))
    pays_staff = schemes.filter(district_id=month.district_id, kind=SheetKind.STAFF).exists()
    label, url = _("Staff commissions"), f"{url}?kind={SheetKind.STAFF.value}"
    if sheet is not None or (pays_staff and month.state == MonthState.PUBLISHED):
        steps.append(_sheet_step("staff_commission", label, url, sheet))
    elif pays_staff:
        waiting = _("after publishing")
        steps.append(Step("staff_commission", label, StepState.WAITING, waiting))
    return steps


def _sheet_step(code: str, label: str, url: str, sheet: CommissionSheet | None) -> Step:
    if sheet is None or sheet.state == SheetState.RETURNED:
        return Step(code, label, StepState.NEXT, _("no sheet"), url=url)
    paid = _("CNY %(amount)s") % {"amount": amount(sheet.paid, 2)}
    hands = {
        SheetState.MADE: (_("auditor"), _("Audit")),
        SheetState.AUDITED: (_("head"), _("Approve")),
        SheetState.APPROVED: (_("clerk"), _("Pay")),
    }
    if sheet.state in hands:
        turn, action = hands[SheetState(sheet.state)]
        step = Step(code, label, StepState.NEXT, paid, url=url)
        return replace(step, turn=turn, action=action)
    return Step(code, label, StepState.DONE, paid, url=url)


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
    text = won_by((award.unit.short, award.amount) for award in awards)
    hands = {
        RoundState.DECIDED: (_("head, after the notice"), _("Approve")),
        RoundState.APPROVED: (_("clerk"), _("Pay")),
    }
    if decided.state in hands:
        turn, action = hands[RoundState(decided.state)]
        step = Step("award", label, StepState.NEXT, text, url=url)
        return replace(step, turn=turn, action=action)
    return Step("award", label, StepState.DONE, text, url=url)


def _bulletin(month: Month) -> Step:
    """The month's bulletin is the last word; beat issues it too, within a week."""
    label, period = _("Bulletin"), period_of(Kind.MONTHLY, month.month)
    if month.state != MonthState.PUBLISHED:
        return Step("bulletin", label, StepState.WAITING, _("after publishing"))
    url = reverse("bulletin", args=[period.kind.value, period.first])
    row = issued(month.district, period)
    if row is None:
        return Step("bulletin", label, StepState.NEXT, _("not issued"), url=url)
    if month.published_at is not None and month.published_at > row.issued_at:
        text = _("published anew since: a corrected edition is due")
        return Step("bulletin", label, StepState.NEXT, text, url=url)
    day = business_day(row.issued_at).isoformat()
    return Step("bulletin", label, StepState.DONE, _("issued %(day)s") % {"day": day}, url=url)


def _page(route: str, month: Month) -> str:
    return f"{reverse(route)}?month={month_text(month.month)}"


def done(steps: Sequence[Step]) -> int:
    """Return how many steps are done."""
    return sum(step.is_done for step in steps)
