"""Whose turn it is: what waits for a person, over all months, with the way to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from competitions.models import Campaign, CampaignState, Objection, Phase, Round, RoundState
from competitions.queries.campaigns import campaigns_of
from competitions.wording import join, month_name, yuan
from fieldwork.queries.accounts import accounts_of
from fieldwork.queries.accounts import overdue as overdue_accounts
from fieldwork.queries.findings import findings_of
from fieldwork.queries.findings import overdue as overdue_findings
from fieldwork.queries.retention import overdue as overdue_calls
from fieldwork.queries.retention import warned_of
from fieldwork.queries.visits import late as late_visits
from fieldwork.queries.visits import unsolved_late, visits_of
from kpi.models import Actual, Adjustment, AdjustmentState, CheckState, Month, MonthState
from kpi.queries.cells import expected_cells
from kpi.queries.verification import requires_verification, unverified
from orgchart.models import Job, Unit
from orgchart.permissions import Actor
from portal.queries.staffing import ending_terms, managers_without_account, vacancies
from subsidies.models import (
    Claim,
    ClaimState,
    CommissionSheet,
    Entitlement,
    EntitlementState,
    SheetKind,
    SheetState,
)
from subsidies.queries.returns import paying_staff
from subsidies.rules.claims import LAST_DAY
from subsidies.wording import claim_state_name
from targets.models import Plan, PlanState
from targets.months import month_text
from targets.queries.bargaining import turns
from targets.templatetags.amounts import amount

NAMED = 3  # of many
# What a commission sheet in a state waits for.
STEPS = {SheetState.MADE: "audit", SheetState.AUDITED: "approve", SheetState.APPROVED: "pay"}


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits: what kind, what, a second line, the button, and until when."""

    kind: str
    text: str
    note: str
    url: str
    label: str
    due: date | None = None


def todos(actor: Actor, rows: list[Month]) -> list[Todo]:
    """Return what waits for the actor, the earliest due first; `rows`: the district's months."""
    found: list[Todo] = []
    if actor.can("actuals.write"):
        found += _reports(actor, rows)
        found += _sent_back(actor, rows)
    if actor.can("actuals.verify"):
        found += _to_verify(actor, rows)
    found += _corrections(actor)
    if actor.can("month.close"):
        found += _months(actor, rows)
    found += _sheets(actor, rows)
    found += _awards(actor)
    found += _objections(actor)
    found += _campaigns(actor)
    if actor.can("subsidies.write") or actor.can("subsidies.approve"):
        found += _decisions(actor)
    found += _claims(actor)
    found += _receipts(actor)
    found += _overdue(actor)
    if actor.can("targets.release"):
        found += _plans(actor)
    if actor.can("targets.release") or actor.can("tasks.answer"):
        found += _bargains(actor)
    if actor.can("accounts.write"):
        found += _jobs(actor)
    if actor.can("organisation.write"):
        found += _staffing(actor)
    return sorted(found, key=lambda todo: todo.due or date.max)


def _reports(actor: Actor, rows: list[Month]) -> list[Todo]:
    """Return the open month that units have not reported in full."""
    row = next((row for row in reversed(rows) if row.state == MonthState.OPEN), None)
    if row is None:
        return []
    cells = expected_cells(actor.district.pk, row.month, actor.unit_ids("actuals.write"))
    missing: dict[str, int] = {}
    for cell in cells:
        if cell.value is None:
            missing[cell.unit.short] = missing.get(cell.unit.short, 0) + 1
    if not missing:
        return []
    is_whole = actor.unit_ids("actuals.write") is None
    if is_whole:
        text = ngettext(
            "%(count)s unit has not reported %(month)s in full",
            "%(count)s units have not reported %(month)s in full",
            len(missing),
        ) % {"count": len(missing), "month": month_name(row.month)}
        note = join(list(missing))
    else:
        count = sum(missing.values())
        text = ngettext(
            "%(count)s figure of %(month)s to report",
            "%(count)s figures of %(month)s to report",
            count,
        ) % {"count": count, "month": month_name(row.month)}
        note = join(list(missing)) if len(missing) > 1 else ""
    url, label = _url("actuals", row.month), _("Chase") if is_whole else _("Report")
    return [Todo(_("Reports"), text, note, url, label, row.due_on)]


