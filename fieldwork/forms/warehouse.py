"""What is typed of the store: items, requests, operations, a stock-take, receipts to take in."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from fieldwork.models import ItemKind, Measure, MovementKind, StockItem, StockRequestLine
from fieldwork.queries.warehouse import Shelf, place_name
from fieldwork.rules.warehouse import MOST
from fieldwork.services.warehouse import Move
from orgchart.forms import DayField, RefusableForm
from orgchart.models import Dealer, Unit

ITEM = "item-"  # before an item's code: the name of its field


def _count(label: Any, *, least: int = 0, most: int = MOST, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=most,
        widget=forms.NumberInput({"inputmode": "numeric"}), **more,
    )  # fmt: skip


def _text(label: Any, longest: int, rows: int = 0) -> forms.CharField:
    widget = forms.Textarea({"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, max_length=longest, required=False, widget=widget)


def _counted(shelf: Shelf) -> str:
    names = {"item": shelf.item.name, "measure": shelf.item.get_measure_display()}
    return gettext("%(item)s (%(measure)s)") % names


class PlaceField(forms.ModelChoiceField):
    """A place of stock: the district itself is its store."""

    def __init__(self, *args: Any, district_id: int = 0, **kwargs: Any) -> None:
        self.district_id = district_id
        super().__init__(*args, **kwargs)

    def label_from_instance(self, place: Unit) -> str:
        return place_name(place, self.district_id)


class ItemsForm(RefusableForm):
    """A form with a number for each item; faults of the services name items by code."""

    items: dict[str, StockItem]

    def field_of(self, pointer: str) -> str:
        name = super().field_of(pointer)
        return ITEM + name if ITEM + name in self.fields else name

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(ITEM)]

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith(ITEM)]

    def counts(self) -> dict[StockItem, int]:
        """Return what was written, by item; only of a valid form."""
        return {
            item: self.cleaned_data[name]
            for name, item in self.items.items()
            if self.cleaned_data[name] is not None
        }


class ItemForm(RefusableForm):
    """An item of the store; the code of a known one stays."""

    code = forms.SlugField(
        label=_("Code"), max_length=20, help_text=_("Latin letters, digits and hyphens; stays.")
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=ItemKind.choices)
    measure = forms.ChoiceField(label=_("Counted in"), choices=Measure.choices)
    warning_level = _count(
        _("Warning level"),
        initial=0,
        help_text=_("Fewer free in the store is a shortage; 0: never."),
    )
    is_closed = forms.BooleanField(label=_("No longer requested"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, item: StockItem | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if item is not None:
            for name in self.fields:
                self.fields[name].initial = getattr(item, name)
            del self.fields["code"]


class RequestForm(ItemsForm):
    """How many of which items a unit wants, and what for."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"), to_field_name="code")
    purpose = forms.CharField(
        label=_("Purpose"), max_length=200, widget=forms.Textarea({"rows": 2})
    )
    needed_on = DayField(label=_("Needed on"), required=False)

    def __init__(
        self, *args: Any, units: QuerySet[Unit], shelves: Iterable[Shelf], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        if len(units) == 1:
            self.fields["unit"].initial = units[0].code
            self.fields["unit"].widget = forms.HiddenInput()
        self.items = {}
        for shelf in shelves:
            name = ITEM + shelf.item.code
            self.items[name] = shelf.item
            free = max(0, shelf.free)
            text = gettext("%(count)s free") % {"count": free}
            self.fields[name] = _count(_counted(shelf), required=False, help_text=text)


class ApproveForm(RefusableForm):
    """How many of each line are granted."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Iterable[StockRequestLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = {f"line-{line.pk}": line for line in lines}
        for name, line in self.lines.items():
            self.fields[name] = _count(
                line.item.name, most=line.asked, initial=line.asked, required=False
            )

    def field_of(self, pointer: str) -> str:
        code = super().field_of(pointer)
        return next((name for name, line in self.lines.items() if line.item.code == code), code)

    def granted(self) -> dict[int, int]:
        """Return the granted counts by line id; only of a valid form."""
        return {
            line.pk: self.cleaned_data[name]
            for name, line in self.lines.items()
            if self.cleaned_data[name] is not None
        }


class RefuseForm(RefusableForm):
    """Why a request is refused."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)


class StepForm(RefusableForm):
    """The version on which a step is taken."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class MoveForm(RefusableForm):
    """An operation of the keeper: receive, take back, move between places, write off."""

    kind = forms.ChoiceField(
        label=_("Operation"),
        choices=[
            (each.value, each.label) for each in MovementKind
            if each not in ("issue", "hand_out", "stock_take")
        ],
    )  # fmt: skip
    item = forms.ModelChoiceField(
        StockItem.objects.none(), label=pgettext_lazy("stock", "Item"), to_field_name="code",
        empty_label=_("Choose"),
    )  # fmt: skip
    quantity = _count(_("Quantity"), least=1)
    source = PlaceField(
        Unit.objects.none(), label=pgettext_lazy("stock", "From"), to_field_name="code",
        required=False, empty_label="—",
        help_text=_("Of what is returned, moved or written off."),
    )  # fmt: skip
    target = PlaceField(
        Unit.objects.none(), label=pgettext_lazy("stock", "To"), to_field_name="code",
        required=False, empty_label="—", help_text=_("Of what is moved; receipts go to the store."),
    )  # fmt: skip
    on = DayField(label=_("Day"))
    voucher = _text(_("Voucher"), 40)
    note = _text(_("Note"), 200, rows=2)

    def __init__(
        self, *args: Any, items: QuerySet[StockItem], places: QuerySet[Unit], district_id: int,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = items  # type: ignore[attr-defined]
        for name in ("source", "target"):
            self.fields[name].queryset = places  # type: ignore[attr-defined]
            self.fields[name].district_id = district_id  # type: ignore[attr-defined]

    def move(self) -> Move:
        """Return what was typed; only of a valid form."""
        return Move(**self.cleaned_data)


class HandOutForm(RefusableForm):
    """What a unit gives away: to a dealer, or in its own work."""

    source = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"), to_field_name="code")
    item = forms.ModelChoiceField(
        StockItem.objects.none(), label=pgettext_lazy("stock", "Item"), to_field_name="code",
        empty_label=_("Choose"),
    )  # fmt: skip
    quantity = _count(_("Quantity"), least=1)
    dealer = forms.ModelChoiceField(
        Dealer.objects.none(), label=_("Dealer"), to_field_name="code", required=False,
        empty_label=pgettext_lazy("stock", "used by the unit itself"),
    )  # fmt: skip
    on = DayField(label=_("Day"))
    note = _text(_("Note"), 200, rows=2)

    def __init__(
        self, *args: Any, units: QuerySet[Unit], items: QuerySet[StockItem],
        dealers: QuerySet[Dealer], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = units  # type: ignore[attr-defined]
        self.fields["item"].queryset = items  # type: ignore[attr-defined]
        self.fields["dealer"].queryset = dealers  # type: ignore[attr-defined]
        if len(units) == 1:
            self.fields["source"].initial = units[0].code
            self.fields["source"].widget = forms.HiddenInput()

    def move(self) -> Move:
        """Return what was typed; only of a valid form."""
        return Move(kind=MovementKind.HAND_OUT, **self.cleaned_data)


class StockTakeForm(ItemsForm):
    """What was counted at a place; an empty field was not counted."""

    on = DayField(label=_("Counted on"))
    note = _text(_("Note"), 200)

    def __init__(self, *args: Any, shelves: Iterable[Shelf], place: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = {}
        for shelf in shelves:
            name = ITEM + shelf.item.code
            self.items[name] = shelf.item
            booked = shelf.counts.get(place.pk, 0)
            self.fields[name] = _count(
                _counted(shelf), required=False,
                help_text=gettext("booked %(count)s") % {"count": booked},
            )  # fmt: skip


class ReceiptsForm(RefusableForm):
    """A list of receipts to import."""

    file = forms.FileField(
        label=_("List of receipts"),
        help_text=_("Excel or CSV with the headings beside, at most 5 MB."),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv"}),
    )
