"""What is typed of a survey: whom it goes to, a sheet, the fields of its form."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.forms.giving import GivingForm
from fieldwork.forms.visits import field_of
from fieldwork.models import Form
from fieldwork.services.forms import MOST_FIELDS, TYPES
from fieldwork.wording import TYPE_NAMES
from orgchart.forms import DayField, RefusableForm
from orgchart.models import Person, Unit

# Buttons beside a field of the editor.
STEPS = {"up": -1, "down": 1}
_TEXTS = ("code", "zh", "en", "type", "options")


class OpenForm(RefusableForm):
    """A new survey: its name, its day, its units."""

    name_zh = forms.CharField(label=_("Name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    deadline = DayField(label=_("Due by"))
    to = forms.ChoiceField(
        label=_("A sheet for"),
        choices=[("units", _("each unit")), ("people", _("each person of the units"))],
    )
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label=_("Units"), to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = units  # type: ignore[attr-defined]
        self.initial.setdefault("units", [unit.code for unit in units])


class SheetForm(RefusableForm):
    """A sheet: the fields of the survey's form; a first text offers what the unit knows."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, form: Form, units: Sequence[Unit] = (), known: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        if len(units) > 1:
            self.fields["unit"] = forms.ChoiceField(
                label=_("Unit"), choices=[(unit.code, unit.name) for unit in units]
            )
        elif units:
            self.fields["unit"] = forms.CharField(widget=forms.HiddenInput, initial=units[0].code)
        self.codes = [each["code"] for each in form.fields]
        self.known = known
        for each in form.fields:
            self.fields[f"answer_{each['code']}"] = field_of(each)
        if known:
            self.fields[f"answer_{self.codes[0]}"].widget.attrs["list"] = "known"

    @property
    def answers(self) -> dict[str, Any]:
        """What was typed, by code; only of a valid form."""
        return {code: self.cleaned_data[f"answer_{code}"] for code in self.codes}

    def field_of(self, pointer: str) -> str:
        return pointer.strip("/").replace("answers/", "answer_")


def typed_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return kept answers as the sheet's form shows them."""
    words = {True: "yes", False: "no"}
    return {
        f"answer_{code}": words[value] if isinstance(value, bool) else value
        for code, value in answers.items()
    }


class GiveSheetForm(GivingForm):
    """Whose sheet it is."""

    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Given to"), to_field_name="code", required=False,
        empty_label=_("Anybody of the unit"),
    )  # fmt: skip


class SheetListForm(RefusableForm):
    """Sheets to import."""

    file = forms.FileField(
        label=pgettext_lazy("survey", "Sheets"),
        help_text=_("Excel or CSV with the headings of the export, at most 5 MB."),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv"}),
    )


class FieldRow(forms.Form):
    """A field of a form in the editor."""

    code = forms.CharField(required=False, widget=forms.HiddenInput)
    zh = forms.CharField(label=_("Chinese name"), max_length=60)
    en = forms.CharField(label=_("English name"), max_length=60, required=False)
    type = forms.ChoiceField(label=_("Kind"), choices=[
        (code, TYPE_NAMES[code]) for code in TYPES if code in TYPE_NAMES
    ])  # fmt: skip
    options = forms.CharField(
        label=_("Options, with commas"), max_length=300, required=False,
    )  # fmt: skip
    required = forms.BooleanField(label=_("required"), required=False)


class FieldsForm(RefusableForm):
    """The editor of a form: its rows, and from when on they hold.

    A button steps a row up or down, retires it, or adds one: nothing is stored before `save`.
    """

    valid_from = DayField(label=_("From"))

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, fields: Sequence[Mapping[str, Any]],
        today: date,
    ) -> None:  # fmt: skip
        super().__init__(data, initial={"valid_from": today})
        given = [_shown(each) for each in fields] if data is None else _rows(data)
        self.step = str(data.get("step", "save")) if data is not None else ""
        given = _stepped(given, self.step)
        is_saved = data is not None and self.step == "save"
        self.rows = [
            FieldRow(
                {f"{n}-{name}": value for name, value in row.items()} if is_saved else None,
                prefix=str(n), initial=row,
            )
            for n, row in enumerate(given)
        ]  # fmt: skip

    def is_valid(self) -> bool:
        """Return whether the day and every row are sound; not while rows are only stepped."""
        sound = [row.is_valid() for row in self.rows]
        return self.step == "save" and super().is_valid() and all(sound)

    @property
    def has_errors(self) -> bool:
        return self.step == "save" and bool(self.errors or any(row.errors for row in self.rows))

    def items(self) -> list[dict[str, Any]]:
        """Return the fields in order; only of a valid form."""
        return [
            {**row.cleaned_data, "options": split_options(row.cleaned_data["options"])}
            for row in self.rows
        ]

    def refuse(self, error: Any) -> None:
        """Show each fault at its row, the rest above the form."""
        for fault in error.faults:
            parts = fault.pointer.strip("/").split("/")
            if len(parts) == 3 and int(parts[1]) < len(self.rows):
                row = self.rows[int(parts[1])]
                row.add_error(parts[2] if parts[2] != "code" else "zh", fault.detail)
            else:
                self.add_error(None, fault.detail)
        if not error.faults:
            self.add_error(None, str(error))


def split_options(text: str) -> list[str]:
    """Return the options of a choice, split at commas of either width."""
    parts = text.replace("，", ",").replace("、", ",").split(",")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _shown(field: Mapping[str, Any]) -> dict[str, Any]:
    return {**field, "options": "，".join(field["options"])}


def _rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for n in range(MOST_FIELDS + 1):
        if f"{n}-zh" not in data:
            break
        row: dict[str, Any] = {name: data.get(f"{n}-{name}", "") for name in _TEXTS}
        found.append(row | {"required": f"{n}-required" in data})
    return found


def _stepped(rows: list[dict[str, Any]], step: str) -> list[dict[str, Any]]:
    action, _dash, text = step.partition("-")
    at = int(text) if text.isdecimal() and len(text) < 4 else -1
    if action == "add":
        return [*rows, {"type": "text"}][: MOST_FIELDS + 1]
    if not 0 <= at < len(rows):
        return rows
    if action == "retire":
        return rows[:at] + rows[at + 1 :]
    to = at + STEPS.get(action, 0)
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
    return rows