def _sent_back(actor: Actor, rows: list[Month]) -> Iterator[Todo]:
    """Yield the figures that the auditor sent back, by unit."""
    due = {row.month: row.due_on for row in rows if row.state == MonthState.OPEN}
    back = Actual.objects.filter(
        month__in=due,
        unit__district=actor.district,
        check_state=CheckState.RETURNED,
    )
    ids = actor.unit_ids("actuals.write")
    if ids is not None:
        back = back.filter(unit_id__in=ids)
    found: dict[tuple[date, Unit], list[str]] = {}
    for row in back.select_related("unit", "indicator"):
        found.setdefault((row.month, row.unit), []).append(row.indicator.short)
    for (month, unit), names in found.items():
        text = ngettext(
            "%(unit)s: %(count)s figure sent back", "%(unit)s: %(count)s figures sent back",
            len(names),
        ) % {"unit": unit.short, "count": len(names)}  # fmt: skip
        url = f"{_url('actuals', month)}&unit={unit.code}"
        yield Todo(_("Reports"), text, join(names), url, _("Correct"), due[month])


def _to_verify(actor: Actor, rows: list[Month]) -> Iterator[Todo]:
    """Yield the open months that are due and have figures to verify."""
    for row in rows:
        if row.state != MonthState.OPEN or not (row.due_on and row.due_on <= actor.on):
            continue
        if not requires_verification(actor.district.pk, row.month):
            continue
        units = unverified(actor.district.pk, row.month)
        if units:
            text = ngettext(
                "%(count)s unit of %(month)s to verify", "%(count)s units of %(month)s to verify",
                len(units),
            ) % {"count": len(units), "month": month_name(row.month)}  # fmt: skip
            note = join([unit.short for unit in units])
            yield Todo(_("Closing"), text, note, _url("verification", row.month), _("Verify"))


def _corrections(actor: Actor) -> Iterator[Todo]:
    """Yield the corrections of published months whose next step is the actor's."""
    hands = {
        AdjustmentState.REQUESTED: ("adjustments.verify", _("Verify")),
        AdjustmentState.VERIFIED: ("adjustments.approve", _("Approve")),
    }
    mine = {state: label for state, (what, label) in hands.items() if actor.can(what)}
    if not mine:
        return
    waiting = Adjustment.objects.filter(unit__district=actor.district, state__in=mine)
    for one in waiting.select_related("unit", "indicator").order_by("pk"):
        text = _("Correction of %(month)s, %(unit)s %(figure)s") % {
            "month": month_name(one.month),
            "unit": one.unit.short,
            "figure": one.indicator.short,
        }
        url = reverse("adjustment", kwargs={"pk": one.pk})
        yield Todo(_("Corrections"), text, one.reason, url, mine[AdjustmentState(one.state)])


def _months(actor: Actor, rows: list[Month]) -> list[Todo]:
    """Return the months to close (a later one has begun, or it is over) and to publish."""
    found = []
    for row in rows:
        name = month_name(row.month)
        if row.state == MonthState.CLOSED:
            text = _("%(month)s is closed and not published") % {"month": name}
            found.append(Todo(_("Closing"), text, "", _url("closing", row.month), _("Publish")))
        elif row.state == MonthState.OPEN and row.due_on and row.due_on < actor.on:
            text = _("%(month)s is over and still open") % {"month": name}
            url = _url("closing", row.month)
            found.append(Todo(_("Closing"), text, "", url, _("Close month"), row.due_on))
    return found


