"""What needs somebody, as finished values: each alert with its lamp, its words and its page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from kpi.models import Event
from kpi.present import words
from kpi.queries.alarms import DayAlarm
from kpi.queries.doubts import doubt_text, doubt_title
from kpi.queries.verification import Checked, Returns
from kpi.rules.alarms import Alarm
from kpi.rules.pace import Lamp
from orgchart.models import Unit
from portal.panels import UnitPace
from targets.months import month_text
from targets.templatetags.amounts import amount

MOST = 8
NAMED = 3  # figures that a line names before it counts the rest


def behind(rows: Sequence[UnitPace], month: date, decimals: int) -> Iterator[dict[str, str]]:
    """Yield the units that are heading for far less than their task, the worst last as ranked."""
    for row in rows:
        if row.unit is None or row.pace.lamp is not Lamp.RED or row.pace.behind_pp is None:
            continue
        text = _("%(unit)s is heading for %(forecast)s, task %(task)s") % {
            "unit": row.unit.short,
            "forecast": amount(row.pace.forecast, decimals),
            "task": amount(row.pace.target, decimals),
        }
        note = _("%(pp)s pp behind; gap %(gap)s") % {
            "pp": amount(row.pace.behind_pp, 2),
            "gap": amount(row.pace.gap, decimals),
        }
        yield _alert("behind", text, note, "pace", month, row.unit)


def vetoed(vetoes: Sequence[Event]) -> Iterator[dict[str, str]]:
    """Yield the vetoes in force."""
    for event in vetoes:
        text = words.labelled(event.unit.short, event.get_kind_display())
        yield _alert("behind", text, event.note, "events", event.month, None)


def days(alarms: Sequence[DayAlarm], name: str, decimals: int) -> Iterator[dict[str, str]]:
    """Yield the units whose latest day stands out from last month's daily mean."""
    for one in alarms:
        given = {
            "unit": one.unit.short,
            "name": name,
            "day": words.day(one.day),
            "value": amount(one.brought, decimals),
        }
        if one.alarm is Alarm.QUIET:
            text = _("%(unit)s: no %(name)s for 7 days up to %(day)s") % given
        else:
            text = _("%(unit)s: %(name)s %(value)s on %(day)s") % given
        note = _("last month %(mean)s a day") % {"mean": amount(one.mean, 1)}
        if one.mean and one.alarm is not Alarm.QUIET:
            share = _("%(times)s times that") % {
                "times": amount(Fraction(one.brought) / one.mean, 2)
            }
            note = words.phrases([note, share])
        kind = "slightly" if one.alarm is Alarm.JUMP else "behind"
        yield _alert(kind, text, note, "daily", one.day.replace(day=1), one.unit)


def unreported(found: Sequence[Returns], month: date) -> Iterator[dict[str, str]]:
    """Yield the units that have figures left to report, and which."""
    for one in found:
        names = list(
            dict.fromkeys(each.cell.indicator.short for each in one.figures if each.state is None)
        )
        if not names:
            continue
        text = _("%(unit)s has not reported") % {"unit": one.unit.short}
        if one.missing < len(one.figures):
            text = _("%(unit)s: %(done)s of %(all)s figures reported") % {
                "unit": one.unit.short,
                "done": len(one.figures) - one.missing,
                "all": len(one.figures),
            }
        yield _alert("slightly", text, _named(names), "actuals", month, one.unit)


def odd(found: Sequence[Returns], month: date, may_verify: bool) -> Iterator[dict[str, str]]:
    """Yield the odd figures that nobody has explained; an auditor looks at them where he judges."""
    for one in found:
        for figure in one.figures:
            if not figure.is_unexplained:
                continue
            alert = _odd(figure, month)
            if may_verify:
                alert["url"] = reverse(
                    "verification_unit", kwargs={"month": month_text(month), "unit": one.unit.code}
                )
            yield alert


def _odd(figure: Checked, month: date) -> dict[str, str]:
    cell, doubt = figure.cell, figure.doubt
    assert doubt is not None
    text = words.labelled(f"{cell.unit.short} {cell.indicator.short}", doubt_title(doubt))
    note = doubt_text(doubt, cell.value or Decimal(0), cell.indicator)
    return _alert("slightly", text, note, "actuals", month, cell.unit)


def without_task(missing: Mapping[Unit, Sequence[str]], month: date) -> Iterator[dict[str, str]]:
    """Yield the units with items that are scored by a task and have none."""
    for unit, names in missing.items():
        text = _("%(unit)s lacks a task") % {"unit": unit.short}
        yield _alert("behind", text, _named(names), "task_sheets", month, None)


def shown(alerts: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Return what the panel shows: the first ones, how many there are, how many are left out."""
    more = len(alerts) - MOST
    return {
        "rows": alerts[:MOST],
        "count": len(alerts),
        "more": _("and %(count)s more") % {"count": more} if more > 0 else "",
    }


def _named(names: Sequence[str]) -> str:
    said = words.joined(names[:NAMED])
    more = len(names) - NAMED
    return _("%(names)s and %(count)s more") % {"names": said, "count": more} if more > 0 else said


def _alert(
    kind: str, text: str, note: str, route: str, month: date, unit: Unit | None
) -> dict[str, str]:
    query = {"month": month_text(month)} | ({"unit": unit.code} if unit else {})
    return {"kind": kind, "text": text, "note": note, "url": f"{reverse(route)}?{urlencode(query)}"}
