"""The charts of a month as Excel: a sheet per chart, figures as numbers, its sentence above."""

from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext as _

from orgchart.book import RATE, Book, Page, sheet_names
from targets.charts import Chart, Series
from targets.rules.growth import rounded


def charts_workbook(charts: Sequence[Chart], month: str) -> bytes:
    """Return the tables of the charts as the page shows them; ratios are written as rates."""
    with Book(f"{_('Charts')} {month}") as book:
        for name, chart in zip(sheet_names(one.title for one in charts), charts, strict=True):
            page = book.page(name, [20, *[12] * len(chart.columns)], frozen=1)
            page.title(chart.title)
            page.note(_("Period: %(month)s") % {"month": month}, chart.unit)
            page.note(chart.sentence)
            page.head([chart.head, *chart.columns])
            if chart.kind == "heat":
                for one in chart.series:
                    page.text(0, one.name)
                    for at in range(len(chart.labels)):
                        _write(page, 1 + at, one, at)
                    page.row += 1
            else:
                for at, label in enumerate(chart.labels):
                    page.text(0, label)
                    for place, one in enumerate(chart.series, 1):
                        _write(page, place, one, at)
                    for place, (_head, texts) in enumerate(chart.notes, 1 + len(chart.series)):
                        page.text(place, texts[at])
                    page.row += 1
            page.print_area()
    return book.content


def _write(page: Page, column: int, series: Series, at: int) -> None:
    value = series.values[at]
    if value is None:
        page.text(column, series.texts[at])
    elif series.is_rate:
        page.number(column, rounded(Fraction(value), 6), RATE)
    else:
        form = "#,##0" + ("." + "0" * series.decimals if series.decimals else "")
        page.number(column, rounded(Fraction(value), series.decimals), form)
