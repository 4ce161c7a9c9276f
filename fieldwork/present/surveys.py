"""What the sheets of a survey add up to, field by field, as charts with their tables."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from fieldwork.models import Activity
from fieldwork.rules.surveys import chosen, mean, numbers, share, total
from orgchart.models import Unit
from orgchart.models.bilingual import in_language
from targets.charts import Chart, Series
from targets.templatetags.amounts import amount, percent

Answers = Mapping[int, Sequence[Mapping[str, Any]]]


def charts(
    fields: Sequence[Mapping[str, Any]], sheets: Sequence[Activity], units: Sequence[Unit]
) -> list[Chart]:
    """Return a picture for each number, choice and yes-or-no question; texts stay in the table."""
    answers: Answers = {
        unit.pk: [row.answers for row in sheets if row.unit_id == unit.pk] for unit in units
    }
    makers = {"number": _numbers, "average": _numbers, "choice": _choice, "yes_no": _yes_no}
    return [makers[each["type"]](each, answers, units) for each in fields
            if each["type"] in makers]  # fmt: skip


def _numbers(field: Mapping[str, Any], answers: Answers, units: Sequence[Unit]) -> Chart:
    by_unit = [numbers(answers[unit.pk], field["code"]) for unit in units]
    every = [value for values in by_unit for value in values]
    is_sum = field["type"] == "number"
    values: list[Decimal | Fraction | None] = [
        total(each) if is_sum else mean(each) for each in by_unit
    ]
    is_whole = is_sum and all(value == int(value) for value in every)
    decimals = 0 if is_whole else 2
    sentence = _("Nobody has answered yet.")
    if every:
        known = [(value, unit) for value, unit in zip(values, units, strict=True)
                 if value is not None]  # fmt: skip
        most, where = max(known, key=lambda one: one[0])
        text = _("%(sum)s in all on %(count)s sheets; most in %(unit)s: %(most)s.")
        if not is_sum:
            text = _("%(sum)s on average of %(count)s sheets; most in %(unit)s: %(most)s.")
        sentence = text % {
            "sum": amount(total(every) if is_sum else mean(every), decimals), "count": len(every),
            "unit": where.short, "most": amount(most, decimals),
        }  # fmt: skip
    return _chart(
        field, [unit.short for unit in units],
        Series(_("Sum") if is_sum else _("Mean"), values, decimals=decimals),
        [_sheets(len(each)) for each in by_unit], sentence,
    )  # fmt: skip


def _choice(field: Mapping[str, Any], answers: Answers, units: Sequence[Unit]) -> Chart:
    counts = chosen([each for rows in answers.values() for each in rows], field["code"],
                    field["options"])  # fmt: skip
    every = sum(counts.values())
    first = max(counts, key=lambda option: counts[option])
    sentence = _("“%(option)s” is chosen most: %(count)s of %(all)s.")
    return _chart(
        field, list(counts), Series(pgettext("survey", "Chosen"), list(counts.values())),
        [f"({percent(Fraction(count, every), 1)}%)" if every else "—" for count in counts.values()],
        sentence % {"option": first, "count": counts[first], "all": every}
        if every
        else _("Nobody has answered yet."),
        head=_("Option"), note=_("Share"),
    )  # fmt: skip


def _yes_no(field: Mapping[str, Any], answers: Answers, units: Sequence[Unit]) -> Chart:
    by_unit = [share(answers[unit.pk], field["code"]) for unit in units]
    every = share([each for rows in answers.values() for each in rows], field["code"])
    sentence = _("Yes on %(yes)s of %(all)s sheets: %(rate)s.")
    return _chart(
        field, [unit.short for unit in units],
        Series(_("Yes"), [each.rate for each in by_unit], decimals=1, is_rate=True),
        [f"({each.yes}/{each.answered})" for each in by_unit],
        sentence
        % {"yes": every.yes, "all": every.answered, "rate": f"{percent(every.rate, 1)}%"}
        if every.answered
        else _("Nobody has answered yet."),
    )  # fmt: skip


def _chart(
    field: Mapping[str, Any], labels: Sequence[str], series: Series, notes: Sequence[str],
    sentence: str, *, head: str = "", note: str = "",
) -> Chart:  # fmt: skip
    return Chart(
        code=f"field-{field['code']}", title=in_language(field["zh"], field["en"]), kind="rows",
        unit="%" if series.is_rate else "", head=head or _("Unit"), labels=labels, series=[series],
        notes=[(note or pgettext("survey", "Sheets"), notes)], sentence=sentence,
    )  # fmt: skip


def _sheets(count: int) -> str:
    text = ngettext("%(count)s sheet", "%(count)s sheets", count) % {"count": count}
    return f"({text})"