def _sheets(actor: Actor, rows: list[Month]) -> Iterator[Todo]:
    """Yield the commission sheets whose next step is the actor's."""
    may = {step: actor.can(f"commissions.{step}") for step in ("make", "audit", "approve", "pay")}
    if not any(may.values()):
        return
    sheets = {
        (sheet.kind, sheet.month): sheet
        for sheet in CommissionSheet.objects.filter(district=actor.district).exclude(
            state=SheetState.VOID
        )
    }
    published = {row.month for row in rows if row.state == MonthState.PUBLISHED}
    paid_staff = set(paying_staff(actor.district, published) if may["make"] else ())
    waiting: dict[tuple[SheetKind, str], list[CommissionSheet]] = {}
    cases = [(whose, row.month) for row in rows for whose in (SheetKind.DEALERS, SheetKind.STAFF)]
    for whose, month in cases:
        sheet, name = sheets.get((whose, month)), month_name(month)
        is_staff = whose == SheetKind.STAFF
        kind = _("Staff commission") if is_staff else _("Commission")
        if sheet is None or sheet.state == SheetState.RETURNED:
            if may["make"] and month in (paid_staff if is_staff else published):
                text = _("Commission sheet of %(month)s to make") % {"month": name}
                note = sheet.return_reason if sheet else ""
                url = f"{reverse('commission_sheets')}?kind={whose.value}"
                yield Todo(kind, text, note, url, _("Make"))
            continue
        step = STEPS.get(SheetState(sheet.state))
        if step is not None and may[step]:
            waiting.setdefault((whose, step), []).append(sheet)
    for (whose, step), turn in waiting.items():
        yield _of_sheets(whose, step, turn)


def _of_sheets(whose: SheetKind, step: str, turn: Sequence[CommissionSheet]) -> Todo:
    """Return the step that one sheet waits for; several that wait for the same are one line."""
    kind = _("Staff commission") if whose == SheetKind.STAFF else _("Commission")
    label = {"audit": _("Audit"), "approve": _("Approve"), "pay": _("Register payment")}[step]
    paid = amount(sum((sheet.paid for sheet in turn), Decimal(0)), 2)
    if len(turn) == 1:
        [sheet] = turn
        text = _("%(month)s commissions, CNY %(amount)s") % {
            "month": month_name(sheet.month),
            "amount": paid,
        }
        note = _("carried forward CNY %(amount)s") % {"amount": amount(sheet.carried, 2)}
        return Todo(kind, text, note, _sheet_url(sheet), label)
    text = _("%(count)s commission sheets, CNY %(amount)s") % {"count": len(turn), "amount": paid}
    first, last = month_name(turn[0].month), month_name(turn[-1].month)
    note = _("%(first)s to %(last)s") % {"first": first, "last": last}
    return Todo(kind, text, note, f"{reverse('commission_sheets')}?kind={whose.value}", label)


def _sheet_url(sheet: CommissionSheet) -> str:
    return reverse("commission_sheet", kwargs={"pk": sheet.pk})


def _awards(actor: Actor) -> Iterator[Todo]:
    """Yield the awards to approve (or on notice, or objected to) and to pay."""
    may_approve, may_pay = actor.can("competition.approve"), actor.can("competition.propose")
    if not (may_approve or may_pay):
        return
    waiting = Round.objects.filter(
        competition__district=actor.district,
        state__in=[RoundState.DECIDED, RoundState.APPROVED],
    ).select_related("policy")
    unanswered = Exists(Objection.objects.filter(round=OuterRef("pk"), is_upheld=None))
    waiting = waiting.annotate(total=Sum("awards__amount"), is_objected_to=unanswered)
    for each in waiting.order_by("month"):
        text = _("%(month)s award, CNY %(amount)s") % {
            "month": month_name(each.month),
            "amount": yuan(each.total),
        }
        url = _url("competition", each.month)
        if each.state == RoundState.APPROVED and may_pay:
            yield Todo(_("Competition"), text, _("approved"), url, _("Pay"))
        elif each.state == RoundState.DECIDED and may_approve:
            note, label = _notice(actor, each.notice_ends_on)
            if each.is_objected_to:
                note, label = _("an objection waits for its answer"), _("Look")
            yield Todo(_("Competition"), text, note, url, label)


def _notice(actor: Actor, until: date) -> tuple[str, str]:
    """Return what an approver reads of a notice, and the button."""
    if actor.on > until:
        return _("notice is over"), _("Approve")
    return _("on notice until %(day)s") % {"day": until.isoformat()}, _("Look")


