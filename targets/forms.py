"""What is typed into the floor calculator and into definition cards."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from targets.amounts import LIMIT
from targets.models import Definition, Indicator, Rollup, Term
from targets.rules import floor as rules
from targets.rules.annual import YUAN
from targets.rules.derivation import MOST_FACTOR, Part

ROWS = 8  # parts of a formula
MOST_DECIMALS = 2  # amounts keep four, a percentage two of them for itself


class FigureField(forms.DecimalField):
    """A figure with or without thousands separators, full-width digits included."""

    widget = forms.TextInput

    def __init__(self, *, places: int = 0, **kwargs: Any) -> None:
        super().__init__(
            decimal_places=places, max_value=LIMIT,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs,
        )  # fmt: skip

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").replace(",", "").replace("\uff0c", "").strip().removesuffix("%")
        return super().to_python(text)


class RateField(FigureField):
    """A rate in percent, above 0 and up to 100."""

    default_error_messages = {"rate": _("The effective rate lies above 0 and up to 100%.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(places=2, **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not 0 < value <= 100:
            raise forms.ValidationError(self.default_error_messages["rate"], code="rate")


class FloorForm(forms.Form):
    """A net target, or revenue, ARPU and opening users that lead to one; a rate; two tiers."""

    BY_NET, BY_REVENUE = "net", "revenue"

    by = forms.ChoiceField(
        label=_("Start from"),
        choices=[(BY_NET, _("net target")), (BY_REVENUE, _("revenue and ARPU"))],
        widget=forms.RadioSelect,
    )
    net_target = FigureField(label=_("Net target"), required=False)
    revenue = FigureField(label=_("Mobile revenue, CNY 10k"), places=2, min_value=0, required=False)
    arpu = FigureField(label=_("Mean ARPU, yuan a month"), places=2, required=False)
    opening_users = FigureField(label=_("Opening billed users"), min_value=0, required=False)
    rate = RateField(label=_("Effective rate %"))
    gross_1 = FigureField(label=_("Tier 1 gross additions"), min_value=0, required=False)
    rate_1 = RateField(label=_("Tier 1 effective rate %"), required=False)
    gross_2 = FigureField(label=_("Tier 2 gross additions"), min_value=0, required=False)
    rate_2 = RateField(label=_("Tier 2 effective rate %"), required=False)
    planned = FigureField(label=_("Planned gross additions"), min_value=0, required=False)
    rate_reached = RateField(label=_("Rate really reached %"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        needed = {
            self.BY_NET: ("net_target",), self.BY_REVENUE: ("revenue", "arpu", "opening_users"),
        }.get(given.get("by", ""), ())  # fmt: skip
        for name in needed:
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, _("This figure is needed here."))
        arpu = given.get("arpu")
        if arpu is not None and arpu <= 0:
            self.add_error("arpu", _("The ARPU must be above 0."))
        for number in "12":
            gross, rate = given.get(f"gross_{number}"), given.get(f"rate_{number}")
            if gross is not None and rate is None and f"rate_{number}" not in self.errors:
                self.add_error(f"rate_{number}", _("This figure is needed here."))
        return given

    def ratio(self, name: str) -> Fraction:
        """Return a valid form's percentage as a ratio."""
        return Fraction(self.cleaned_data[name]) / 100

    def chain(self) -> rules.RevenueChain | None:
        """Return a valid form's chain from revenue; None when it starts from the net target."""
        given = self.cleaned_data
        if given["by"] == self.BY_NET:
            return None
        return rules.chain_from_revenue(
            given["revenue"] * YUAN, given["arpu"], int(given["opening_users"]), self.ratio("rate")
        )

    def net(self) -> Fraction:
        """Return a valid form's net target, exact."""
        chain = self.chain()
        return Fraction(self.cleaned_data["net_target"]) if chain is None else chain.net_adds

    def tiers(self) -> list[tuple[int, Fraction]]:
        """Return a valid form's tiers that have a volume."""
        return [
            (int(self.cleaned_data[f"gross_{number}"]), self.ratio(f"rate_{number}"))
            for number in "12"
            if self.cleaned_data[f"gross_{number}"]
        ]


class DefinitionForm(forms.ModelForm):
    """The texts of a card; `edits` is the count of the draft that was read."""

    edits = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Definition
        fields = Definition.TEXTS
        widgets = {
            name: forms.Textarea(attrs={"rows": 3}) for name in ("definition_zh", "definition_en")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["definition_zh"].required = True


class IndicatorForm(forms.ModelForm):
    """A derived indicator: what it is called and how it is shown."""

    code = forms.RegexField(
        r"^(?!new$)[a-z][a-z0-9_]*$", label=_("Code"), max_length=40,
        help_text=_("Latin small letters, digits and underscores, such as fixed_arpu."),
    )  # fmt: skip
    rollup = forms.ChoiceField(
        label=_("Kind"), choices=[(each.value, each.label) for each in (Rollup.SUM, Rollup.RATIO)]
    )

    class Meta:
        model = Indicator
        fields = (
            "code", "name_zh", "name_en", "short_zh", "short_en", "measure_zh", "measure_en",
            "rollup", "direction", "decimals", "is_percent", "may_be_negative",
        )  # fmt: skip

    def clean_decimals(self) -> int:
        decimals = int(self.cleaned_data["decimals"])
        if decimals > MOST_DECIMALS:
            raise forms.ValidationError(_("At most %(most)s decimals.") % {"most": MOST_DECIMALS})
        return decimals

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("is_percent") and given.get("rollup") != Rollup.RATIO:
            self.add_error("is_percent", _("Only a ratio is a percentage."))
        return given


class PartForm(forms.Form):
    """A summand of a formula; an empty row is none."""

    side = forms.ChoiceField(label=_("Side"), choices=Term.Side.choices)
    source = forms.ChoiceField(label=_("Indicator"), required=False)
    coefficient = forms.IntegerField(
        label=_("Coefficient"), required=False, min_value=-MOST_FACTOR, max_value=MOST_FACTOR
    )

    def __init__(self, *args: Any, indicators: list[Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [("", "—"), *((row.code, row.name) for row in indicators)]

    def clean_coefficient(self) -> int:
        coefficient = self.cleaned_data.get("coefficient")
        if coefficient == 0:
            raise forms.ValidationError(_("A part counts at least once."))
        return 1 if coefficient is None else coefficient

    @property
    def part(self) -> Part | None:
        """The part that was filled in, of a valid row."""
        given = self.cleaned_data
        if not given.get("source"):
            return None
        return Part(given["source"], given["side"], given["coefficient"])


PartForms = formset_factory(PartForm, extra=0, min_num=ROWS, max_num=ROWS)
