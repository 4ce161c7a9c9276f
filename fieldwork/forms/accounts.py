"""What is typed of an account: what it is, a step, a list."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fieldwork.models import STAGE_ORDER, AccountKind, Stage
from fieldwork.queries.accounts import responsible_people
from fieldwork.services.accounts import LARGEST, MOST, Entry
from fieldwork.wording import stage_name
from orgchart.forms import DayField, RefusableForm
from orgchart.models import Person, Unit


def _number(label: Any, most: int = MOST) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=most, required=False,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip


def _text(label: Any, longest: int, *, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required, **more)


def _place(stage: str) -> int:
    return STAGE_ORDER.index(Stage(stage))


class AccountForm(RefusableForm):
    """An account; one unit is taken without asking."""

    kind = forms.ChoiceField(label=_("Kind"), choices=AccountKind.choices)
    name_zh = _text(_("Name"), 100, required=True)
    name_en = _text(_("English name"), 100)
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"), to_field_name="code")
    area = _text(_("Township or street"), 40)
    address = _text(_("Address"), 120)
    responsible = forms.ModelChoiceField(
        Person.objects.none(), label=_("Responsible"), to_field_name="code", required=False,
        empty_label=_("Nobody yet"),
    )  # fmt: skip
    contact = _text(_("Contact"), 40)
    contact_phone = _text(
        _("Phone of the contact"), 20, widget=forms.TextInput({"type": "tel", "inputmode": "tel"})
    )
    informant = _text(_("Informant"), 60, help_text=_("Who told us of it, and from which office"))
    size = _number(_("Households or people"))
    expected_users = _number(_("Expected users"))
    expected_revenue = forms.DecimalField(
        label=_("Expected revenue, yuan a month"), min_value=0, max_value=LARGEST,
        decimal_places=2, required=False,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01"}),
    )  # fmt: skip
    deadline = DayField(label=_("Due by"), required=False)
    note = _text(_("Note"), 500, widget=forms.Textarea({"rows": 3}))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, units: QuerySet[Unit], district: Unit, on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        ids: Collection[int] = [unit.pk for unit in units]
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["responsible"].queryset = responsible_people(  # type: ignore[attr-defined]
            district, on, ids
        )
        if len(units) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
            self.fields["unit"].initial = units[0].code

    def entry(self) -> Entry:
        """Return what was typed; only of a valid form."""
        typed = dict(self.cleaned_data)
        typed.pop("version")
        return Entry(**typed)


class StepForm(RefusableForm):
    """The next stage of an account."""

    stage = forms.ChoiceField(label=_("Stage"))
    on = DayField(label=_("Date"))
    remark = _text(_("Remark"), 200)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, kind: str, present: str, may_sign: bool, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = [stage for stage in Stage if stage != present]
        if not may_sign:
            offered = [stage for stage in offered if stage != Stage.SIGNED]
        self.fields["stage"].choices = [  # type: ignore[attr-defined]
            (stage.value, stage_name(stage, kind)) for stage in offered
        ]
        later = [stage for stage in STAGE_ORDER if stage in offered and stage != Stage.LOST]
        after = [stage for stage in later if STAGE_ORDER.index(stage) > _place(present)]
        self.fields["stage"].initial = next(iter(after or offered)).value
        self.fields["on"].initial = today
        self.fields["on"].widget.attrs["max"] = today.isoformat()


class ListForm(RefusableForm):
    """A list to import."""

    file = forms.FileField(
        label=_("List of accounts"),
        help_text=_("Excel or CSV with the headings of the export, at most 5 MB."),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv"}),
    )