def _objections(actor: Actor) -> Iterator[Todo]:
    """Yield the objections to answer, the earliest first; nobody answers the own one."""
    if not actor.can("competition.propose"):
        return
    raised = (
        Objection.objects.filter(round__competition__district=actor.district, is_upheld=None)
        .exclude(round__state=RoundState.VOID)
        .exclude(raised_by=actor.person)
    )
    for each in raised.select_related("round", "unit"):
        text = _("%(unit)s objects to the decision of %(month)s") % {
            "unit": each.unit.short,
            "month": month_name(each.round.month),
        }
        url = _url("competition", each.round.month)
        yield Todo(_("Competition"), text, each.text, url, _("Answer"))


def _campaigns(actor: Actor) -> Iterator[Todo]:
    """Yield the campaigns to decide, to approve (or on notice) and to pay.

    Whoever wrote or decided one does not approve it, whoever approved it does not pay.
    """
    may_decide, may_approve = actor.can("competition.propose"), actor.can("competition.approve")
    if not (may_decide or may_approve):
        return
    kind, me = _("Campaigns"), actor.person.pk
    rows = campaigns_of(actor.district).filter(
        Q(state=CampaignState.ANNOUNCED, ends_on__lt=actor.on)
        | Q(state__in=[CampaignState.DECIDED, CampaignState.APPROVED])
    )
    for row in rows.order_by("ends_on", "pk"):
        phase, url = row.phase(actor.on), reverse("campaign", args=[row.code])
        is_mine = me in (row.made_by_id, row.decided_by_id)
        if phase == Phase.CLOSED and may_decide:
            note = _("ended on %(day)s") % {"day": row.ends_on.isoformat()}
            text = _("“%(campaign)s” is over") % {"campaign": row.name}
            yield Todo(kind, text, note, url, pgettext("campaign", "Decide"))
        elif phase == Phase.DECIDED and may_approve and not is_mine:
            note, label = _notice(actor, row.notice_ends_on)
            yield Todo(kind, _won(row), note, url, label)
        elif phase == Phase.APPROVED and may_decide and me != row.approved_by_id:
            yield Todo(kind, _won(row), _("approved"), url, _("Pay"))


def _won(row: Campaign) -> str:
    return _("“%(campaign)s”, CNY %(amount)s") % {
        "campaign": row.name,
        "amount": yuan(row.awarded or Decimal(0)),
    }


def _decisions(actor: Actor) -> Iterator[Todo]:
    """Yield the months with floating parts that only a person can set."""
    manual = (
        Entitlement.objects.filter(
            unit__district=actor.district, state=EntitlementState.MANUAL, floating__isnull=True
        )
        .values("month")
        .annotate(count=Count("pk"))
        .order_by("month")
    )
    for each in manual:
        text = ngettext(
            "%(count)s floating part of %(month)s to decide",
            "%(count)s floating parts of %(month)s to decide",
            each["count"],
        ) % {"count": each["count"], "month": month_name(each["month"])}
        yield Todo(_("Subsidies"), text, "", _url("subsidies", each["month"]), _("Decide"))


def _claims(actor: Actor) -> Iterator[Todo]:
    """Yield the claims to approve, to check and to pay; and the own ones that came back."""
    turns = []
    if actor.can("claims.approve"):
        turns.append((ClaimState.SUBMITTED, _("Approve")))
    if actor.can("claims.check"):
        turns += [(ClaimState.APPROVED, _("Check")), (ClaimState.CHECKED, _("Pay"))]
    if actor.can("claims.write"):
        turns += [(ClaimState.RETURNED, _("Change")), (ClaimState.DRAFT, _("Submit"))]
    if not turns:
        return
    mine = Q(claimant=actor.person, state__in=[ClaimState.RETURNED, ClaimState.DRAFT])
    others = ~Q(claimant=actor.person) & ~Q(state__in=[ClaimState.RETURNED, ClaimState.DRAFT])
    # Without a receipt there is nothing to check yet.
    there = ~Q(state=ClaimState.APPROVED) | Q(receipts__isnull=False)
    found = (
        Claim.objects.filter(mine | others, there, unit__district=actor.district)
        .filter(state__in=[state for state, _label in turns])
        .values("state")
        .annotate(count=Count("pk", distinct=True), month=Min("month"))
        .order_by()
    )
    counts = {row["state"]: (row["count"], row["month"]) for row in found}
    for state, label in turns:
        count, month = counts.get(state, (0, None))
        if count:
            text = ngettext("%(count)s claim", "%(count)s claims", count) % {"count": count}
            url = f"{reverse('claims')}?state={state.value}"
            is_own = state in (ClaimState.RETURNED, ClaimState.DRAFT)
            due = month.replace(day=LAST_DAY) if is_own else None
            yield Todo(_("Expense claims"), text, claim_state_name(state), url, label, due)


