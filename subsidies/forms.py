"""The shape of what is typed: a decision by hand, a dealer's return."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgchart.forms import RefusableForm
from subsidies.models import DealerReturn
from subsidies.rules.scheme import Instalment, Scheme
from subsidies.services.returns import ReturnEntry
from subsidies.wording import band_text, month_name
from targets.months import month_text

MOST_USERS = 9_999_999
SPARE_ROWS = 3


class DecisionForm(RefusableForm):
    """The floating part by hand."""

    floating = forms.DecimalField(
        label=gettext_lazy("Floating part, yuan"), min_value=0, max_digits=10, decimal_places=2
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea({"rows": 3})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ObjectionForm(RefusableForm):
    """What a manager doubts."""

    text = forms.CharField(
        label=gettext_lazy("What is wrong with the line"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
    )


class AdjustmentForm(RefusableForm):
    """By how much a sealed line was wrong."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount, yuan"),
        max_digits=12,
        decimal_places=2,
        help_text=gettext_lazy("Positive: still to be paid. Negative: taken back."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea({"rows": 3})
    )


class AnswerForm(RefusableForm):
    """The answer to an objection; with an amount it is accepted."""

    answer = forms.CharField(
        label=gettext_lazy("Answer"), max_length=500, widget=forms.Textarea({"rows": 3})
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Adjustment, yuan"),
        max_digits=12,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Empty: the line stands. An amount accepts the objection."),
    )


def _count(label: str, *, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=MOST_USERS, required=required,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip


def _amount(label: str, *, lowest: int | None = 0) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=lowest, max_digits=10, decimal_places=2, required=False,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01"}),
    )  # fmt: skip


class ReturnForm(RefusableForm):
    """A dealer's return with the bands of the scheme; empty counts are zero.

    Groups of revenue and of clawbacks are rows of two fields each, with some rows to spare.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        scheme: Scheme,
        entered: DealerReturn | None,
        joined: Sequence[date] = (),
    ) -> None:
        """`joined` are earlier months whose users still there are asked for."""
        self.scheme, self.joined = scheme, joined
        self.bands = [
            (instalment, band, f"instalment_{instalment.month}_{number}")
            for instalment in scheme.instalments
            for number, band in enumerate(instalment.bands.steps)
        ]
        groups = entered.revenue_groups if entered else []
        losses = entered.clawbacks if entered else []
        self.group_rows = _rows_of(data, "group", "average", groups)
        self.loss_rows = _rows_of(data, "loss", "users", losses)
        super().__init__(data, initial=self._initial(entered, groups, losses))
        self._build()

    def _build(self) -> None:
        self.fields["gross"] = _count(_("Gross adds"), required=True)
        self.fields["zero_call"] = _count(_("Without calls in the first month"))
        self.fields["low_quality"] = _count(_("Low-quality users"))
        self.fields["penalty"] = _amount(_("Audit penalty, yuan"))
        for _instalment, band, name in self.bands:
            self.fields[name] = _count(_("%(band)s yuan") % {"band": band_text(band)})
        for month in self.joined:
            self.fields[f"retained_{month_text(month)}"] = _count(
                _("Users of %(month)s still there") % {"month": month_name(month)}, required=True
            )
        for row in range(self.group_rows):
            self.fields[f"group_{row}_average"] = _amount(_("Average revenue"), lowest=None)
            self.fields[f"group_{row}_users"] = _count(_("Users"))
        for row in range(self.loss_rows):
            self.fields[f"loss_{row}_users"] = _count(_("Users lost"))
            self.fields[f"loss_{row}_price"] = _amount(_("Price once paid"))
        self.fields["version"] = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def _initial(
        self, entered: DealerReturn | None, groups: Sequence[Any], losses: Sequence[Any]
    ) -> dict[str, Any]:
        if entered is None:
            return {}
        initial: dict[str, Any] = {
            name: getattr(entered, name)
            for name in ("gross", "zero_call", "low_quality", "penalty", "version")
        }
        for instalment, band, name in self.bands:
            counts = entered.instalments.get(str(instalment.month), {})
            initial[name] = {Decimal(bound): users for bound, users in counts.items()}.get(
                band.start, 0
            )
        for joined, users in entered.retained.items():
            initial[f"retained_{joined}"] = users
        for row, (average, users) in enumerate(groups):
            initial |= {f"group_{row}_average": average, f"group_{row}_users": users}
        for row, (users, price) in enumerate(losses):
            initial |= {f"loss_{row}_users": users, f"loss_{row}_price": price}
        return initial

    def clean(self) -> dict[str, Any]:
        """Demand both halves of a row."""
        cleaned: dict[str, Any] = super().clean() or {}
        pairs = [(f"group_{row}_average", f"group_{row}_users") for row in range(self.group_rows)]
        pairs += [(f"loss_{row}_users", f"loss_{row}_price") for row in range(self.loss_rows)]
        for pair in pairs:
            for name, other in (pair, pair[::-1]):
                is_half = cleaned.get(name) is None and cleaned.get(other) is not None
                if is_half and name not in self.errors:
                    self.add_error(name, _("Fill in both fields of the row, or neither."))
        return cleaned

    def entry(self) -> ReturnEntry:
        """Return what was typed; only of a valid form."""
        typed = self.cleaned_data
        instalments: dict[int, dict[Decimal, int]] = {
            instalment.month: {} for instalment in self.scheme.instalments
        }
        for instalment, band, name in self.bands:
            instalments[instalment.month][band.start] = typed[name] or 0
        return ReturnEntry(
            gross=typed["gross"],
            zero_call=typed["zero_call"] or 0,
            low_quality=typed["low_quality"] or 0,
            instalments=instalments,
            revenue_groups=tuple(
                (typed[f"group_{row}_average"], typed[f"group_{row}_users"])
                for row in range(self.group_rows)
                if typed[f"group_{row}_users"] is not None
            ),
            clawbacks=tuple(
                (typed[f"loss_{row}_users"], typed[f"loss_{row}_price"])
                for row in range(self.loss_rows)
                if typed[f"loss_{row}_users"] is not None
            ),
            retained={month: typed[f"retained_{month_text(month)}"] for month in self.joined},
            penalty=typed["penalty"] or Decimal(0),
        )

    def field_of(self, pointer: str) -> str:
        parts = pointer.strip("/").split("/")
        if parts[0] == "low_quality_users":
            return "low_quality"
        return "_".join(parts) if parts[0] == "retained" else parts[0]

    @property
    def counts(self) -> list[forms.BoundField]:
        return [self[name] for name in ("gross", "zero_call", "low_quality", "penalty")]

    @property
    def retained(self) -> list[forms.BoundField]:
        return [self[f"retained_{month_text(month)}"] for month in self.joined]

    @property
    def instalments(self) -> Iterator[tuple[Instalment, list[forms.BoundField]]]:
        for each in self.scheme.instalments:
            yield each, [self[name] for instalment, _band, name in self.bands if instalment is each]

    @property
    def groups(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [
            (self[f"group_{row}_average"], self[f"group_{row}_users"])
            for row in range(self.group_rows)
        ]

    @property
    def losses(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [
            (self[f"loss_{row}_users"], self[f"loss_{row}_price"]) for row in range(self.loss_rows)
        ]


def _rows_of(data: Mapping[str, Any] | None, prefix: str, field: str, stored: Sequence[Any]) -> int:
    """Return how many rows the form has: those typed, or those stored and some to spare."""
    if data is None:
        return len(stored) + SPARE_ROWS
    rows = 0
    while rows < 200 and f"{prefix}_{rows}_{field}" in data:
        rows += 1
    return rows
