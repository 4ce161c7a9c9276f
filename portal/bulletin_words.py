"""A bulletin in words: its title, who is best, who is behind, who has not reported."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kpi.present import words
from kpi.rules.pace import Lamp
from orgchart.models.bilingual import in_language
from portal.rules.bulletins import (
    Content,
    Edition,
    Kind,
    Line,
    Name,
    Period,
    Place,
    Section,
    changed_lines,
)
from targets.templatetags.amounts import amount, percent, signed


def named(name: Name) -> str:
    """Return a name in the reader's language."""
    return in_language(name.zh, name.en)


def title(period: Period, edition: int = 1) -> str:
    """Return the title of a bulletin with its period; a corrected one says so."""
    if edition > 1:
        given = {"title": title(period), "edition": edition}
        return _("%(title)s (corrected, edition %(edition)s)") % given
    if period.kind is Kind.DAILY:
        return _("Daily bulletin of %(day)s") % {"day": _day(period.first)}
    if period.kind is Kind.WEEKLY:
        return _("Weekly bulletin, %(first)s to %(last)s") % {
            "first": _day(period.first),
            "last": words.day(period.last),
        }
    month = date_format(period.first, "YEAR_MONTH_FORMAT")
    return _("Monthly bulletin of %(month)s") % {"month": month}


def _day(day: date) -> str:
    return date_format(day, in_language("Y年n月j日", "j F Y"))


def rate_of(line: Line) -> str:
    """Write a unit with its completion."""
    return f"{named(line.name)} {percent(line.completion)}%"


def summary(content: Content) -> list[dict[str, str]]:
    """Return the sentences above the tables: label, text, kind of lamp ("" for none).

    They are about the first section; of a month's bulletin also about the leaderboard.
    """
    found = _ranked(content.places)
    if not content.sections:
        return found
    section = content.sections[0]
    if section.total is not None and section.time_progress is not None:
        found.append(_fact(named(section.name), together(section), section.total.lamp))
    best = [rate_of(line) for line in section.best]
    behind = [
        _("%(unit)s by %(pp)s pp") % {"unit": named(line.name), "pp": _points(line)}
        for line in section.behind
    ]
    waiting = [named(line.name) for line in section.waiting]
    if best:
        found.append(_fact(_("Best"), words.joined(best), Lamp.GREEN))
    if behind:
        found.append(_fact(_("Behind time"), words.joined(behind), Lamp.RED))
    if waiting:
        found.append(_fact(_("Not reported"), words.joined(waiting)))
    return found


def marks(edition: Edition) -> list[dict[str, str]]:
    """Return what a correction has to say above the summary, as facts."""
    found = []
    if edition.replaced_by is not None:
        text = _("by edition %(edition)s") % {"edition": edition.replaced_by}
        found.append(_fact(_("Replaced"), text))
    if edition.reason:
        found.append(_fact(_("What was corrected"), edition.reason))
    return found


def changes(before: Content, after: Content) -> str:
    """Return of which units the figures differ, by section; blank where none do."""
    found: dict[str, list[str]] = {}
    for section, unit in changed_lines(before, after):
        name = _("Leaderboard") if section is None else named(section)
        found.setdefault(name, []).append(named(unit))
    return words.joined([f"{name} {words.joined(units)}" for name, units in found.items()])


def _ranked(places: Sequence[Place]) -> list[dict[str, str]]:
    first = [
        _("%(unit)s %(total)s points")
        % {"unit": named(place.name), "total": amount(place.total, 2)}
        for place in places
        if place.rank == 1
    ]
    return [_fact(_("First on the leaderboard"), words.joined(first))] if first else []


def _fact(label: str, text: str, lamp: str = "") -> dict[str, str]:
    return {"label": label, "text": text, "lamp": lamp}


def _points(line: Line) -> str:
    return amount(abs(line.difference * 100), 2) if line.difference is not None else "—"


def together(section: Section) -> str:
    """Say where everybody who reported stands against time."""
    total = section.total
    assert total is not None
    parts = [_("completion %(rate)s%%") % {"rate": percent(total.completion)}]
    parts.append(_("time %(time)s%%") % {"time": percent(section.time_progress)})
    if total.difference is not None:
        parts.append(_("%(pp)s pp to time") % {"pp": signed(total.difference * 100, 2)})
    return words.joined(parts)


def total_name(section: Section) -> str:
    """Name the total: the district, or how many of its units have reported."""
    known = len(section.lines) - len(section.waiting)
    if known < len(section.lines):
        return _("Reported %(count)s of %(all)s") % {"count": known, "all": len(section.lines)}
    return _("Whole district")


def mail_lines(content: Content, edition: Edition) -> list[str]:
    """Return the sentences of the mail."""
    facts = [*marks(edition), *summary(content)]
    return [words.labelled(fact["label"], fact["text"]) for fact in facts]
