"""The demo's summaries, written at once with the figures of their days."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fieldwork.models import Summary, SummaryKind
from fieldwork.queries.summary_figures import day_figures
from fieldwork.services.summaries import figures_of_week
from orgchart.actors import business_day
from orgchart.models import Person, Unit
from portal.demo.fieldwork.summaries import Written, people, summaries


def take_over_summaries(*, district: Unit, head: Person) -> None:
    """Two weeks of summaries: days answered by the units' leaders, theirs and weeks by the head."""
    units = {row.code: row for row in Unit.objects.filter(district=district)}
    known = {row.code: row for row in Person.objects.filter(district=district)}
    figures = {}
    written = {kind: [each for each in summaries() if each.kind == kind] for kind in SummaryKind}
    for each in written[SummaryKind.DAILY]:
        if (each.unit, each.first) not in figures:
            ids = [known[code].pk for code in people(each.unit)]
            figures[each.unit, each.first] = day_figures(units[each.unit], ids, each.first)
    Summary.objects.bulk_create(
        _row(
            each, units[each.unit], known[each.person], _answering(each, known, head),
            figures[each.unit, each.first][known[each.person].pk],
        )
        for each in written[SummaryKind.DAILY]
    )  # fmt: skip
    Summary.objects.bulk_create(  # a week counts its days
        _row(
            each, units[each.unit], known[each.person], head,
            figures_of_week(units[each.unit], each.first, business_day(each.sent_at)),
        )
        for each in written[SummaryKind.WEEKLY]
    )  # fmt: skip


def _answering(each: Written, known: Mapping[str, Person], head: Person) -> Person:
    """Return who answers a day: the unit's leader, and the leader's own the head."""
    leader = people(each.unit)[0]
    return head if each.person == leader else known[leader]


def _row(
    each: Written, unit: Unit, person: Person, leader: Person, figures: dict[str, Any]
) -> Summary:
    return Summary(
        kind=each.kind, unit=unit, first=each.first, person=person, answers=each.answers,
        words="\n".join(each.answers.values()), sent_at=each.sent_at, figures=figures,
        reply=each.reply, replied_by=leader if each.reply else None,
        replied_at=each.sent_at + timedelta(hours=2) if each.reply else None,
    )  # fmt: skip
