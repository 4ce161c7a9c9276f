"""What can be wrong with scorecards in a Book, and with the rules of their items."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kpi.models import ItemRole
from kpi.present.refusals import rule_refusal
from kpi.rules.curves import BadRule
from kpi.rules.scoring import FULL_WEIGHT, Rule, ZeroTarget
from kpi.services.entries import ItemEntry, compiled, item_of
from portal.book.book import KIND
from targets.models import Indicator

if TYPE_CHECKING:
    from portal.book.checks import Context

Found = Iterator[tuple[str, int, str, str]]  # kind, index of the row, column, sentence
_KINDS = ("scorecards", "scorecard_items")
_BONUS = "bonus"
# Of an item's parameters; a word that is none of them would be passed over in silence.
_PARAMETERS = (
    "cap", "floor", "floor_means", "bands", "per", "low", "low_points", "high", "high_points",
)  # fmt: skip


def card_flaws(context: "Context") -> Found:
    """Yield what is wrong with cards: published ones changed, rules that are none, weights."""
    published = {
        key[0]
        for key, (_pk, row) in context.stored.rows.get("scorecards", {}).items()
        if row.state == "published"
    }
    frozen = _("This scorecard is published; make a new version.")
    for kind in (KIND[code] for code in _KINDS):
        for index, row in context.rows(kind.code):
            if not context.new(kind, row):
                continue
            code = row.code if kind.code == "scorecards" else row.scorecard
            if code in published:
                column = context.changed_column(kind, row)
                if column != "valid_to":
                    yield kind.code, index, column, frozen
            elif kind.code == "scorecard_items" and (fault := _item_fault(context, row)):
                yield kind.code, index, *fault
    yield from _weight_flaws(context, published)


def _weight_flaws(context: "Context", published: set[str]) -> Found:
    items: dict[str, dict[str, Decimal]] = {}
    for (card, code), (_pk, row) in context.stored.rows.get("scorecard_items", {}).items():
        items.setdefault(card, {})[code] = row.weight
    for row in context.book.scorecard_items:
        items.setdefault(row.scorecard, {})[row.code] = row.weight
    for index, row in context.rows("scorecards"):
        total = sum(items.get(row.code, {}).values(), Decimal(0))
        unread = any(key[0] == row.code for key in context.seen.get("scorecard_items", ()))
        is_new = row.state == "published" and row.code not in published
        if is_new and total != FULL_WEIGHT and not unread:
            yield (
                "scorecards", index, "state",
                _("The weights make %(total)s, not 100; it cannot be published.")
                % {"total": f"{total:f}"},
            )  # fmt: skip


def _item_fault(context: "Context", row: Any) -> tuple[str, str] | None:
    """Return the column and the sentence of a rule that cannot be scored."""
    is_bonus = row.role == ItemRole.BONUS
    known = (_BONUS,) if is_bonus else tuple(rule.value for rule in Rule)
    if row.rule not in known:
        return "rule", _("Write one of these: %(values)s.") % {"values": " ".join(known)}
    if strange := [name for name in row.params if name not in _PARAMETERS]:
        return "params", _("There is no parameter “%(name)s”; these are: %(names)s.") % {
            "name": strange[0], "names": " ".join(_PARAMETERS)}  # fmt: skip
    told = context.indicator(row.indicator) if row.indicator else None
    indicator = told and Indicator(code=told.code, rollup=told.rollup)
    entry = ItemEntry(
        code=row.code, rule=row.rule, name_zh=row.name_zh, role=row.role, weight=row.weight,
        params=row.params,
    )  # fmt: skip
    if row.indicator is not None and indicator is None:
        return None  # said of the code already
    try:
        compiled(item_of(entry, indicator), ZeroTarget.SPREAD)
    except BadRule as error:
        column = error.field if error.field in ("weight", "indicator") else "params"
        return column, rule_refusal(row.rule, error.field)
    except (TypeError, ValueError, AttributeError):  # JSON of another shape
        return "params", _("These parameters do not fit the rule “%(rule)s”.") % {"rule": row.rule}
    return None
