"""A bulletin as Excel: a sheet for each indicator, the month's ranking, and the score cards."""

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from orgchart.book import COUNT, FINE, MONEY, Book, Page, sheet_names
from portal.bulletin_tables import AMOUNT, COLUMNS, PUBLIC, RATE, Column
from portal.bulletin_words import marks, named, summary, title, total_name
from portal.rules.bulletins import Content, Edition, Item, Kind, Line, Period, Place, Section
from targets.rules.growth import rounded
from targets.templatetags.amounts import percent

PERCENT = "0.00%"
GROWN = "+0.00%;-0.00%;0.00%"
POINTS = "+0.00;-0.00;0.00"


def bulletin_workbook(content: Content, comment: str, edition: Edition) -> bytes:
    """Return the file. What the reader may not see is an empty cell."""
    kind = Kind(content.kind)
    heading = title(Period(kind, content.first, content.last), edition.number)
    cards = [place for place in content.places if place.items]
    wanted = [named(section.name) for section in content.sections]
    wanted += [_("Leaderboard")] if content.places else []
    wanted += [_("Score cards")] if cards else []
    names = iter(sheet_names(wanted))
    with Book(heading) as book:
        for section in content.sections:
            page = book.page(next(names), [8, 18, *[12] * len(COLUMNS[kind]), 14], frozen=2)
            _top(page, heading, section, content, comment, edition)
            _section(page, section, COLUMNS[kind])
        if content.places:
            _ranking(
                book.page(next(names), [8, 12, 20, 12, 12, 12, 16], frozen=3), content, heading
            )
        if cards:
            _cards(book.page(next(names), [18, 20, *[12] * 9, 16], frozen=2), cards, heading)
    return book.content


def _top(
    page: Page, heading: str, section: Section, content: Content, comment: str, edition: Edition
) -> None:
    page.title(heading)
    time = _("time %(time)s%%") % {"time": percent(section.time_progress)}
    page.note(named(content.district), named(section.name), time)
    if section is content.sections[0]:
        page.note(
            *[f"{fact['label']} {fact['text']}" for fact in [*marks(edition), *summary(content)]]
        )
        if comment:
            page.note(_("Comment"), " ".join(comment.split()))


def _section(page: Page, section: Section, columns: list[Column]) -> None:
    measure = named(section.measure)
    page.head(
        [
            _("Rank"), _("Unit"),
            *(f"{one.label} ({measure})" if one.form == AMOUNT else str(one.label)
              for one in columns),
            _("as of"),
        ]
    )  # fmt: skip
    for line in section.lines:
        _line(page, line, named(line.name), section, columns)
    if section.total is not None:
        _line(page, section.total, total_name(section), section, columns, bold=True)
    page.print_area()


def _line(
    page: Page, line: Line, name: str, section: Section, columns: list[Column], **options: bool
) -> None:
    page.number(0, line.rank, "0", **options)
    page.text(1, name, **options)
    amounts = MONEY if section.decimals == 2 else FINE if section.decimals else COUNT
    for place, one in enumerate(columns, 2):
        value = one.of(line) if line.is_open or one.code in PUBLIC else None
        form = {AMOUNT: amounts, RATE: PERCENT}.get(one.form, GROWN)
        if one.code == "difference":
            value, form = None if value is None else value * 100, POINTS
        page.number(place, _number(value), form, **options)
    last = len(columns) + 2
    page.text(last, line.reported_on.isoformat() if line.reported_on else "", **options)
    page.row += 1


def _number(value: Decimal | Fraction | int | None) -> Decimal | int | None:
    return rounded(value, 6) if isinstance(value, Fraction) else value


def _ranking(page: Page, content: Content, heading: str) -> None:
    page.title(heading)
    page.head(
        [
            _("Rank"), _("Rank last month"), _("Unit"), _("Base score"), _("Bonus"),
            _("Total score"), _("Supervisor"),
        ]
    )  # fmt: skip
    for place in content.places:
        page.number(0, place.rank, "0")
        page.number(1, place.rank_before, "0")
        page.text(2, named(place.name))
        page.number(3, place.base)
        page.number(4, place.bonus)
        page.number(5, place.total, bold=True)
        page.text(6, place.supervisor)
        page.row += 1
    page.print_area()


def _cards(page: Page, places: list[Place], heading: str) -> None:
    """The score card on one page: the columns of the department's own sheet (rules §10)."""
    page.title(heading)
    page.head(
        [
            _("Unit"), _("Item"), _("Task"), _("Actual"), _("Rate"), _("Points"), _("Weight"),
            _("Bonus"), _("Total score"), _("Rank"), _("Rank last month"), _("Supervisor"),
        ]
    )  # fmt: skip
    for place in places:
        for item in place.items:
            _card_line(page, place, item)
    page.print_area()


def _card_line(page: Page, place: Place, item: Item) -> None:
    form = PERCENT if item.is_percent else FINE
    page.text(0, named(place.name))
    page.text(1, named(item.name))
    page.number(2, item.task, form)
    page.number(3, item.actual and rounded(Fraction(item.actual), 6), form)
    page.number(4, _number(item.completion), PERCENT)
    page.number(5, item.points)
    page.number(6, item.weight, FINE)
    page.number(7, place.bonus)
    page.number(8, place.total)
    page.number(9, place.rank, "0")
    page.number(10, place.rank_before, "0")
    page.text(11, place.supervisor)
    page.row += 1
