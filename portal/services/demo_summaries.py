"""The demo's summaries, written at once with the figures of their days."""

from datetime import timedelta

from fieldwork.models import Summary, SummaryKind
from fieldwork.queries.summary_figures import day_figures
from fieldwork.services.summaries import figures_of_week
from orgchart.actors import business_day
from orgchart.models import Person, Unit
from portal.demo.fieldwork.summaries import people, summaries


def take_over_summaries(*, district: Unit, head: Person) -> None:
    """Two weeks of summaries: days answered by the units' leaders, weeks by the head."""
    units = {row.code: row for row in Unit.objects.filter(district=district)}
    known = {row.code: row for row in Person.objects.filter(district=district)}
    figures = {}
    rows = []
    for each in summaries():
        unit, person = units[each.unit], known[each.person]
        is_day = each.kind == SummaryKind.DAILY
        if is_day and (each.unit, each.first) not in figures:
            ids = [known[code].pk for code in people(each.unit)]
            figures[each.unit, each.first] = day_figures(unit, ids, each.first)
        leader = known[people(each.unit)[0]] if is_day else head
        rows.append(
            Summary(
                kind=each.kind, unit=unit, first=each.first, person=person, answers=each.answers,
                words="\n".join(each.answers.values()), sent_at=each.sent_at,
                figures=figures[each.unit, each.first][person.pk]
                if is_day
                else figures_of_week(unit, each.first, business_day(each.sent_at)),
                reply=each.reply, replied_by=leader if each.reply else None,
                replied_at=each.sent_at + timedelta(hours=2) if each.reply else None,
            )
        )  # fmt: skip
    Summary.objects.bulk_create(rows, batch_size=500)
