"""The small parts of tables as tags: a ranking of forty units draws well over a thousand of them.

An include costs several times as much as a tag. templates/components has a file for each, for
templates that include it with names; what a part looks like is said here alone. A part is a
SafeString: every text in it went through `_text`.
"""

from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


def _text(value: Any) -> str:
    """Return a value as text for markup; conditional_escape() with a short way for plain texts."""
    return escape(value) if type(value) is str else conditional_escape(value)


@cache
def _icons() -> str:
    """Return the address of the icons; it is the release's, and stays while the process runs."""
    return static("vendor/icons.svg")


@register.simple_tag
def icon(name: str, more: str = "") -> SafeString:
    """Draw a line of static/icons.txt; decoration only: the word stands beside it."""
    classes = f"icon {more}" if more else "icon"
    href = f"{_icons()}#{_text(name)}"
    return SafeString(
        f'<svg class="{_text(classes)}" aria-hidden="true"><use href="{href}"/></svg>'
    )


@register.simple_tag
def chip(kind: str, text: Any, icon_name: str = "") -> SafeString:
    """Draw a chip: neutral (""), accent, good, warn, bad, honour or wait."""
    classes = f"ui-chip ui-chip--{kind}" if kind else "ui-chip"
    drawn = icon(icon_name) if icon_name else ""
    return SafeString(f'<span class="{classes}">{drawn}{_text(text)}</span>')


@register.simple_tag
def figure(value: Any, url: str = "", label: str = "") -> SafeString:
    """Draw a finished text that opens its workings at `url`; without one, the text alone."""
    text = _text(value)
    if not url:
        return SafeString(text)
    where = _text(url)
    said = f' aria-label="{_text(label)}"' if label else ""
    return SafeString(
        f'<a class="ui-open" href="{where}" data-workings-url="{where}"{said}>{text}</a>'
    )


@register.simple_tag
def rank(number: int | None, tied: bool = False, first: bool = False) -> SafeString:
    """Draw a rank; "—" while there is none. `first`: a published first, the solid square."""
    more = " ui-rank--first" if first else ""
    note = f"<small>{_('tied')}</small>" if tied and number else ""
    shown = "—" if number is None else number
    return SafeString(f'<span class="ui-rank{more}"><b>{shown}</b>{note}</span>')


@register.simple_tag
def change(direction: str, places: int = 0) -> SafeString:
    """Draw a change of rank: up, down, same, or "" when there is no earlier one."""
    if direction in ("up", "down"):
        word = _("up") if direction == "up" else _("down")
        drawn = f'{icon(f"arrow-{direction}")}<span class="ui-hide">{word}</span> {places}'
    else:
        drawn = _("same") if direction == "same" else "—"
    return SafeString(f'<span class="ui-change">{drawn}</span>')


@register.simple_tag
def gate(met: bool | None, text: Any = "") -> SafeString:
    """Draw whether a task is met; None: not decided yet. `text` stands instead of the word."""
    if met:
        kind, sign, word = "met", "check", _("Met")
    elif met is None:
        kind, sign, word = "open", "clock", _("Pending")
    else:
        kind, sign, word = "short", "x", _("Not met")
    said = _text(text or word)
    return SafeString(f'<span class="ui-gate ui-gate--{kind}">{icon(sign)}{said}</span>')


@register.simple_tag
def score_bar(base: str, bonus: str, label: str) -> SafeString:
    """Draw points not below 0 on a scale of 0-125 with a tick at 100; `label` is read aloud."""
    inner = ""
    if base:
        inner = f'<rect class="ui-bars__base" y="3" width="{base}%" height="10" rx="1"/>'
    if bonus:
        inner += (
            f'<rect class="ui-bars__mute" x="{base}%" y="3" width="{bonus}%" height="10"/>'
            f'<line class="ui-bars__gap" x1="{base}%" x2="{base}%" y1="3" y2="13"/>'
        )
    return SafeString(
        f'<svg class="ui-bars" height="16" role="img" aria-label="{_text(label)}">'
        '<rect class="ui-bars__track" y="3" width="100%" height="10" rx="1"/>'
        f'<svg width="80%" height="16" overflow="visible">{inner}'
        '<line class="ui-bars__tick" x1="100%" x2="100%" y1="0" y2="16"/></svg></svg>'
    )


@register.simple_tag
def score(
    base: str, bonus: str, label: str, total: str, workings_url: str = "", reason: str = ""
) -> SafeString:
    """Draw a score bar with its total and the one thing that decided it."""
    said = f'<span class="ui-score__reason">{_text(reason)}</span>' if reason else ""
    return SafeString(
        f'<div class="ui-score">{score_bar(base, bonus, label)}'
        f'<span class="ui-score__total">{figure(total, workings_url)}</span>{said}</div>'
    )


@register.simple_tag
def spark(points: str, x: float, y: float, own: bool, label: str) -> SafeString:
    """Draw a line of points "0,12 14,8 …" in a box of 84 × 24, the last one marked."""
    more = " is-own" if own else ""
    return SafeString(
        f'<svg class="ui-spark ui-spark--line{more}" viewBox="0 0 84 24" role="img"'
        f' aria-label="{_text(label)}">'
        f'<polyline points="{_text(points)}"/>'
        f'<circle cx="{x}" cy="{y}" r="2.25"/></svg>'
    )


@register.simple_tag
def share_line(rate: str, bad: bool = False) -> SafeString:
    """Draw the line under a score: percent of the weight, 0-120; `bad` where points were lost."""
    kind = "bad" if bad else "mute"
    return SafeString(
        '<svg class="ui-share" height="2" aria-hidden="true">'
        '<svg width="83.333%" x="16.667%" height="2" overflow="visible">'
        f'<rect class="ui-bars__{kind}" width="{rate}%" height="2" x="0"/></svg></svg>'
    )


@register.simple_tag
def item_cells(cells: Iterable[dict[str, Any]]) -> SafeString:
    """Draw a unit's items in a matrix: of kpi.present.board.items_table."""
    return SafeString("".join(_item_cell(cell) for cell in cells))


def _item_cell(cell: dict[str, Any]) -> str:
    if cell.get("chip"):
        inner: str = chip(cell["kind"], cell["chip"])
    else:
        inner = figure(cell["text"], cell.get("url", ""))
        if cell.get("note"):
            inner += f'<span class="ui-sub">{_text(cell["note"])}</span>'
        if cell.get("rate"):
            inner += share_line(cell["rate"], cell["is_bad"])
    more = " ui-bad" if cell.get("is_bad") else ""
    return f'<td class="is-num{more}">{inner}</td>'


@register.simple_tag
def gate_cells(gates: Iterable[dict[str, Any]]) -> SafeString:
    """Draw how a unit meets its tasks in a ranking: of kpi.present.board.board_table."""
    cells, more = [], " is-split"
    for each in gates:
        waiting = not each["is_reported"]
        rate = chip("wait", _("Not reported")) if waiting else figure(each["rate"], each["url"])
        cells.append(
            f'<td class="is-num{more} board__rate" data-label="{_text(each["label"])}">{rate}'
            f'<span class="ui-sub">{_text(each["figures"])}</span></td>'
            f'<td class="board__gate">{gate(each["met"], each["text"])}</td>'
        )
        more = ""
    return SafeString("".join(cells))
