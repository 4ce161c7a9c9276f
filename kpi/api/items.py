"""Items of a scorecard as programs read and write them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kpi.api.parameters import NUMBERS, read_parameters
from kpi.models import ItemRole, ScorecardItem
from kpi.present import words
from kpi.present.refusals import rule_refusal
from kpi.rules.curves import BadRule, FloorMeaning
from kpi.rules.scoring import Rule
from kpi.services.entries import ItemEntry, check_entries, compiled, item_of
from orgchart.errors import Invalid
from targets.api.reading import Reader
from targets.models import Indicator

CODE = re.compile(r"[A-Za-z0-9._-]{1,20}")
NAMES = {"name_zh": 100, "name_en": 100, "short_zh": 30, "short_en": 40}
BONUS = ItemRole.BONUS.value
MOST_ITEMS = 40


def told(item: ScorecardItem) -> dict[str, Any]:
    """Return an item in the reader's language."""
    return {
        "code": item.code,
        "name": item.name,
        "role": item.role,
        "indicator": item.indicator.code if item.indicator else None,
        "weight": words.plain(item.weight),
        "rule": item.rule,
        "params": item.params,
        "tie_break": item.tie_break,
        "self_set": item.is_own,
    }


def told_whole(item: ScorecardItem) -> dict[str, Any]:
    """Return an item as it is written: in both languages, with its rule in a sentence."""
    names = {name: getattr(item, name) for name in NAMES}
    return told(item) | names | {"text": words.rule(item)}


def read_items(
    reader: Reader, raw: Any, indicators: Mapping[str, Indicator], zero_target: str
) -> list[ItemEntry]:
    """Read items as `told_whole` gives them; each fault at /items/n/field.

    The entries stand for items only once the reader has no faults.
    """
    entries: list[ItemEntry] = []
    for n, given in enumerate(reader.items(raw, "/items", MOST_ITEMS)):
        at = f"/items/{n}"
        count = len(reader.faults)
        entry = _entry(reader, reader.record(given, at), at, indicators)
        if len(reader.faults) == count:
            _check_rule(reader, entry, at, indicators, zero_target)
        entries.append(entry)
    if not reader.faults:
        try:
            check_entries(entries)
        except Invalid as refusal:
            reader.faults += refusal.faults
    return entries


def _entry(
    reader: Reader, given: dict[str, Any], at: str, indicators: Mapping[str, Indicator]
) -> ItemEntry:
    code = given.get("code")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        reader.fault(f"{at}/code", _("Latin letters, digits, dots and hyphens, such as K1."))
    rule = reader.choice(given.get("rule"), f"{at}/rule", [*map(str, Rule), BONUS])
    is_bonus = rule == BONUS
    is_events = is_bonus or rule == Rule.DEDUCTION
    names = {"name_zh": reader.text(given.get("name_zh"), f"{at}/name_zh")}
    for name, longest in NAMES.items():
        if name != "name_zh" and given.get(name):
            names[name] = reader.text(given[name], f"{at}/{name}", longest=longest)
    indicator = given.get("indicator")
    if indicator is not None and not is_events:
        reader.member(indicator, f"{at}/indicator", dict(indicators))
    weight = Decimal(0)
    if not is_bonus:
        weight = reader.number(
            given.get("weight"), f"{at}/weight", low=Decimal("0.01"), high=Decimal(100)
        )
        if weight != round(weight, 2):
            reader.fault(f"{at}/weight", _("At most two decimals."))
    tie_break = given.get("tie_break")
    if tie_break is not None and not is_bonus:
        tie_break = reader.whole(tie_break, f"{at}/tie_break", 1, 3)
    return ItemEntry(
        code=str(code),
        rule=rule,
        **names,
        role=ItemRole.BONUS if is_bonus else ItemRole.ITEM,
        indicator=None if is_events else indicator,
        weight=weight,
        params=_params(reader, given.get("params") or {}, f"{at}/params"),
        tie_break=None if is_bonus else tie_break,
    )


def _params(reader: Reader, raw: Any, at: str) -> dict[str, Any]:
    """Return the parameters as they are stored: numbers as text, what is not given left out."""
    given = reader.record(raw, at)
    for name in given:
        if name not in (*NUMBERS, "floor_means", "bands", "per"):
            reader.fault(f"{at}/{name}", _("There is no such parameter."))
    read = read_parameters(reader, given, at)
    params: dict[str, Any] = {name: f"{read[name]:f}" for name in NUMBERS if read[name] is not None}
    if meaning := given.get("floor_means"):
        options = [each.value for each in FloorMeaning]
        params["floor_means"] = reader.choice(meaning, f"{at}/floor_means", options)
    if read["bands"]:
        params["bands"] = []
        for n, (limit, points) in enumerate(read["bands"]):
            if points is None:
                reader.fault(f"{at}/bands/{n}/1", _("A number is needed here."))
            else:
                params["bands"].append([None if limit is None else f"{limit:f}", f"{points:f}"])
    if read["per"]:
        params["per"] = {kind: f"{price:f}" for kind, price in read["per"].items()}
    return params


def _check_rule(
    reader: Reader,
    entry: ItemEntry,
    at: str,
    indicators: Mapping[str, Indicator],
    zero_target: str,
) -> None:
    """Note a rule that makes no curve at the parameter at fault."""
    try:
        compiled(item_of(entry, indicators.get(entry.indicator or "")), zero_target)
    except BadRule as error:
        place = error.field if error.field in ("weight", "indicator") else f"params/{error.field}"
        reader.fault(f"{at}/{place}", rule_refusal(entry.rule, error.field))
