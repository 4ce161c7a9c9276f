"""The standings of a campaign as Excel."""

from django.utils.translation import gettext as _

from competitions.campaign_words import lacks, measure_of, sentence, span
from competitions.queries.campaigns import Table
from orgchart.book import COUNT, FINE, MONEY, RATE, Book

_WIDTHS = [8, 12, 22, 18, 14, 12, 12, 12, 26]


def standings_workbook(found: Table) -> bytes:
    """Return the standings as one sheet, sums as formulas."""
    row = found.campaign
    with Book(row.name) as book:
        page = book.page(_("Standings"), _WIDTHS, frozen=3)
        page.title(row.name)
        page.note(span(row), sentence(found))
        page.head(
            [
                _("Rank"), _("Code"), _("Name"), _("Unit"),
                _("Result, %(measure)s") % {"measure": measure_of(row)}, _("For the place"),
                _("For the level"), _("Award"), _("To the next prize"),
            ]
        )  # fmt: skip
        form = FINE if row.result_decimals else COUNT
        if row.indicator is not None and row.indicator.is_percent:
            form = RATE
        first = page.row
        for each in found.rows:
            standing = each.standing
            page.number(0, standing.rank, COUNT)
            page.text(1, each.contestant.code)
            page.text(2, each.contestant.name)
            page.text(3, each.contestant.unit.name)
            page.number(4, standing.value, form)
            page.number(5, standing.for_place or None, MONEY)
            page.number(6, standing.for_level or None, MONEY)
            page.number(7, standing.amount or None, MONEY)
            page.text(8, "" if row.standings is not None else lacks(row, each))
            page.row += 1
        page.text(0, "")
        page.text(1, "")
        page.text(2, _("Total"), bold=True)
        page.text(3, "")
        page.text(4, "")
        for column, amounts in enumerate(
            (
                [each.standing.for_place for each in found.rows],
                [each.standing.for_level for each in found.rows],
                [each.standing.amount for each in found.rows],
            ),
            start=5,
        ):
            page.total(column, first, sum(amounts))
        page.text(8, "")
        page.row += 1
        page.print_area()
    return book.content