def _receipts(actor: Actor) -> Iterator[Todo]:
    """Yield the claims that lack their receipts: the own ones, and to the clerk those approved."""
    bare = Claim.objects.filter(
        unit__district=actor.district, receipts__isnull=True,
        state__in=[ClaimState.SUBMITTED, ClaimState.APPROVED],
    )  # fmt: skip
    mine = bare.filter(claimant=actor.person) if actor.can("claims.write") else bare.none()
    for claim in mine.order_by("month", "pk"):
        text = _("Claim %(number)s lacks its receipts") % {"number": claim.number}
        note = _("CNY %(amount)s; nothing is granted before") % {"amount": amount(claim.amount, 2)}
        url = reverse("claim", kwargs={"pk": claim.pk})
        yield Todo(_("Expense claims"), text, note, url, _("Add receipts"))
    if actor.can("claims.check"):
        others = bare.filter(state=ClaimState.APPROVED).exclude(claimant=actor.person)
        names = [row.claimant.name for row in others.select_related("claimant").order_by("pk")]
        if names:
            text = ngettext(
                "%(count)s claim waits for its receipts",
                "%(count)s claims wait for their receipts",
                len(names),
            ) % {"count": len(names)}  # fmt: skip
            note = join(list(dict.fromkeys(names))[:NAMED])
            url = f"{reverse('claims')}?state={ClaimState.APPROVED.value}"
            yield Todo(_("Expense claims"), text, note, url, _("Look"))


def _overdue(actor: Actor) -> Iterator[Todo]:
    """Yield what is late in the field: to staff their own, to managers what their units have.

    Findings go to the unit's manager and to the auditor. At most five queries.
    """
    on, district = actor.on, actor.district
    scope, whose = actor.unit_ids("field.write"), ""
    mine = Q()
    if scope:
        if not actor.can("field.confirm"):
            mine, whose = Q(person=actor.person), f"&person={actor.person.code}"
        rows = visits_of(district, scope).filter(mine)
        count, first = _late(late_visits(rows, on), "planned_on")
        text = ngettext(
            "%(count)s visit of this month is overdue",
            "%(count)s visits of this month are overdue",
            count,
        )
        url = f"{reverse('field_visits')}?view=all&state="
        yield from _counted(text, count, first, f"{url}late{whose}")
        count, first = _late(unsolved_late(rows, on), "follow_up_on")
        text = ngettext(
            "%(count)s problem of a visit is past its follow-up day",
            "%(count)s problems of visits are past their follow-up day",
            count,
        )
        yield from _counted(text, count, first, f"{url}problem{whose}")
        accounts = accounts_of(district, scope)
        owner = ""
        if whose:
            accounts = accounts.filter(responsible=actor.person)
            owner = f"&responsible={actor.person.code}"
        count, first = _late(overdue_accounts(accounts, on), "deadline")
        text = ngettext(
            "%(count)s account is past its deadline",
            "%(count)s accounts are past their deadline",
            count,
        )
        yield from _counted(text, count, first, f"{reverse('field_accounts')}?due=over{owner}")
    if callers := actor.unit_ids("retention.call"):
        rows = warned_of(district, callers).filter(mine)
        count, first = _late(overdue_calls(rows, on), "due_on")
        text = ngettext(
            "%(count)s first call is overdue", "%(count)s first calls are overdue", count
        )
        url = f"{reverse('field_retention')}?view=all&due=over{whose}"
        yield from _counted(text, count, first, url)
    managed = actor.unit_ids("field.confirm")
    if managed or actor.can("field.audit"):
        audited = None if actor.can("field.audit") else managed
        count, first = _late(overdue_findings(findings_of(district, audited), on), "deadline")
        text = ngettext(
            "%(count)s finding is not put right in time",
            "%(count)s findings are not put right in time",
            count,
        )
        yield from _counted(text, count, first, f"{reverse('findings')}?state=over")


