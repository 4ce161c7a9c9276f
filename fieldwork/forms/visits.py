"""What is typed of a visit: what was found, to whom it is given, the rules of visiting."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fieldwork.models import Form
from fieldwork.services.visits import Report
from orgchart.forms import DayField, RefusableForm
from orgchart.models import Dealer, DealerTier, Person
from orgchart.models.bilingual import in_language

SPARE_FIELDS = 2


def _words(label: Any, longest: int, rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, required=False, widget=forms.Textarea({"rows": rows})
    )


class VisitForm(RefusableForm):
    """What was found at an outlet: the check-list in force, then the same for every outlet."""

    stock = forms.CharField(label=_("Stock"), max_length=200, required=False)
    rivals = _words(_("Competitor news"), 500)
    problem = _words(_("Problem"), 500)
    measure = _words(_("What is done"), 500)
    follow_up_on = DayField(label=_("Follow up on"), required=False)
    latitude = forms.DecimalField(
        max_digits=8, decimal_places=5, required=False, widget=forms.HiddenInput
    )
    longitude = forms.DecimalField(
        max_digits=8, decimal_places=5, required=False, widget=forms.HiddenInput
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, check_list: Form, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [each["code"] for each in check_list.fields]
        for each in check_list.fields:
            self.fields[f"check_{each['code']}"] = field_of(each)
        self.fields["follow_up_on"].widget.attrs["min"] = today.isoformat()

    @property
    def checks(self) -> list[forms.BoundField]:
        return [self[f"check_{code}"] for code in self.codes]

    @property
    def found(self) -> list[forms.BoundField]:
        names = ("stock", "rivals", "problem", "measure", "follow_up_on")
        return [self[name] for name in names]

    def field_of(self, pointer: str) -> str:
        return pointer.strip("/").replace("answers/", "check_")

    def report(self) -> Report:
        """Return what was typed; only of a valid form."""
        typed = self.cleaned_data
        return Report(
            answers={code: typed[f"check_{code}"] for code in self.codes},
            **{name: typed[name] for name in ("stock", "rivals", "problem", "measure",
                                              "follow_up_on", "latitude", "longitude")},
        )  # fmt: skip


def field_of(given: Mapping[str, Any]) -> forms.Field:
    """Return the form field that a field of a Form stands for."""
    label = in_language(given["zh"], given["en"])
    required = bool(given.get("required"))
    if given["type"] == "check":
        return forms.BooleanField(label=label, required=False)
    if given["type"] in ("number", "average"):
        return forms.DecimalField(
            label=label, required=required, min_value=0, decimal_places=2,
            widget=forms.NumberInput({"inputmode": "decimal", "step": "any"}),
        )  # fmt: skip
    if given["type"] == "date":
        return DayField(label=label, required=required)
    if given["type"] in ("choice", "yes_no"):
        choices = [(option, option) for option in given["options"]]
        if given["type"] == "yes_no":
            choices = [("yes", _("Yes")), ("no", _("No"))]
        options = [("", "—"), *choices]
        return forms.ChoiceField(label=label, required=required, choices=options)
    return forms.CharField(label=label, required=required, max_length=500)


class AssignForm(RefusableForm):
    """Whose visit it is, and when."""

    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Visitor"), to_field_name="code", required=False,
        empty_label=_("Nobody yet"),
    )  # fmt: skip
    planned_on = DayField(label=_("Planned for"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class AddForm(RefusableForm):
    """A visit beside the plan."""

    dealer = forms.ModelChoiceField(
        Dealer.objects.none(), label=_("Outlet"), to_field_name="code", empty_label=_("Choose")
    )
    planned_on = DayField(label=_("Planned for"))

    def __init__(self, *args: Any, dealers: QuerySet[Dealer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dealer"].queryset = dealers  # type: ignore[attr-defined]


class FrequencyForm(RefusableForm):
    """How often a tier is visited from a day on."""

    tier = forms.ChoiceField(
        label=_("Tier"),
        choices=[(tier.value, tier.label) for tier in DealerTier if tier != DealerTier.LEGACY],
    )
    visits = forms.DecimalField(
        label=_("Visits a month"), min_value=Decimal(0), max_value=Decimal(31), decimal_places=2,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.5"}),
    )  # fmt: skip
    valid_from = DayField(label=_("From"))


class CheckListForm(RefusableForm):
    """The check-list in lines: Chinese name, then a bar and the English one."""

    lines = forms.CharField(
        label=_("Items, one a line"), max_length=2000, widget=forms.Textarea({"rows": 8}),
        help_text=_("Chinese name | English name. Visits that are done keep their list."),
    )  # fmt: skip
    valid_from = DayField(label=_("From"))

    def field_of(self, pointer: str) -> str:
        return "lines"

    def items(self, known: Form | None) -> list[dict[str, Any]]:
        """Return the lines as fields; a line that was there keeps its code."""
        codes = {each["zh"]: each["code"] for each in known.fields} if known else {}
        taken = set(codes.values())
        found = []
        for line in self.cleaned_data["lines"].splitlines():
            zh, _bar, en = (part.strip() for part in line.partition("|"))
            if not zh:
                continue
            code = codes.get(zh)
            if code is None:
                number = next(n for n in range(1, 200) if f"f{n}" not in taken)
                code = f"f{number}"
                taken.add(code)
            found.append({"code": code, "zh": zh, "en": en, "type": "check"})
        return found
