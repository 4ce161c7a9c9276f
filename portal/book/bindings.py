"""How rows of the workbook are kept in the tables: read into rows, and back into fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Model, Q, QuerySet

import competitions.models
import kpi.models
import orgchart.models
import subsidies.models
import targets.models
from orgchart.models import Unit
from portal.book.book import KIND, Kind
from portal.book.columns import Column, Json, Ref
from targets.models import Plan

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows: a district and its plan of a year."""

    district: Unit
    plan: Plan | None
    year: int

    @property
    def of_year(self) -> Q:
        return Q(month__year=self.year)


@dataclass(slots=True)
class Index:
    """Primary keys by code and back, per kind that others refer to."""

    pks: dict[str, dict[Any, int]] = field(default_factory=dict)
    codes: dict[str, dict[int, Any]] = field(default_factory=dict)

    def note(self, kind: str, code: Any, pk: int) -> None:
        self.pks.setdefault(kind, {})[code] = pk
        self.codes.setdefault(kind, {})[pk] = code

    def pk(self, kind: str, code: Any) -> int | None:
        return None if code is None else self.pks[kind][code]

    def code(self, kind: str, pk: int | None) -> Any:
        return None if pk is None else self.codes.get(kind, {}).get(pk)


class Binding:
    """One kind and its table. Fields are named like the columns; subclasses say what differs."""

    def __init__(
        self,
        kind: str,
        model: type[Model],
        within: Callable[[Scope], Q],
        fixed: Callable[[Scope], dict[str, Any]] = lambda scope: {},
    ) -> None:
        self.kind: Kind = KIND[kind]
        self.model, self.within, self.fixed = model, within, fixed

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return self.kind.columns

    @cached_property
    def attributes(self) -> dict[str, str]:
        """The field behind each column."""
        return {
            column.name: f"{column.name}_id" if isinstance(column.type, Ref) else column.name
            for column in self.columns
        }

    @cached_property
    def has_code(self) -> bool:
        return [c.name for c in self.columns if c.is_key] == ["code"]

    @cached_property
    def is_versioned(self) -> bool:
        return any(f.name == "version" for f in self.model._meta.get_fields())

    def queryset(self, scope: Scope) -> QuerySet[Any]:
        return self.model._default_manager.filter(self.within(scope))

    def rows(self, scope: Scope, index: Index) -> dict[Key, tuple[Any, Any]]:
        """Return {key: (pk, row)} of what is stored, and note the codes in the index."""
        found = {}
        for values in self.queryset(scope).values("pk", *self.attributes.values()):
            row = self.row(values, index)
            if row is None:
                continue
            found[self.kind.key(row)] = (values["pk"], row)
            if self.has_code:
                index.note(self.kind.code, row.code, values["pk"])
        return found

    def row(self, values: Mapping[str, Any], index: Index) -> Any:
        """Return the row of stored values; None where it is no business of the workbook."""
        return self.kind.row_class(
            **{
                column.name: self.value(column, values[self.attributes[column.name]], index)
                for column in self.columns
            }
        )

    def value(self, column: Column, stored: Any, index: Index) -> Any:
        if isinstance(column.type, Ref):
            return index.code(column.type.kind, stored)
        if isinstance(column.type, Json) and column.is_optional and not stored:
            return column.blank
        return stored

    def fields(self, row: Any, index: Index) -> dict[str, Any]:
        """Return the stored values of a row by field name."""
        return {
            self.attributes[column.name]: self.stored(column, getattr(row, column.name), index)
            for column in self.columns
        }

    def stored(self, column: Column, value: Any, index: Index) -> Any:
        if isinstance(column.type, Ref):
            return index.pk(column.type.kind, value)
        if isinstance(column.type, Json):
            return column.type.type(value)
        return value


class Terms(Binding):
    """Signs are numbers in the table."""

    def value(self, column: Column, stored: Any, index: Index) -> Any:
        if column.name == "sign":
            return "+" if stored > 0 else "-"
        return Binding.value(self, column, stored, index)

    def stored(self, column: Column, value: Any, index: Index) -> Any:
        if column.name == "sign":
            return 1 if value == "+" else -1
        return Binding.stored(self, column, value, index)


class SheetRows(Binding):
    """Segment cells refer to these rows by table, breakdown and indicator."""

    def rows(self, scope: Scope, index: Index) -> dict[Key, tuple[Any, Any]]:
        found = Binding.rows(self, scope, index)
        for pk, row in found.values():
            if row.unit is None:
                index.note(self.kind.code, (row.sheet, row.breakdown, row.indicator), pk)
        return found


class SegmentTasks(Binding):
    """Cells hang on a row of their sheet."""

    @cached_property
    def attributes(self) -> dict[str, str]:
        return {"month": "month", "value": "value", "row": "row_id"}

    def row(self, values: Mapping[str, Any], index: Index) -> Any:
        place = index.code("sheet_rows", values["row_id"])
        if place is None:
            return None
        sheet, breakdown, indicator = place
        return self.kind.row_class(
            sheet=sheet, breakdown=breakdown, indicator=indicator,
            month=values["month"], value=values["value"],
        )  # fmt: skip

    def fields(self, row: Any, index: Index) -> dict[str, Any]:
        place = (row.sheet, row.breakdown, row.indicator)
        return {
            "row_id": index.pk("sheet_rows", place),
            "month": row.month,
            "value": row.value,
        }


