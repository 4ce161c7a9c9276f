"""What the codes of field work say to a person, in the active language."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from fieldwork.models import AccountKind, Alarm, AlarmKind, Stage
from fieldwork.rules.summaries import last_of_week
from orgchart.models.bilingual import in_language
from targets.templatetags.amounts import amount

# How lists mark a stage.
CHIPS = {"lead": "", "contacted": "accent", "negotiating": "warn", "signed": "good", "lost": "bad"}

# The types of a form's fields that people choose among.
TYPE_NAMES = {
    "text": _("Text"),
    "number": _("Number, added up"),
    "average": _("Number, averaged"),
    "choice": _("Choice"),
    "yes_no": _("Yes or no"),
    "date": _("Date"),
}


def stage_name(stage: str, kind: str = "") -> str:
    """Return a stage; a signed community is a covered one (plan §5.4)."""
    if stage == Stage.SIGNED and kind == AccountKind.COMMUNITY:
        return pgettext("stage", "Covered")
    return str(Stage(stage).label)


def kind_name(kind: str) -> str:
    """Return a kind of account."""
    return str(AccountKind(kind).label)


def join(items: Iterable[str]) -> str:
    """Return things side by side in the active language."""
    return in_language("、", ", ").join(items)


def event_kind(kind: str) -> str:
    """Return what sort of thing stands in the calendar."""
    return {
        "duty": pgettext("event", "Duty"),
        "unit": pgettext("event", "Unit"),
        "own": pgettext("event", "Own"),
        "visit": pgettext("event", "Visit"),
        "summary": pgettext("event", "Summary"),
        "promotion": pgettext("event", "Promotion"),
        "deadline": pgettext("event", "Deadline"),
    }.get(kind, kind)


def day_text(day: date) -> str:
    """Return a day with its weekday."""
    return in_language(date_format(day, "n月j日 D"), date_format(day, "D j M"))


def week_text(first: date) -> str:
    """Return a week, Monday to Saturday."""
    last = last_of_week(first)
    return in_language(
        f"{date_format(first, 'n月j日')}–{date_format(last, 'n月j日')}",
        f"{date_format(first, 'j M')} – {date_format(last, 'j M')}",
    )


def mean_text(row: Alarm) -> str:
    """Return last month's users a day, rounded for reading; blank where nothing is known of it."""
    if not row.base_days:
        return ""
    return amount(Fraction(row.base_users, row.base_days), 2)


def alarm_text(row: Alarm) -> str:
    """Return what an alarm saw, in figures."""
    if row.kind == AlarmKind.FREE:
        return gettext("nobody looks after the outlet")
    if row.kind == AlarmKind.ZERO:
        return gettext("nobody activated for seven days")
    text = ngettext("%(users)s activated, %(mean)s a day last month",
                    "%(users)s activated, %(mean)s a day last month", row.users)  # fmt: skip
    return text % {"users": row.users, "mean": mean_text(row)}
