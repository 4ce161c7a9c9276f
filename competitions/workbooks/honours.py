"""The winners' wall as Excel."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from competitions.campaign_words import span
from competitions.models import RoundState
from competitions.queries.honours import CampaignWon, Honours, Won
from competitions.wording import verdict_sentence, words_of
from orgchart.book import COUNT, MONEY, Book, Page, sheet_names
from targets.months import month_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def honours_workbook(
    year: int, months: Sequence[Won], contests: Sequence[CampaignWon], found: Sequence[Honours]
) -> bytes:
    """Return a sheet with an award a row, months without one too, and a sheet of the units."""
    title = _("Winners' wall %(year)s") % {"year": year}
    with Book(title) as book:
        first, second = sheet_names([_("Awards"), _("Awards by unit")])
        page = book.page(first, [24, 22, 24, 18, 10, 12, 12, 60], frozen=2)
        page.title(title)
        page.head(
            [
                _("Month or days"), _("What for"), _("Winner"), _("Unit"), _("Place"), _("Award"),
                _("State"), _("Reason"),
            ]
        )  # fmt: skip
        top, total = page.row, Decimal(0)
        for each in months:
            contest, words = each.contest, words_of(each.contest)
            state = RoundState(contest.state).label
            for code, amount in contest.winners.items() or [("", None)]:
                name = words.units([code]) if code else ""
                rank = next((row["rank"] for row in contest.standings if row["unit"] == code), None)
                total += amount or 0
                _line(
                    page, month_text(contest.month), _("Competition"), name, name, rank, amount,
                    str(state), verdict_sentence(contest),
                )  # fmt: skip
        for won in contests:
            row = won.campaign
            for prize in won.prizes:
                total += prize.amount
                _line(
                    page, span(row), row.name, prize.who, prize.unit.short, prize.rank,
                    prize.amount, row.get_state_display(), "",
                )  # fmt: skip
        for column in (0, 1, 3, 4, 6, 7):
            page.text(column, "")
        page.text(2, _("Total"), bold=True)
        page.total(5, top, total)
        page.row += 1
        page.print_area()
        _units(book.page(second, [22, 12, 14, 16, 16, 14], frozen=1), found)
    return book.content


def _line(
    page: Page, when: str, what: str, who: str, unit: str, rank: int | None,
    amount: Decimal | None, state: str, reason: str,
) -> None:  # fmt: skip
    page.text(0, when)
    page.text(1, what)
    page.text(2, who)
    page.text(3, unit)
    page.number(4, rank, COUNT)
    page.number(5, amount, MONEY)
    page.text(6, state)
    page.text(7, reason, text_wrap=True)
    page.row += 1


def _units(page: Page, found: Sequence[Honours]) -> None:
    page.title(_("Monthly competition by unit, all years"))
    page.head(
        [
            _("Unit"), _("Awards"), _("Award"), _("Longest run of months"), _("Present run"),
            _("Last awarded"),
        ]
    )  # fmt: skip
    for each in found:
        page.text(0, each.unit.name)
        page.number(1, each.times, COUNT)
        page.number(2, each.amount, MONEY)
        page.number(3, each.longest, COUNT)
        page.number(4, each.running, COUNT)
        page.text(5, month_text(each.last) if each.last else _("never"))
        page.row += 1
    page.print_area()