class Events(Binding):
    """Entries of the same unit, month and kind are numbered in their order."""

    def rows(self, scope: Scope, index: Index) -> dict[Key, tuple[Any, Any]]:
        found: dict[Key, tuple[Any, Any]] = {}
        numbers: dict[Key, int] = {}
        names = [c.name for c in self.columns if c.name not in ("unit", "number")]
        for values in self.queryset(scope).order_by("pk").values("pk", "unit_id", *names):
            unit = index.code("units", values["unit_id"])
            place = (unit, values["month"], values["kind"])
            numbers[place] = numbers.get(place, 0) + 1
            row = self.kind.row_class(
                unit=unit, number=numbers[place], **{name: values[name] for name in names}
            )
            found[self.kind.key(row)] = (values["pk"], row)
        return found

    def fields(self, row: Any, index: Index) -> dict[str, Any]:
        fields = Binding.fields(self, row, index)
        del fields["number"]
        return fields


class Campaigns(Binding):
    """Only whether a campaign was announced travels; its later steps stay in the portal."""

    @cached_property
    def attributes(self) -> dict[str, str]:
        return {
            column.name: "indicator_id" if column.name == "indicator" else column.name
            for column in self.columns
        } | {"is_announced": "state"}

    def value(self, column: Column, stored: Any, index: Index) -> Any:
        if column.name == "is_announced":
            return stored != "draft"
        return Binding.value(self, column, stored, index)

    def stored(self, column: Column, value: Any, index: Index) -> Any:
        if column.name == "is_announced":
            return "announced" if value else "draft"
        return Binding.stored(self, column, value, index)


def _in_district(scope: Scope) -> Q:
    return Q(district=scope.district)


def _of_unit(scope: Scope) -> Q:
    return Q(unit__district=scope.district)


def _of_plan(scope: Scope) -> Q:
    return Q(plan=scope.plan)


def _district(scope: Scope) -> dict[str, Any]:
    return {"district": scope.district}


def _plan(scope: Scope) -> dict[str, Any]:
    return {"plan": scope.plan}


_org, _kpi, _targets = orgchart.models, kpi.models, targets.models
_pay, _contest = subsidies.models, competitions.models

BINDINGS: tuple[Binding, ...] = (
    Binding("units", _org.Unit, _in_district, _district),
    Binding("placements", _org.UnitPlacement, _of_unit),
    Binding("posts", _org.Post, _in_district, _district),
    Binding("people", _org.Person, _in_district, _district),
    Binding("tenures", _org.Tenure, lambda scope: Q(person__district=scope.district)),
    Binding("supervisions", _org.Supervision, _of_unit),
    Binding("dealers", _org.Dealer, _in_district, _district),
    Binding("affiliations", _org.DealerAffiliation, lambda s: Q(dealer__district=s.district)),
    Binding("breakdowns", _targets.Breakdown, _in_district, _district),
    Binding("indicators", _targets.Indicator, _in_district, _district),
    Terms("terms", _targets.Term, lambda s: Q(indicator__district=s.district)),
    Binding("annual_targets", _targets.AnnualTarget, _of_plan, _plan),
    Binding("sheets", _targets.TaskSheet, _of_plan, _plan),
    SheetRows("sheet_rows", _targets.SheetRow, lambda s: Q(sheet__plan=s.plan)),
    Binding("tasks", _targets.Task, lambda s: _of_unit(s) & s.of_year),
    SegmentTasks("segment_tasks", _targets.SegmentTask, lambda s: Q(row__sheet__plan=s.plan)),
    Binding("scorecards", _kpi.Scorecard, _in_district, _district),
    Binding("scorecard_items", _kpi.ScorecardItem, lambda s: Q(scorecard__district=s.district)),
    Binding("closing_rules", _kpi.ClosingRule, _in_district, _district),
    Binding("months", _kpi.Month, lambda s: _in_district(s) & s.of_year, _district),
    Binding("actuals", _kpi.Actual, lambda s: _of_unit(s) & s.of_year),
    Binding("daily_figures", _kpi.DailyFigure, lambda s: _of_unit(s) & s.of_year),
    Binding("pace_rules", _kpi.PaceRule, _in_district, _district),
    Events("events", _kpi.Event, lambda s: _of_unit(s) & s.of_year & Q(voided_at__isnull=True)),
    Binding("subsidy_policies", _pay.SubsidyPolicy, _of_unit),
    Binding("competitions", _contest.Competition, _in_district, _district),
    Binding(
        "competition_policies",
        _contest.CompetitionPolicy,
        lambda s: Q(competition__district=s.district, is_draft=False),
    ),
    Binding("schemes", _pay.CommissionScheme, _in_district, _district),
    Binding(
        "dealer_returns",
        _pay.DealerReturn,
        lambda s: Q(dealer__district=s.district) & s.of_year,
    ),
    Campaigns(
        "campaigns",
        _contest.Campaign,
        lambda s: _in_district(s) & Q(starts_on__year=s.year) & ~Q(state="void"),
        _district,
    ),
    Binding(
        "campaign_results",
        _contest.CampaignResult,
        lambda s: (
            Q(campaign__district=s.district, campaign__starts_on__year=s.year)
            & ~Q(campaign__state="void")
        ),
    ),
)
