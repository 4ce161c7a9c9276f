"""Writing campaigns and their results down, and taking them from announcement to payment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from competitions.models import (
    Campaign,
    CampaignAward,
    CampaignResult,
    CampaignState,
    Contestants,
    Source,
)
from competitions.queries.campaign_sources import is_summed
from competitions.queries.campaigns import contestants, standings_json, table
from competitions.rules import campaigns as rules
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused, VersionConflict
from orgchart.models import Person, Tenure, Unit
from orgchart.services.notifications import notify
from targets.months import last_day

LONGEST = 366  # days
# What may change after the announcement: words, and the last day to a later one.
WORDS = ("name_zh", "name_en", "note")
FIELDS = (
    "name_zh", "name_en", "contestants", "source", "indicator", "measure", "decimals", "starts_on",
    "ends_on", "units", "tier", "goal", "threshold", "prizes", "levels", "tie", "notice_days",
    "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A contestant's result since the first day, as it stood on a day; None takes it back."""

    contestant: str
    day: date
    value: Decimal | None


@transaction.atomic
def save_campaign(
    *,
    district: Unit,
    values: Mapping[str, Any],
    by: Person,
    at: datetime,
    campaign: Campaign | None = None,
    version: int = 0,
) -> Campaign:
    """Write a draft, new or again; `values` are FIELDS of Campaign.

    An announced campaign keeps its terms: its words may change and its last day may move to a
    later one. Raises Invalid at the field, Locked, VersionConflict.
    """
    row = Campaign(district=district, made_by=by, version=0)
    before: dict[str, Any] | None = None
    if campaign is not None:
        row = _held(campaign, CampaignState.DRAFT, CampaignState.ANNOUNCED)
        if row.version != version:
            raise VersionConflict(_("Somebody changed the campaign meanwhile; look at it again."))
        before = facts(row)
    if row.state == CampaignState.ANNOUNCED:
        _demand_same_terms(row, values)
    for name, value in values.items():
        setattr(row, name, value)
    if faults := faults_of(row):
        raise Invalid(" ".join(str(fault.detail) for fault in faults), faults)
    row.version += 1
    if row.pk is None:
        row.code = f"new-{at.timestamp():.0f}-{by.pk}"
        row.save()
        row.code = f"c{row.pk:04d}"
    row.save()
    _record(row, "campaign.save", by, at, _differences(before or {}, facts(row)))
    return row


