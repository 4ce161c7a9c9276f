"""Commission sheets, entitlements and expense claims that wait."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competitions.wording import join, month_name
from kpi.models import Month, MonthState
from orgchart.permissions import Actor
from portal.queries.todos.base import NAMED, Todo, month_url
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
from targets.templatetags.amounts import amount

# What a commission sheet in a state waits for.
STEPS = {SheetState.MADE: "audit", SheetState.AUDITED: "approve", SheetState.APPROVED: "pay"}


def todos(actor: Actor, rows: list[Month]) -> Iterator[Todo]:
    """Yield the money that waits for the actor's hand; `rows`: the district's months."""
    yield from _sheets(actor, rows)
    if actor.can("subsidies.write") or actor.can("subsidies.approve"):
        yield from _decisions(actor)
    yield from _claims(actor)
    yield from _receipts(actor)


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
        yield Todo(_("Subsidies"), text, "", month_url("subsidies", each["month"]), _("Decide"))


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
