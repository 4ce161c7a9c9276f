"""What people fill in: score rules as a person thinks of them (percent), and how pace is judged."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kpi.models import EventKind, ItemRole, Scorecard, ScorecardItem
from kpi.models.scorecards import ZeroTarget
from kpi.present.pace import CALENDARS
from kpi.present.refusals import rule_refusal
from kpi.queries.scorecards import parameters
from kpi.rules.curves import BadRule, FloorMeaning
from kpi.rules.scoring import Rule
from kpi.services.entries import ItemEntry, compiled, item_of
from kpi.services.scorecards import words
from orgchart.forms import DayField
from orgchart.models import UnitKind
from orgchart.models.units import BUSINESS_KINDS
from targets.models import Indicator
from targets.months import month_text, parse_month

BONUS = "bonus"
RULES = [
    (Rule.PROPORTIONAL.value, gettext_lazy("by rate, with cap and floor")),
    (Rule.MIN_MAX.value, gettext_lazy("between two rates")),
    (Rule.BANDS.value, gettext_lazy("bands of the value")),
    (Rule.INVERSE.value, gettext_lazy("inverse: task ÷ actual")),
    (Rule.INVERSE_LINEAR.value, gettext_lazy("inverse: 2 − actual ÷ task")),
    (Rule.DEDUCTION.value, gettext_lazy("deduction per event")),
    (Rule.RELATIVE.value, gettext_lazy("own ÷ best unit")),
    (BONUS, gettext_lazy("bonus per event, outside the 100")),
]
PRICED = [EventKind.LATE_REPORT, EventKind.AUDIT_FINDING, EventKind.COMPLAINT, EventKind.NEW_GROUP]
_RATIOS = ("cap", "floor", "low", "high")
_BAND = re.compile(r"(?P<limit>[^\s:：=,，]+)\s*[\s:：=,，]\s*(?P<points>\S+)")
_REST = {"其余", "else", "rest", "*"}
_NUMBER = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,4})?")


class PaceRuleForm(forms.Form):
    """How pace is judged from a day on."""

    valid_from = DayField(label=gettext_lazy("Holds from"))
    calendar = forms.ChoiceField(
        label=gettext_lazy("Calendar"),
        choices=[(each.value, label) for each, label in CALENDARS.items()],
    )
    promotion_yield = forms.IntegerField(
        label=gettext_lazy("Users per promotion"), min_value=1, max_value=100_000
    )


class MonthField(forms.DateField):
    """A month, chosen as YYYY-MM; its first day."""

    widget = forms.DateInput(attrs={"type": "month"})

    def to_python(self, value: Any) -> date | None:
        if not value:
            return None
        try:
            return parse_month(str(value)[:7])
        except ValueError:
            raise forms.ValidationError(_("Write the month as 2026-03.")) from None

    def prepare_value(self, value: Any) -> Any:
        return month_text(value) if isinstance(value, date) else value


class ScorecardForm(forms.Form):
    """The card itself."""

    code = forms.RegexField(
        r"^[A-Za-z0-9._-]+$", label=gettext_lazy("Version"), max_length=20,
        help_text=gettext_lazy("Latin letters, digits, dots and hyphens, such as v2026.2."),
    )  # fmt: skip
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=100, required=False)
    valid_from = MonthField(label=gettext_lazy("In force from"))
    unit_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of unit"),
        choices=[(kind.value, UnitKind(kind).label) for kind in BUSINESS_KINDS],
        widget=forms.CheckboxSelectMultiple,
    )
    zero_target = forms.ChoiceField(
        label=gettext_lazy("A task of 0, a divisor of 0"), choices=ZeroTarget.choices
    )
    own_limit = forms.DecimalField(
        label=gettext_lazy("Self-set items, weight at most"), min_value=0, max_value=50,
        decimal_places=2, required=False,
        help_text=gettext_lazy("0: units set no items of their own. 50 at most."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_own_limit(self) -> Decimal:
        return self.cleaned_data.get("own_limit") or Decimal(0)


def card_initial(card: Scorecard) -> dict[str, Any]:
    """Return what the form of a stored card begins with."""
    names = ("code", "name_zh", "name_en", "valid_from", "unit_kinds", "zero_target", "version")
    return {name: getattr(card, name) for name in names} | {"own_limit": words(card.own_limit)}


def _percent(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=-1000, max_value=100_000, decimal_places=2
    )


def _points(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_value=1000, decimal_places=4
    )


class ItemForm(forms.Form):
    """A line of the card. Each rule reads its own fields; the others are kept out of sight."""

    code = forms.RegexField(r"^[A-Za-z0-9._-]+$", label=gettext_lazy("Code"), max_length=20)
    rule = forms.ChoiceField(
        label=gettext_lazy("Rule"), choices=RULES, initial=Rule.PROPORTIONAL.value
    )
    indicator = forms.ChoiceField(label=gettext_lazy("Indicator"), required=False)
    weight = forms.DecimalField(
        label=gettext_lazy("Weight"), required=False, min_value=Decimal("0.01"), max_value=100,
        decimal_places=2,
    )  # fmt: skip
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=100, required=False)
    short_zh = forms.CharField(
        label=gettext_lazy("Short Chinese name"), max_length=30, required=False
    )
    short_en = forms.CharField(
        label=gettext_lazy("Short English name"), max_length=40, required=False
    )
    cap = _percent(gettext_lazy("Cap, %"))
    floor = _percent(gettext_lazy("Floor, %"))
    floor_means = forms.ChoiceField(
        label=gettext_lazy("Below the floor"),
        required=False,
        initial=FloorMeaning.THRESHOLD.value,
        choices=[
            (FloorMeaning.THRESHOLD.value, gettext_lazy("no points (threshold)")),
            (FloorMeaning.BASE_SCORE.value, gettext_lazy("never less than the floor (base score)")),
        ],
    )
    low = _percent(gettext_lazy("Lowest rate, %"))
    low_points = _points(gettext_lazy("points there"))
    high = _percent(gettext_lazy("Highest rate, %"))
    high_points = _points(gettext_lazy("points from there on"))
    bands = forms.CharField(
        label=gettext_lazy("Bands"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("A line per band: from, points; the last: else, points. 16 10"),
    )  # fmt: skip
    most = _points(gettext_lazy("Points at most"))
    tie_break = forms.TypedChoiceField(
        label=gettext_lazy("Parts equal totals"), required=False, coerce=int, empty_value=None,
        choices=[("", gettext_lazy("no")), (1, "1"), (2, "2"), (3, "3")],
    )  # fmt: skip

    def __init__(self, *args: Any, indicators: Sequence[Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicators = {one.code: one for one in indicators}
        field = self.fields["indicator"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("none")), *((one.code, one.name) for one in indicators)]
        for kind in PRICED:
            self.fields[f"per_{kind}"] = _points(kind.label)

    @property
    def prices(self) -> list[Any]:
        """The bound fields of the points per event."""
        return [self[f"per_{kind}"] for kind in PRICED]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            compiled(self.item(), ZeroTarget.SPREAD)
        except BadRule as error:
            self.add_error(*self.refusal(error.field))
        return given

    def refusal(self, name: str) -> tuple[str | None, str]:
        """Return the field of a parameter that makes no rule, and a sentence for it."""
        rule = self.cleaned_data.get("rule", "")
        sentence = rule_refusal(rule, name)
        if name == "per":
            return f"per_{PRICED[0]}", sentence
        if name == "cap" and rule == BONUS:
            return "most", sentence
        return (name if name in self.fields else None), sentence

    def entry(self) -> ItemEntry:
        """Return the item as the service takes it. Raises BadRule for bands that are none."""
        given = self.cleaned_data
        is_bonus = given["rule"] == BONUS
        is_events = is_bonus or given["rule"] == Rule.DEDUCTION
        return ItemEntry(
            code=given["code"],
            rule=given["rule"],
            name_zh=given["name_zh"],
            name_en=given["name_en"],
            short_zh=given["short_zh"],
            short_en=given["short_en"],
            role=ItemRole.BONUS if is_bonus else ItemRole.ITEM,
            indicator=None if is_events else given["indicator"] or None,
            weight=Decimal(0) if is_bonus else given["weight"] or Decimal(0),
            params=self._params(),
            tie_break=None if is_bonus else given.get("tie_break"),
        )

    def item(self) -> ScorecardItem:
        """Return the item as it would be stored, to be drawn and worded. Raises BadRule."""
        entry = self.entry()
        return item_of(entry, self.indicators.get(entry.indicator or ""))

    def _params(self) -> dict[str, Any]:
        given = self.cleaned_data

        def ratio(name: str) -> str | None:
            return None if given[name] is None else words(given[name] / 100)

        def number(name: str) -> str | None:
            return None if given[name] is None else words(given[name])

        match given["rule"]:
            case Rule.PROPORTIONAL:
                return {
                    "cap": ratio("cap"),
                    "floor": ratio("floor") or "0",
                    "floor_means": given["floor_means"] or FloorMeaning.THRESHOLD.value,
                }
            case Rule.INVERSE | Rule.INVERSE_LINEAR:
                return {"cap": ratio("cap")}
            case Rule.BANDS:
                return {"bands": self._bands(given["bands"])}
            case Rule.MIN_MAX:
                return {
                    "low": ratio("low"),
                    "low_points": number("low_points"),
                    "high": ratio("high"),
                    "high_points": number("high_points"),
                }
            case Rule.RELATIVE:
                return {}
        per = {str(kind): number(f"per_{kind}") for kind in PRICED}
        found: dict[str, Any] = {"per": {kind: price for kind, price in per.items() if price}}
        return found | ({"cap": number("most")} if given["rule"] == BONUS else {})

    def _bands(self, text: str) -> list[list[str | None]]:
        indicator = self.indicators.get(self.cleaned_data["indicator"])
        scale = 100 if indicator is not None and indicator.is_percent else 1
        rows: list[list[str | None]] = []
        for line in filter(None, (line.strip() for line in text.splitlines())):
            parts = _BAND.fullmatch(line)
            if parts is None or not _NUMBER.fullmatch(parts["points"]):
                raise BadRule("bands", line)
            limit = parts["limit"].lstrip("≥>=").rstrip("%％")
            if limit.lower() in _REST:
                rows.append([None, parts["points"]])
            elif _NUMBER.fullmatch(limit):
                rows.append([words(Decimal(limit) / scale), parts["points"]])
            else:
                raise BadRule("bands", line)
        return rows


def item_initial(item: ScorecardItem) -> dict[str, Any]:
    """Return what the form of a stored item begins with."""
    given = parameters(item.params)
    is_bonus = item.role == ItemRole.BONUS
    scale = 100 if item.indicator is not None and item.indicator.is_percent else 1
    otherwise = _("else")
    initial: dict[str, Any] = {
        "code": item.code,
        "rule": BONUS if is_bonus else item.rule,
        "name_zh": item.name_zh,
        "name_en": item.name_en,
        "short_zh": item.short_zh,
        "short_en": item.short_en,
        "indicator": item.indicator.code if item.indicator else "",
        "weight": None if is_bonus else words(item.weight),
        "floor_means": given.floor_means.value,
        "tie_break": item.tie_break or "",
        "bands": "\n".join(
            f"{otherwise if limit is None else words(limit * scale)} {words(points)}"
            for limit, points in given.bands
        ),
    }
    for name in _RATIOS:
        value = getattr(given, name)
        initial[name] = None if value is None else words(value * 100)
    for name in ("low_points", "high_points"):
        value = getattr(given, name)
        initial[name] = None if value is None else words(value)
    if is_bonus:
        initial |= {"most": words(given.cap or Decimal(0)), "cap": None}
    return initial | {f"per_{kind}": words(price) for kind, price in given.per.items()}


class BaseItems(forms.BaseFormSet):
    """The items in their order; rows without a code and a name are left out."""

    def entries(self) -> list[tuple[int, ItemEntry]]:
        """Return the kept items with their form's number, bonuses last, as they are stored."""
        kept = [
            (number, form.entry())
            for number, form in enumerate(self.forms)
            if form.cleaned_data.get("code") and not form.cleaned_data.get("DELETE")
        ]
        place = {n: self.forms[n].cleaned_data.get("ORDER") for n, _entry in kept}
        kept.sort(key=lambda one: (place[one[0]] is None, place[one[0]] or 0, one[0]))
        return sorted(kept, key=lambda one: one[1].role == ItemRole.BONUS)


class OwnItemForm(ItemForm):
    """An item of a unit's own: only the common items part equal totals."""

    tie_break = None  # type: ignore[assignment]


def items_formset(extra: int, form: type[ItemForm] = ItemForm) -> type[BaseItems]:
    return forms.formset_factory(
        form, formset=BaseItems, extra=extra, can_order=True, can_delete=True, max_num=40,
        absolute_max=60,
    )  # fmt: skip
