"""What is typed of a campaign: what it is about, what can be won, the results of a day."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from competitions.models import Campaign, Contestants, Phase, Source
from competitions.queries.campaigns import Contestant, in_phase
from orgchart.forms import DayField, RefusableForm
from orgchart.models import DealerTier, Unit
from targets.models import Indicator

# Rows of the form for a short campaign, and how many stay free below a longer one.
PRIZES = 5
LEVELS = 3
SPARE = 2


def _amount(label: Any, *, decimals: int = 2, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=8 + decimals, decimal_places=decimals, required=False,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "any"}), **more,
    )  # fmt: skip


class _IndicatorField(forms.ModelChoiceField):
    def label_from_instance(self, indicator: Indicator) -> str:
        return indicator.name


class _UnitsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, unit: Unit) -> str:
        return unit.name


class CampaignForm(RefusableForm):
    """A campaign; `values` gives the fields of Campaign.

    It has a row for each prize and level of `campaign`, and free ones below.
    """

    name_zh = forms.CharField(label=_("Name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    contestants = forms.ChoiceField(label=_("Who competes"), choices=Contestants.choices)
    tier = forms.ChoiceField(
        label=_("Tier"), choices=[("", _("all tiers")), *DealerTier.choices], required=False
    )
    units = _UnitsField(
        Unit.objects.none(), label=_("Units"), to_field_name="code", required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("None: all units."),
    )  # fmt: skip
    source = forms.ChoiceField(label=pgettext_lazy("campaign", "Results"), choices=Source.choices)
    indicator = _IndicatorField(
        Indicator.objects.none(), label=_("Indicator"), to_field_name="code", required=False,
        empty_label=_("none: counted for the campaign alone"),
    )  # fmt: skip
    measure = forms.CharField(
        label=_("Counted in"), max_length=20, required=False,
        help_text=_("Without an indicator: users, yuan …"),
    )  # fmt: skip
    decimals = forms.IntegerField(
        label=_("Decimals"), min_value=0, max_value=4, initial=0, required=False
    )
    goal = _amount(_("Common goal"), decimals=4, help_text=_("What all together should reach."))
    threshold = _amount(
        _("Least result"), decimals=4, help_text=_("Below it nobody is paid for a place.")
    )
    tie = forms.ChoiceField(label=_("Equal results"), choices=[])
    notice_days = forms.IntegerField(
        label=_("Days of notice"), min_value=0, max_value=31, initial=3
    )
    note = forms.CharField(
        label=_("Terms in words"), max_length=1000, required=False,
        widget=forms.Textarea({"rows": 3}),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(
        self, *args: Any, district: Unit, campaign: Campaign | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, initial=campaign_initial(campaign), **kwargs)
        prizes, levels = (campaign.prizes, campaign.levels) if campaign else ([], [])
        self.prize_numbers = range(1, max(PRIZES, len(prizes) + SPARE) + 1)
        self.level_numbers = range(1, max(LEVELS, len(levels) + SPARE) + 1)
        self.fields["units"].queryset = Unit.objects.of(district).business()
        self.fields["indicator"].queryset = Indicator.objects.filter(district=district)
        self.fields["tie"].choices = Campaign._meta.get_field("tie").choices
        for number in self.prize_numbers:
            label = _("Places of prize %(number)s") % {"number": number}
            self.fields[f"places_{number}"] = forms.IntegerField(
                label=label, min_value=1, max_value=1000, required=False
            )
            self.fields[f"prize_{number}"] = _amount(
                _("Yuan each, prize %(number)s") % {"number": number}
            )
        for number in self.level_numbers:
            self.fields[f"level_{number}"] = _amount(
                _("Level %(number)s") % {"number": number}, decimals=4
            )
            self.fields[f"level_amount_{number}"] = _amount(
                _("Yuan each, level %(number)s") % {"number": number}
            )

    @property
    def facts(self) -> list[Any]:
        """What it is about, without the prizes."""
        return [field for field in self if "_" not in field.name or field.name in _FACTS]

    @property
    def prizes(self) -> list[Any]:
        return [field for field in self if field.name.startswith(("places_", "prize_"))]

    @property
    def levels(self) -> list[Any]:
        return [field for field in self if field.name.startswith("level_")]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for first, second, numbers in (
            ("places", "prize", self.prize_numbers),
            ("level", "level_amount", self.level_numbers),
        ):
            for number in numbers:
                one, other = given.get(f"{first}_{number}"), given.get(f"{second}_{number}")
                if one is None and other is not None and f"{first}_{number}" not in self.errors:
                    self.add_error(f"{first}_{number}", _("Fill in both, or neither."))
                if one is not None and other is None and f"{second}_{number}" not in self.errors:
                    self.add_error(f"{second}_{number}", _("Fill in both, or neither."))
        return given

    def values(self) -> dict[str, Any]:
        """Return what is stored; call it when the form is valid."""
        given = self.cleaned_data
        names = (
            "name_zh", "name_en", "starts_on", "ends_on", "contestants", "tier", "source",
            "indicator", "measure", "goal", "threshold", "tie", "notice_days", "note",
        )  # fmt: skip
        return {name: given[name] for name in names} | {
            "decimals": given["decimals"] or 0,
            "units": [unit.code for unit in given["units"]],
            "prizes": [
                [given[f"places_{n}"], f"{given[f'prize_{n}']:.2f}"]
                for n in self.prize_numbers
                if given[f"places_{n}"] is not None
            ],
            "levels": [
                [_plain(given[f"level_{n}"]), f"{given[f'level_amount_{n}']:.2f}"]
                for n in self.level_numbers
                if given[f"level_{n}"] is not None
            ],
        }

    def field_of(self, pointer: str) -> str:
        return {"prizes": "places_1", "levels": "level_1"}.get(
            pointer.strip("/"), pointer.strip("/")
        )


_FACTS = ("name_zh", "name_en", "starts_on", "ends_on", "notice_days")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def campaign_initial(row: Campaign | None) -> dict[str, Any]:
    """Return what the form begins with."""
    if row is None:
        return {"contestants": "people", "source": "entered"}
    names = (
        "name_zh", "name_en", "starts_on", "ends_on", "contestants", "tier", "source", "measure",
        "decimals", "units", "tie", "notice_days", "note", "version",
    )  # fmt: skip
    given = {name: getattr(row, name) for name in names}
    given["indicator"] = row.indicator.code if row.indicator else None
    for name in ("goal", "threshold"):
        value = getattr(row, name)
        given[name] = None if value is None else _plain(value)
    for number, (places, amount) in enumerate(row.prizes, start=1):
        given |= {f"places_{number}": places, f"prize_{number}": amount}
    for number, (at, amount) in enumerate(row.levels, start=1):
        given |= {f"level_{number}": at, f"level_amount_{number}": amount}
    return given


class ResultsForm(RefusableForm):
    """The results of a day, a field for each contestant; empty fields say nothing."""

    day = DayField(label=_("As of the end of"))

    def __init__(
        self, *args: Any, contestants: Sequence[Contestant], decimals: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.listed = list(contestants)
        for each in self.listed:
            self.fields[f"of_{each.code}"] = _amount(each.name, decimals=decimals)

    def entries(self) -> tuple[date, list[tuple[str, Decimal]]]:
        given = self.cleaned_data
        return given["day"], [
            (each.code, given[f"of_{each.code}"])
            for each in self.listed
            if given[f"of_{each.code}"] is not None
        ]

    def field_of(self, pointer: str) -> str:
        number, _sep, name = pointer.strip("/").partition("/")
        given = [each.code for each in self.listed if self.cleaned_data.get(f"of_{each.code}")
                 is not None]  # fmt: skip
        if name == "day" or not number.isdecimal() or int(number) >= len(given):
            return "day"
        return f"of_{given[int(number)]}"


class ResultsFileForm(RefusableForm):
    """The results of a day as a file."""

    day = DayField(label=_("As of the end of"))
    file = forms.FileField(
        label=_("Excel file"),
        help_text=_("The export with its result column filled in; empty cells say nothing."),
        widget=forms.ClearableFileInput({"accept": ".xlsx"}),
    )


class CampaignFilter(django_filters.FilterSet):
    """Campaigns by words, phase and who competes."""

    words = django_filters.CharFilter(label=_("Name"), method="by_words", max_length=60)
    phase = django_filters.ChoiceFilter(
        label=_("State"), choices=Phase.choices, empty_label=_("All"), method="by_phase"
    )
    contestants = django_filters.ChoiceFilter(
        label=_("Who competes"), choices=Contestants.choices, empty_label=_("All")
    )

    class Meta:
        model = Campaign
        fields: list[str] = []

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def by_words(self, rows: QuerySet[Campaign], name: str, words: str) -> QuerySet[Campaign]:
        return rows.filter(Q(name_zh__icontains=words) | Q(name_en__icontains=words))

    def by_phase(self, rows: QuerySet[Campaign], name: str, phase: str) -> QuerySet[Campaign]:
        return in_phase(rows, phase, self.on)
