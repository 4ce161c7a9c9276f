"""How summaries are shown: their figures in words, their answers, what a form begins with."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from fieldwork.models import DayQuestion, Summary, SummaryKind, WeekQuestion
from orgchart.models.bilingual import in_language
from targets.templatetags.amounts import amount, percent, signed

MOST_NAMES = 8


def figure_rows(figures: Mapping[str, Any], kind: str) -> list[dict[str, str]]:
    """Return the stored figures as {"label", "text", "note"}, in the active language."""
    if not figures:
        return []
    rows = [
        _row(_("Visits done / planned"), f"{figures['visits_done']} / {figures['visits_planned']}"),
        _row(
            _("Calls"),
            str(figures["calls"]),
            _("%(count)s reached") % {"count": figures["reached"]},
        ),
        _row(_("Accounts signed"), str(figures["signed"])),
    ]
    if kind == SummaryKind.WEEKLY:
        written = f"{figures['dailies']} / {figures['dailies_due']}"
        rows.append(_row(_("Daily summaries sent / due"), written))
    return rows + [_indicator(each, kind) for each in figures["indicators"]]


def _row(label: str, text: str, note: str = "") -> dict[str, str]:
    return {"label": label, "text": text, "note": note}


def _indicator(each: Mapping[str, Any], kind: str) -> dict[str, str]:
    places = each["decimals"]

    def figure(name: str) -> str:
        return amount(None if each[name] is None else Decimal(each[name]), places)

    label = in_language(each["zh"], each["en"])
    if each["total"] is None:
        return _row(label, _("not reported"))
    brought = _("today") if kind == SummaryKind.DAILY else _("this week")
    text = f"{figure('total')} / {figure('task')}"
    if each["brought"] is not None:
        text = f"{brought} +{figure('brought')} · {text}".replace("+−", "−").replace("+-", "−")
    if each["completion"] is None:
        return _row(label, text)
    done, time = Decimal(each["completion"]), Decimal(each["time_progress"])
    note = _("%(done)s%% done, time %(time)s%%, %(ahead)s pp as of %(day)s") % {
        "done": percent(done), "time": percent(time), "ahead": signed((done - time) * 100, 2),
        "day": each["as_of"],
    }  # fmt: skip
    return _row(label, text, note)


def answered(row: Summary) -> list[tuple[str, str]]:
    """Return the questions of a summary with what was written."""
    asked = DayQuestion if row.kind == SummaryKind.DAILY else WeekQuestion
    return [(str(each.label), row.answers.get(each.value, "")) for each in asked]


def begun(figures: Mapping[str, Any], visited: list[str], planned: list[str]) -> dict[str, str]:
    """Return what a day's form begins with: what the portal knows of today and of tomorrow."""
    done = []
    if visited:
        done.append(_("Visited %(names)s") % {"names": _names(visited)})
    if figures["calls"]:
        done.append(
            _("called %(count)s users, %(reached)s reached")
            % {"count": figures["calls"], "reached": figures["reached"]}
        )
    if figures["signed"]:
        done.append(_("signed %(count)s accounts") % {"count": figures["signed"]})
    tomorrow = _("Visit %(names)s") % {"names": _names(planned)} if planned else ""
    return {"today": _("; ").join(done), "tomorrow": tomorrow}


def _names(names: list[str]) -> str:
    text = _(", ").join(dict.fromkeys(names[:MOST_NAMES]))
    more = len(names) - MOST_NAMES
    return _("%(names)s and %(count)s more") % {"names": text, "count": more} if more > 0 else text
