"""The sheets of a survey: one row each, out as Excel and in again."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fieldwork.models import Activity, Form, Survey
from fieldwork.workbooks.tables import Columns
from orgchart.actors import BUSINESS_ZONE
from orgchart.book import COUNT, MONEY, Book
from orgchart.models.bilingual import in_language
from targets.charts import Chart

NUMBERS = ("number", "average")
# What stands beside the answers; no field is named so.
UNIT = ("业务单元", "Unit")


def columns_of(form: Form) -> Columns:
    """Return the headings that an import reads: the unit, then the form's fields by code."""
    fields = {each["code"]: (each["zh"], each["en"] or each["zh"]) for each in form.fields}
    return {"@unit": UNIT, **fields}


def survey_workbook(survey: Survey, sheets: Iterable[Activity], charts: Sequence[Chart]) -> bytes:
    """Return the sheets that were sent, one row each, and what they add up to."""
    fields = survey.form.fields
    names = [in_language(each["zh"], each["en"]) for each in fields]
    with Book(survey.name) as book:
        page = book.page(
            pgettext("survey", "Sheets"), [14, *([16] * len(fields)), 12, 16], frozen=2
        )
        page.title(survey.name)
        page.note(_("Unit: %(unit)s") % {"unit": survey.district.name},
                  _("Due by %(day)s") % {"day": survey.deadline.isoformat()})  # fmt: skip
        page.head([in_language(*UNIT), *names, _("Sent by"), _("Sent at")])
        for row in sheets:
            page.text(0, row.unit.name)
            for place, each in enumerate(fields, start=1):
                value = row.answers.get(each["code"])
                if each["type"] in NUMBERS:
                    number = None if value in (None, "") else Decimal(str(value))
                    page.number(place, number, COUNT if isinstance(value, int) else MONEY)
                else:
                    page.text(place, answer_text(value))
            page.text(len(fields) + 1, row.done_by.name if row.done_by else "")
            at = row.done_at
            text = f"{at.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}" if at else ""
            page.text(len(fields) + 2, text)
            page.row += 1
        page.print_area()
        sums = book.page(_("Summary"), [28, 22, 14, 14])
        sums.title(_("Summary"))
        for chart in charts:
            sums.note(f"{chart.title}  {chart.sentence}")
            for label, texts in chart.rows:
                for column, text in enumerate(["", label, *texts]):
                    sums.text(column, text)
                sums.row += 1
        sums.print_area()
    return book.content


def answer_text(value: Any) -> str:
    """Return an answer as people read it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)