def _demand_same_terms(row: Campaign, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in (*WORDS, "ends_on") and _number(getattr(row, name)) != _number(value):
            sentence = _("Announced terms stay; void the campaign and write another.")
            raise Locked(sentence, [Fault(f"/{name}", sentence)])
    if values.get("ends_on", row.ends_on) < row.ends_on:
        sentence = _("The last day may only move to a later one.")
        raise Invalid(sentence, [Fault("/ends_on", sentence)])


def _number(value: Any) -> Any:
    """Return a term with its texts as numbers: “300” and “300.00” are the same prize."""
    if isinstance(value, list | tuple):
        return [_number(each) for each in value]
    if isinstance(value, dict):
        return {name: _number(each) for name, each in value.items()}
    try:
        return Decimal(value) if isinstance(value, str) else value
    except InvalidOperation:
        return value


_PRIZE_SENTENCES = {
    "prizes: none": gettext_lazy("Say what can be won: a place or a level."),
    "prizes: amount": gettext_lazy("Whole cents, more than nothing."),
    "prizes: places": gettext_lazy("At least one place a prize, 1,000 altogether."),
    "prizes: order": gettext_lazy("A later place gets no more than an earlier one."),
    "levels: amount": gettext_lazy("Whole cents, more than nothing."),
    "levels: order": gettext_lazy("A level that is harder to reach pays more."),
}


def faults_of(row: Campaign) -> list[Fault]:
    """Return what keeps a campaign from being stored, at its fields."""
    found: list[Fault] = []
    if row.ends_on < row.starts_on:
        found.append(Fault("/ends_on", _("The last day lies before the first.")))
    elif (row.ends_on - row.starts_on).days >= LONGEST:
        found.append(Fault("/ends_on", _("A campaign lasts a year at most.")))
    allowed = {
        Source.REPORTED: (Contestants.UNITS,),
        Source.LEDGER: (Contestants.DEALERS,),
    }.get(Source(row.source))
    if allowed and row.contestants not in allowed:
        found.append(Fault("/source", _("Nobody reports this of them; enter it instead.")))
    if row.source == Source.REPORTED and row.indicator is None:
        found.append(Fault("/indicator", _("Choose the indicator whose figures count.")))
    if row.source == Source.REPORTED and row.indicator and not _is_whole(row):
        sentence = _("This indicator does not add up day by day: take whole months.")
        if not is_summed(row.indicator):
            found.append(Fault("/starts_on", sentence))
    if row.indicator is None and not row.measure:
        found.append(Fault("/measure", _("Say what is counted, such as users or yuan.")))
    if row.tie == rules.Tie.EARLIER and row.source != Source.ENTERED:
        found.append(Fault("/tie", _("Only entered results say who was there first.")))
    if row.tier and row.contestants != Contestants.DEALERS:
        found.append(Fault("/tier", _("Only dealers have a tier.")))
    unknown = set(row.units) - set(
        Unit.objects.of(row.district_id).business().values_list("code", flat=True)
    )
    if unknown:
        found.append(Fault("/units", _("This unit is not known.")))
    try:
        assert row.terms
    except ValueError as error:
        field = str(error).partition(":")[0]
        found.append(Fault(f"/{field}", str(_PRIZE_SENTENCES[str(error)])))
    return found


def _is_whole(row: Campaign) -> bool:
    return row.starts_on.day == 1 and row.ends_on == last_day(row.ends_on)


@transaction.atomic
def announce(*, campaign: Campaign, by: Person, at: datetime) -> Campaign:
    """Promise the prizes: from now on the terms stay. Those who may win are told.

    Whoever wrote the campaign cannot announce it: it is money that is promised.
    """
    row = _held(campaign, CampaignState.DRAFT)
    if row.made_by_id == by.pk:
        raise Refused(_("Whoever wrote the campaign cannot announce it."))
    if business_day(at) > row.ends_on:
        raise Locked(_("The campaign would be over already; move its days."))
    row.state, row.announced_by, row.announced_at = CampaignState.ANNOUNCED, by, at
    row.save(update_fields=["state", "announced_by", "announced_at"])
    _note_state(row, "campaign.announce", CampaignState.DRAFT, by, at)
    units = {each.unit.pk for each in contestants(row)}
    posts = Tenure.objects.on(business_day(at)).filter(unit__in=units)
    notify(
        Person.objects.filter(pk__in=posts.values("person"), user__isnull=False),
        zh=f"专项活动“{row.name_zh}”：{row.starts_on:%m-%d} 至 {row.ends_on:%m-%d}",
        en=f"Campaign “{row.name_en or row.name_zh}”: {row.starts_on:%m-%d} to {row.ends_on:%m-%d}",
        url=reverse("campaign", args=[row.code]), key=f"campaign/{row.pk}", at=at,
    )  # fmt: skip
    return row


@transaction.atomic
def save_results(
    *,
    campaign: Campaign,
    entries: Sequence[Entry],
    by: Person,
    at: datetime,
    unit_ids: Collection[int] | None = None,
) -> int:
    """Write entered results, all or none; return how many differ from what was there.

    The same results again change nothing. Results of contestants outside `unit_ids` are faults.
    Raises Locked unless announced and entered, Invalid with a fault `/n/field` an entry.
    """
    row = _held(campaign, CampaignState.ANNOUNCED)
    if row.source != Source.ENTERED:
        raise Locked(_("This campaign reads its results; nothing is entered."))
    known = {each.code: each for each in contestants(row)}
    if faults := list(_entry_faults(row, entries, known, unit_ids, business_day(at))):
        raise Invalid(_("Nothing was stored: %(what)s") % {"what": faults[0].detail}, faults)
    held = {
        (each.contestant, each.day): each
        for each in CampaignResult.objects.filter(
            campaign=row, contestant__in={entry.contestant for entry in entries}
        )
    }
    changes, new, changed, gone = [], [], [], []
    for entry in entries:
        result = held.get((entry.contestant, entry.day))
        before = result.value if result else None
        if before == entry.value:
            continue
        changes.append(
            {
                "key": {"contestant": entry.contestant, "day": entry.day.isoformat()},
                "before": before,
                "after": entry.value,
            }
        )
        if entry.value is None:
            gone.append(result.pk if result else 0)
            continue
        if result is None:
            result = CampaignResult(campaign=row, contestant=entry.contestant, day=entry.day)
            new.append(result)
        else:
            result.version += 1
            changed.append(result)
        result.value, result.reported_by, result.reported_at = entry.value, by, at
    CampaignResult.objects.filter(pk__in=gone).delete()
    CampaignResult.objects.bulk_create(new, batch_size=500)
    CampaignResult.objects.bulk_update(
        changed, ["value", "version", "reported_by", "reported_at"], batch_size=500
    )
    if changes:
        _record(row, "campaign.results", by, at, changes)
    return len(changes)


def _entry_faults(
    row: Campaign, entries: Sequence[Entry], known: Mapping[str, Any],
    unit_ids: Collection[int] | None, today: date,
) -> Any:  # fmt: skip
    seen = set()
    for number, entry in enumerate(entries):
        who = known.get(entry.contestant)
        if who is None:
            yield Fault(f"/{number}/contestant", _("Nobody of this code takes part."))
        elif unit_ids is not None and who.unit.pk not in unit_ids:
            yield Fault(f"/{number}/contestant", _("The contestant belongs to another unit."))
        if (entry.contestant, entry.day) in seen:
            yield Fault(f"/{number}/contestant", _("Named twice for the same day."))
        seen.add((entry.contestant, entry.day))
        if not row.starts_on <= entry.day <= row.ends_on:
            yield Fault(f"/{number}/day", _("The day lies outside the campaign."))
        elif entry.day > today:
            yield Fault(f"/{number}/day", _("The day lies in the future."))
        decimals = row.result_decimals
        if entry.value is not None and entry.value != round(entry.value, decimals):
            yield Fault(f"/{number}/value", _("At most %(count)s decimals.") % {"count": decimals})
        if entry.value is not None and entry.value < 0:
            yield Fault(f"/{number}/value", _("A result is not below zero."))


@transaction.atomic
def decide(*, campaign: Campaign, by: Person, at: datetime) -> Campaign:
    """Freeze the standings after the last day and grant what they are worth.

    The row is locked: of two that decide the second is told so. Raises Locked before the end,
    without any result, and while figures that are read are missing.
    """
    row = _held(campaign, CampaignState.ANNOUNCED)
    today = business_day(at)
    if today <= row.ends_on:
        raise Locked(
            _("The campaign runs until %(day)s; decide it after that day.")
            % {"day": row.ends_on.isoformat()}
        )
    found = table(row, today)
    if row.source != Source.ENTERED and found.missing:
        names = ", ".join(each.name for each in found.missing[:5])
        raise Locked(_("Figures are missing: %(who)s") % {"who": names})
    if found.total is None:
        raise Locked(_("There are no results yet."))
    row.standings = standings_json(found.rows)
    row.state, row.decided_by, row.decided_at = CampaignState.DECIDED, by, at
    row.save(update_fields=["standings", "state", "decided_by", "decided_at"])
    CampaignAward.objects.bulk_create(
        CampaignAward(
            campaign=row, contestant=each.contestant.code, unit=each.contestant.unit,
            rank=each.standing.rank, for_place=each.standing.for_place,
            for_level=each.standing.for_level, amount=each.standing.amount,
        )
        for each in found.rows
        if each.standing.amount
    )  # fmt: skip
    _note_state(row, "campaign.decide", CampaignState.ANNOUNCED, by, at, found.payable)
    return row


@transaction.atomic
def approve(*, campaign: Campaign, by: Person, at: datetime) -> Campaign:
    """Approve the awards after their notice, by somebody other than who wrote or decided it."""
    row = _held(campaign, CampaignState.DECIDED)
    if by.pk in (row.decided_by_id, row.made_by_id):
        raise Refused(_("Whoever wrote or decided the campaign cannot approve its awards."))
    if business_day(at) <= row.notice_ends_on:
        raise Locked(
            _("The awards are on notice until %(day)s; approve them after that day.")
            % {"day": row.notice_ends_on.isoformat()}
        )
    row.state, row.approved_by, row.approved_at = CampaignState.APPROVED, by, at
    row.save(update_fields=["state", "approved_by", "approved_at"])
    _note_state(row, "campaign.approve", CampaignState.DECIDED, by, at)
    return row


@transaction.atomic
def pay(*, campaign: Campaign, by: Person, at: datetime) -> Campaign:
    """Register that the awards were paid, by somebody other than the approver."""
    row = _held(campaign, CampaignState.APPROVED)
    if row.approved_by_id == by.pk:
        raise Refused(_("Whoever approved the awards cannot register their payment."))
    row.state, row.paid_by, row.paid_at = CampaignState.PAID, by, at
    row.save(update_fields=["state", "paid_by", "paid_at"])
    _note_state(row, "campaign.pay", CampaignState.APPROVED, by, at)
    return row


@transaction.atomic
def void(*, campaign: Campaign, reason: str, by: Person, at: datetime) -> Campaign:
    """Call a campaign off with a reason; its awards are not granted. What is paid stays paid."""
    row = _held(
        campaign, CampaignState.DRAFT, CampaignState.ANNOUNCED, CampaignState.DECIDED,
        CampaignState.APPROVED,
    )  # fmt: skip
    if not reason.strip():
        sentence = _("Give a reason.")
        raise Invalid(sentence, [Fault("/reason", sentence)])
    before = row.state
    row.state, row.void_reason = CampaignState.VOID, reason.strip()
    row.save(update_fields=["state", "void_reason"])
    _note_state(row, "campaign.void", before, by, at, reason=row.void_reason)
    return row


def _held(campaign: Campaign, *states: Any) -> Campaign:
    """Lock the campaign's row. Raises Locked unless it is in one of the states."""
    row = (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("district", "indicator")
        .get(pk=campaign.pk)
    )
    if row.state not in states:
        raise Locked(
            _("The campaign is in the state “%(state)s”: this step is not open.")
            % {"state": row.get_state_display()}
        )
    return row


def facts(row: Campaign) -> dict[str, Any]:
    """Return the terms as the trail and the API give them."""
    return {
        "name_zh": row.name_zh, "name_en": row.name_en, "contestants": row.contestants,
        "source": row.source, "indicator": row.indicator.code if row.indicator else None,
        "measure": row.measure, "decimals": row.decimals,
        "starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat(),
        "units": list(row.units), "tier": row.tier, "goal": _text(row.goal),
        "threshold": _text(row.threshold), "prizes": row.prizes, "levels": row.levels,
        "tie": row.tie, "notice_days": row.notice_days, "note": row.note,
    }  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": {"field": name}, "before": before.get(name), "after": value}
        for name, value in after.items()
        if (before.get(name) != value and value not in ("", None, []))
        or (before and before.get(name) != value)
    ]


def _note_state(
    row: Campaign, action: str, before: Any, by: Person, at: datetime,
    amount: Decimal | None = None, reason: str = "",
) -> None:  # fmt: skip
    changes: list[dict[str, Any]] = [
        {"key": {"field": "state"}, "before": str(before), "after": str(row.state)}
    ]
    if amount is not None:
        changes.append({"key": {"field": "amount"}, "before": None, "after": amount})
    _record(row, action, by, at, changes, reason)


def _record(
    row: Campaign, action: str, by: Person, at: datetime, changes: list[Any], reason: str = ""
) -> None:
    audit.record(
        by=by, at=at, action=action, subject=f"campaigns/{row.code}", district=row.district,
        changes=changes, reason=reason,
    )  # fmt: skip
