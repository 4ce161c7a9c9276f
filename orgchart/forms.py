"""What people fill in about the organisation; all choices are of the person's district."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orgchart.days import YEARS
from orgchart.errors import DomainError
from orgchart.models import (
    DealerKind,
    DealerTier,
    Person,
    Post,
    Unit,
    UnitKind,
)
from orgchart.queries.people import people
from orgchart.services.units import OPENABLE_KINDS


class RefusableForm(forms.Form):
    """A form that can show what a service refused, at the field that it names."""

    def refuse(self, error: DomainError) -> None:
        """Show the refusal: each fault at its field, the rest above the form."""
        placed = False
        for fault in error.faults:
            name = self.field_of(fault.pointer)
            if name in self.fields:
                self.add_error(name, str(fault.detail))
                placed = True
        if not placed:
            self.add_error(None, str(error))

    def field_of(self, pointer: str) -> str:
        """Return the field that shows a fault at the pointer."""
        return pointer.strip("/")


class DayField(forms.DateField):
    """A day, written YYYY-MM-DD."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    input_formats = ("%Y-%m-%d",)

    def to_python(self, value: Any) -> date | None:
        day: date | None = super().to_python(value)
        if day is not None and day.year not in YEARS:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class PersonField(forms.ModelChoiceField):
    """A person, shown with the unit of the first post."""

    def label_from_instance(self, person: Person) -> str:
        tenures = person.present_tenures  # type: ignore[attr-defined]
        return f"{person.name} · {tenures[0].unit.short}" if tenures else person.name


class OrganisationForm(forms.Form):
    """Base of the forms: knows the district and the day, and fills the choices from them."""

    def __init__(self, *args: Any, district: Unit, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.of(district).open_on(on)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.required:
                field.empty_label = _("Choose")
            if isinstance(field, PersonField):
                field.queryset = people(district, on)
            elif isinstance(field, UnitField):
                field.queryset = units.business() if field.business else units
            elif isinstance(field, PostField):
                field.queryset = Post.objects.filter(district=district)


class UnitField(forms.ModelChoiceField):
    """A unit that is open on the day; `business` leaves out the district and its centre."""

    def __init__(self, *, business: bool = False, **kwargs: Any) -> None:
        super().__init__(Unit.objects.none(), **kwargs)
        self.business = business


class PostField(forms.ModelChoiceField):
    """A post of the district."""


def _code() -> forms.SlugField:
    return forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Latin letters, digits and hyphens; stays.")
    )


def _version() -> forms.IntegerField:
    return forms.IntegerField(widget=forms.HiddenInput)


class NamesForm(OrganisationForm):
    name_zh = forms.CharField(label=_("Chinese name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)


class RenameForm(NamesForm):
    short_zh = forms.CharField(label=_("Short Chinese name"), max_length=30, required=False)
    short_en = forms.CharField(label=_("Short English name"), max_length=40, required=False)
    position = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999)
    version = _version()


class OpenUnitForm(RenameForm):
    code = _code()
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(kind.value, UnitKind(kind).label) for kind in OPENABLE_KINDS]
    )
    parent = UnitField(label=_("Below"))
    opened_on = DayField(label=_("Opened on"))
    version = None
    field_order = ("code", "kind", "parent", "opened_on", "name_zh", "name_en")


class MoveForm(OrganisationForm):
    parent = UnitField(label=_("Below"))
    valid_from = DayField(label=_("From"))
    version = _version()


class CloseForm(OrganisationForm):
    last_day = DayField(label=_("Last day"))
    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
    version = _version()


class SupervisorForm(OrganisationForm):
    person = PersonField(Person.objects.none(), label=_("Supervisor"))
    valid_from = DayField(label=_("From"))
    version = _version()


class AppointForm(OrganisationForm):
    person = PersonField(Person.objects.none(), label=_("Person"))
    post = PostField(Post.objects.none(), label=_("Post"))
    unit = UnitField(label=_("Unit"))
    valid_from = DayField(label=_("From"))
    valid_to = DayField(label=_("To"), required=False)


class EndTenureForm(OrganisationForm):
    last_day = DayField(label=_("Last day"))


class PersonForm(NamesForm):
    phone = forms.RegexField(
        r"^[0-9+ -]{5,20}$",
        label=_("Phone"),
        required=False,
        widget=forms.TextInput({"type": "tel"}),
        error_messages={"invalid": _("A phone number has 5 to 20 digits.")},
    )
    version = _version()


class AddPersonForm(PersonForm):
    code = _code()
    version = None
    field_order = ("code",)


class DealerForm(NamesForm):
    tier = forms.ChoiceField(label=_("Tier"), choices=DealerTier.choices)
    kind = forms.ChoiceField(label=_("Kind"), choices=DealerKind.choices)
    commission_class = forms.ChoiceField(
        label=_("Commission class"),
        choices=[("", _("None")), ("A", "A"), ("B", "B")],
        required=False,
    )
    version = _version()


class AffiliateForm(OrganisationForm):
    unit = UnitField(label=_("Unit"), business=True)
    account_manager = PersonField(
        Person.objects.none(),
        label=_("Account manager"),
        required=False,
        empty_label=_("None: a stray outlet"),
    )
    valid_from = DayField(label=_("From"))
    version = _version()


class OpenDealerForm(DealerForm):
    code = _code()
    unit = UnitField(label=_("Unit"), business=True)
    account_manager = PersonField(
        Person.objects.none(),
        label=_("Account manager"),
        required=False,
        empty_label=_("None: a stray outlet"),
    )
    opened_on = DayField(label=_("Opened on"))
    version = None
    field_order = ("code", "name_zh", "name_en", "tier", "kind", "commission_class")


class AccountForm(OrganisationForm):
    username = forms.RegexField(
        r"^[A-Za-z0-9._-]{2,40}$",
        label=_("Account name"),
        error_messages={"invalid": _("2 to 40 Latin letters, digits, dots and hyphens.")},
    )


class DayForm(forms.Form):
    """The day of a chart or a statistic."""

    on = DayField(label=_("As of"), required=False)