def _late(rows: QuerySet, day: str) -> tuple[int, date | None]:
    """Return how many there are, and the earliest day."""
    found = rows.order_by().aggregate(count=Count("pk"), first=Min(day))
    return found["count"], found["first"]


def _counted(text: str, count: int, first: date | None, url: str) -> Iterator[Todo]:
    if count:
        yield Todo(_("Field work"), text % {"count": count}, "", url, _("Look"), first)


def _plans(actor: Actor) -> Iterator[Todo]:
    for plan in Plan.objects.filter(district=actor.district, state=PlanState.DRAFT):
        text = _("Annual targets of %(year)s are a draft") % {"year": plan.year}
        yield Todo(_("Targets"), text, "", reverse("annual_targets"), _("Release"))


def _bargains(actor: Actor) -> Iterator[Todo]:
    """Yield the proposals that the head decides, and the plans that one's own unit answers."""
    for plan in Plan.objects.filter(district=actor.district, state=PlanState.RELEASED):
        url = reverse("plan_answers", args=[plan.year])
        kind = _("Targets")
        if actor.can("targets.release"):
            for each in turns(plan, None)["open"]:
                row = each.proposal
                text = _("%(unit)s proposes otherwise in table %(sheet)s") % {
                    "unit": row.unit.short, "sheet": row.sheet.code}  # fmt: skip
                yield Todo(kind, text, row.reason, reverse("proposal_decide", args=[row.pk]),
                           _("Decide"))  # fmt: skip
        elif waiting := turns(plan, actor.unit_ids("tasks.answer"))["waiting"]:
            text = _("Plan %(year)s v%(version)s to answer") % {
                "year": plan.year, "version": plan.version}  # fmt: skip
            yield Todo(kind, text, join([unit.short for unit in waiting]), url, _("Answer"))


def _jobs(actor: Actor) -> Iterator[Todo]:
    """Yield the computations that failed, with what they said."""
    failed = Job.objects.filter(district=actor.district, requested__gt=F("done"), failures__gt=0)
    for job in failed:
        text = _("The computation “%(kind)s” of %(month)s failed %(count)s times") % {
            "kind": job.kind,
            "month": month_text(job.month),
            "count": job.failures,
        }
        yield Todo(_("Health"), text, job.last_error, "", "")


def _staffing(actor: Actor) -> Iterator[Todo]:
    """Yield units without manager or supervisor, managers without account, terms about to end."""
    kind, chart = _("Staffing"), reverse("organisation")
    found = vacancies(actor.district_id, actor.on)
    for units, text in (
        (
            found.unmanaged,
            ngettext(
                "%(count)s unit has no manager",
                "%(count)s units have no manager",
                len(found.unmanaged),
            ),
        ),
        (
            found.unsupervised,
            ngettext(
                "%(count)s unit has no supervisor",
                "%(count)s units have no supervisor",
                len(found.unsupervised),
            ),
        ),
    ):
        if units:
            url = reverse("unit_detail", args=[units[0].code]) if len(units) == 1 else chart
            names = _some([unit.short for unit in units])
            yield Todo(kind, text % {"count": len(units)}, names, url, _("Appoint"))
    if people := managers_without_account(actor.district_id, actor.on):
        text = ngettext(
            "%(count)s manager has no account", "%(count)s managers have no account", len(people)
        ) % {"count": len(people)}
        yield Todo(
            kind, text, _some([each.name for each in people]), reverse("people"), _("Set up")
        )
    for term in ending_terms(actor.district_id, actor.on):
        text = _("%(person)s's term as %(post)s ends") % {
            "person": term.person.name,
            "post": term.post.name,
        }
        url = reverse("person_detail", args=[term.person.code])
        yield Todo(kind, text, term.unit.short, url, _("Look"), term.valid_to)


def _some(names: Sequence[str]) -> str:
    """Join the first names; the text before them says how many there are."""
    said = join(list(names[:NAMED]))
    return _("%(names)s and others") % {"names": said} if len(names) > NAMED else said


def _url(route: str, month: date) -> str:
    return f"{reverse(route)}?month={month_text(month)}"
