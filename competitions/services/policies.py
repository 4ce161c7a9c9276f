"""Writing, publishing and withdrawing terms of the competition (rules §9)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from competitions import queries, rules
from competitions.models import Competition, CompetitionPolicy
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked
from orgchart.models import Person, Tenure, Unit
from orgchart.services.notifications import notify
from targets.months import month_text

# The fields of CompetitionPolicy that are terms.
TERMS = (
    "amount", "revenue", "volume", "fixed_net", "no_qualifier", "tie", "notice_days",
    "heeds_veto", "excluded", "reason",
)  # fmt: skip


@transaction.atomic
def draft_policy(
    *,
    competition: Competition,
    policy: CompetitionPolicy | None,
    valid_from: date,
    values: Mapping[str, Any],
    by: Person,
    at: datetime,
) -> CompetitionPolicy:
    """Write a draft of terms from a month that has not begun: a new one, or `policy` again.

    `values` are the TERMS. Raises Invalid at the field, and Locked if the draft was published or
    discarded meanwhile.
    """
    _queue_up(competition.pk)
    row = CompetitionPolicy(competition=competition) if policy is None else _draft(policy)
    _demand_sound(values, valid_from, competition, business_day(at))
    before = queries.terms_json(row) if row.pk else None
    row.valid_from, row.is_draft = valid_from, True
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    _note(row, "competition.terms.drafted", before, queries.terms_json(row), by, at)
    return row


@transaction.atomic
def publish_policy(*, policy: CompetitionPolicy, by: Person, at: datetime) -> CompetitionPolicy:
    """Let a draft hold from its month on; the terms before end the day before.

    Managers are told. Raises Locked unless it is a draft, Invalid once its month has begun or
    where terms of that month or a later one are published already.
    """
    _queue_up(policy.competition_id)
    row = _draft(policy)
    values = {name: getattr(row, name) for name in TERMS}
    _demand_sound(values, row.valid_from, row.competition, business_day(at))
    former = _published(row).order_by("valid_from").last()
    if former is not None and former.valid_from >= row.valid_from:
        sentence = _("Terms from %(month)s are published already; withdraw them first.") % {
            "month": month_text(former.valid_from)
        }
        raise Invalid(sentence, [Fault("/valid_from", sentence)])
    if former is not None:
        former.valid_to = row.valid_from - timedelta(days=1)
        former.save(update_fields=["valid_to"])
    row.is_draft, row.published_by, row.published_at = False, by, at
    row.save()
    before = queries.terms_json(former) if former else None
    _note(row, "competition.terms", before, queries.terms_json(row), by, at)
    _tell_managers(row, at)
    return row


@transaction.atomic
def withdraw_policy(*, policy: CompetitionPolicy, by: Person, at: datetime) -> CompetitionPolicy:
    """Make published terms that have not begun a draft again; those before hold on.

    Raises Locked.
    """
    _queue_up(policy.competition_id)
    rows = _published(policy)
    row = rows.filter(pk=policy.pk, valid_from__gt=business_day(at)).first()
    if row is None:
        raise Locked(_("Only terms that have not begun can be withdrawn."))
    before = queries.terms_json(row)
    rows.filter(valid_to=row.valid_from - timedelta(days=1)).update(valid_to=row.valid_to)
    row.is_draft, row.valid_to, row.published_by, row.published_at = True, None, None, None
    row.save()
    _note(row, "competition.terms.withdrawn", before, None, by, at)
    return row


@transaction.atomic
def discard_policy(*, policy: CompetitionPolicy, by: Person, at: datetime) -> None:
    """Throw a draft away. Raises Locked if it is none any more."""
    _queue_up(policy.competition_id)
    row = _draft(policy)
    _note(row, "competition.terms.discarded", queries.terms_json(row), None, by, at)
    row.delete()


def _queue_up(competition_id: int) -> None:
    """Let those who change terms of a competition do so one after the other."""
    Competition.objects.select_for_update().get(pk=competition_id)


def _published(policy: CompetitionPolicy) -> Any:
    return CompetitionPolicy.objects.filter(competition=policy.competition_id, is_draft=False)


def _draft(policy: CompetitionPolicy) -> CompetitionPolicy:
    row = (
        CompetitionPolicy.objects.filter(pk=policy.pk, is_draft=True)
        .select_related("competition__district", "revenue", "volume", "fixed_net")
        .first()
    )
    if row is None:
        raise Locked(_("These terms are no draft any more."))
    return row


def _demand_sound(
    values: Mapping[str, Any], valid_from: date, competition: Competition, today: date
) -> None:
    faults = list(_faults(values, valid_from, competition, today))
    if faults:
        raise Invalid(" ".join(str(fault.detail) for fault in faults), faults)


def _faults(
    values: Mapping[str, Any], valid_from: date, competition: Competition, today: date
) -> Iterator[Fault]:
    if valid_from.day != 1:
        yield Fault("/valid_from", _("Begin on the first day of a month."))
    elif valid_from <= today:
        yield Fault("/valid_from", _("The month has begun; begin with the next."))
    gates = [values[name] for name in ("revenue", "volume", "fixed_net") if values[name]]
    for name in ("revenue", "volume", "fixed_net"):
        if values[name] and gates.count(values[name]) > 1:
            yield Fault(f"/{name}", _("Each task needs an indicator of its own."))
    units = Unit.objects.of(competition.district_id).business().open_on(valid_from)
    codes = set(units.values_list("code", flat=True))
    if unknown := set(values["excluded"]) - codes:
        sentence = _("No business unit of that month: %(codes)s.") % {
            "codes": ", ".join(sorted(unknown))
        }
        yield Fault("/excluded", sentence)
    elif codes and codes == set(values["excluded"]):
        yield Fault("/excluded", _("Somebody has to take part."))
    if not values["reason"].strip():
        yield Fault("/reason", _("Write the reason."))
    try:
        rules.Policy(
            amount=values["amount"],
            no_qualifier=rules.NoQualifier(values["no_qualifier"]),
            tie=tuple(rules.TieStep(step) for step in values["tie"]),
        )
    except ValueError as error:
        sentences = {
            "tie": _("Compare rates without repetition, then split or each."),
            "amount": _("Whole cents, not negative."),
        }
        name = str(error).partition(":")[0]
        yield Fault(f"/{name}", sentences[name])


def _tell_managers(row: CompetitionPolicy, at: datetime) -> None:
    month = month_text(row.valid_from)
    notify(
        Person.objects.filter(
            pk__in=Tenure.objects.on(business_day(at))
            .filter(unit__in=Unit.objects.of(row.competition.district_id).business())
            .filter(post__role="manager")
            .values("person")
        ),
        zh=f"劳动竞赛自 {month} 起执行新办法",
        en=f"New competition terms from {month}",
        url=reverse("competition_policies"),
        key=f"competition-terms/{row.pk}/{at.isoformat()}",
        at=at,
    )


def _note(
    row: CompetitionPolicy, action: str, before: Any, after: Any, by: Person, at: datetime
) -> None:
    competition = row.competition
    audit.record(
        by=by, at=at, action=action, subject=f"competitions/{competition.code}/terms",
        district=competition.district, reason=row.reason.strip(),
        changes=[{"key": {"from": month_text(row.valid_from)}, "before": before, "after": after}],
    )  # fmt: skip
