"""Drawing a month's sample of joined users whose original papers are looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import Sample, SampledUser, SampleSource
from fieldwork.queries.audit import Belonging
from fieldwork.rules.audit import MOST_SAMPLED, drawn, masked
from fieldwork.services.audit_import import (
    demand_no_faults,
    named_dealers,
    needed,
    unit_or_fault,
)
from fieldwork.workbooks.audit import JOINED
from fieldwork.workbooks.tables import Table
from orgchart import audit
from orgchart.errors import Fault, Invalid, Locked
from orgchart.models import Dealer, Person, Unit
from targets.months import last_day, month_text


@dataclass(frozen=True, slots=True)
class Joined:
    """A user who joined with a dealer: `number` as the source has it, never stored."""

    dealer: Dealer
    number: str
    joined_on: date


@transaction.atomic
def draw_sample(
    *, district: Unit, month: date, joined: Sequence[Joined], size: int, seed: str,
    source: SampleSource, by: Person, at: datetime,
) -> Sample:  # fmt: skip
    """Draw users of a month; a month is drawn once: nobody draws until it suits.

    Only the masked number is kept. Raises Invalid, Locked.
    """
    if not seed.strip() or len(seed) > 40:
        sentence = _("Write a seed of at most 40 characters.")
        raise Invalid(sentence, [Fault("/seed", sentence)])
    if not 1 <= size <= MOST_SAMPLED:
        sentence = _("Write 1 to %(most)s users.") % {"most": MOST_SAMPLED}
        raise Invalid(sentence, [Fault("/size", sentence)])
    units = Belonging(district)
    found = {
        f"{each.dealer.code}/{each.number}": (each, unit)
        for each in joined
        if month <= each.joined_on <= last_day(month)
        and (unit := units.unit(each.dealer.pk, each.joined_on)) is not None
    }
    if not found:
        sentence = _("Nobody of this source joined in %(month)s.") % {"month": month_text(month)}
        raise Invalid(sentence, [Fault("/month", sentence)])
    # Two who draw at once.
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    if Sample.objects.filter(district=district, month=month).exists():
        text = _("The sample of %(month)s is drawn already.") % {"month": month_text(month)}
        raise Locked(text)
    sample = Sample.objects.create(
        district=district, month=month, seed=seed.strip(), population=len(found), source=source,
        drawn_by=by, drawn_at=at,
    )  # fmt: skip
    users = [found[key] for key in drawn(found, size, sample.seed)]
    SampledUser.objects.bulk_create(
        SampledUser(
            district=district, sample=sample, dealer=each.dealer, unit=unit,
            mark=masked(each.number), joined_on=each.joined_on,
        )
        for each, unit in users
    )  # fmt: skip
    after = {"seed": sample.seed, "of": len(found), "drawn": len(users)}
    audit.record(
        by=by, at=at, action="sample.draw", subject=f"samples/{month_text(month)}",
        district=district, changes=[{"key": "sample", "before": None, "after": after}],
    )  # fmt: skip
    return sample


def read_joined(district: Unit, month: date, content: bytes) -> list[Joined]:
    """Return the users of a list. Raises NotAList, NotImported with every fault; no fault quotes
    a number."""
    table = Table(content, JOINED, required=list(JOINED))
    known, units = named_dealers(district), Belonging(district)
    found = []
    seen: dict[str, int] = {}
    for row in table:
        number = row.text("number", longest=40).replace(" ", "")
        dealer: Dealer | None = row.one_of("dealer", known, is_required=True)
        joined_on = needed(row, "joined_on", row.day("joined_on"))
        if not number:
            row.fault("number", _("This cell must be filled in."))
        elif number in seen:
            text = _("The number stands in row %(row)s already.")
            row.fault("number", text % {"row": seen[number]})
        seen.setdefault(number, row.number)
        if joined_on is not None and not month <= joined_on <= last_day(month):
            row.fault("joined_on", _("The day is not of %(month)s.") % {"month": month_text(month)})
        if row.is_sound and dealer is not None:
            unit_or_fault(row, units, dealer, joined_on)
        if row.is_sound and dealer is not None:
            found.append(Joined(dealer, number, joined_on))
    demand_no_faults(table)
    return found
