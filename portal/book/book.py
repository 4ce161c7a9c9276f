"""The Book: one tuple of rows per kind, in an order in which each refers only to earlier ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext_lazy

from portal.book import campaigns as campaign_rows
from portal.book import organisation, planning, results
from portal.book.columns import Column, columns_of, key_names


@dataclass(frozen=True, slots=True)
class Kind:
    """A sheet of the workbook; `read` and `write` are the capabilities its content needs."""

    code: str
    title: Any
    row_class: type
    read: str
    write: str

    @property
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.row_class)

    def key(self, row: Any) -> tuple[Any, ...]:
        """Return what identifies a row within its kind."""
        return tuple(getattr(row, name) for name in key_names(self.row_class))


_ORGANISATION = ("organisation.read", "organisation.write")
_TARGETS = ("targets.read", "targets.write")
_TASKS = ("tasks.read", "tasks.write")
_RULES = ("rules.read", "rules.write")
_ACTUALS = ("actuals.read", "actuals.write")
_SUBSIDIES = ("subsidies.read", "subsidies.write")
_COMPETITION = ("competition.read", "rules.write")
_COMMISSIONS = ("commissions.read", "commissions.make")

KINDS: tuple[Kind, ...] = (
    Kind("covers", pgettext_lazy("workbook", "Cover"), organisation.Cover, *_ORGANISATION),
    Kind("units", pgettext_lazy("workbook", "Units"), organisation.Unit, *_ORGANISATION),
    Kind(
        "placements",
        pgettext_lazy("workbook", "Placements"),
        organisation.Placement,
        *_ORGANISATION,
    ),
    Kind("posts", pgettext_lazy("workbook", "Posts"), organisation.Post, *_ORGANISATION),
    Kind("people", pgettext_lazy("workbook", "People"), organisation.Person, *_ORGANISATION),
    Kind("tenures", pgettext_lazy("workbook", "Tenures"), organisation.Tenure, *_ORGANISATION),
    Kind(
        "supervisions",
        pgettext_lazy("workbook", "Supervision"),
        organisation.Supervision,
        *_ORGANISATION,
    ),
    Kind("dealers", pgettext_lazy("workbook", "Dealers"), organisation.Dealer, *_ORGANISATION),
    Kind(
        "affiliations",
        pgettext_lazy("workbook", "Affiliations"),
        organisation.Affiliation,
        *_ORGANISATION,
    ),
    Kind(
        "breakdowns",
        pgettext_lazy("workbook", "Breakdowns"),
        planning.Breakdown,
        "rules.read",
        "targets.write",
    ),
    Kind(
        "indicators",
        pgettext_lazy("workbook", "Indicators"),
        planning.Indicator,
        "rules.read",
        "targets.write",
    ),
    Kind("terms", pgettext_lazy("workbook", "Terms"), planning.Term, "rules.read", "targets.write"),
    Kind(
        "annual_targets",
        pgettext_lazy("workbook", "Annual targets"),
        planning.AnnualTarget,
        *_TARGETS,
    ),
    Kind("sheets", pgettext_lazy("workbook", "Task sheets"), planning.Sheet, *_TASKS),
    Kind("sheet_rows", pgettext_lazy("workbook", "Task sheet rows"), planning.SheetRow, *_TASKS),
    Kind("tasks", pgettext_lazy("workbook", "Tasks"), planning.Task, *_TASKS),
    Kind(
        "segment_tasks", pgettext_lazy("workbook", "Segment tasks"), planning.SegmentTask, *_TASKS
    ),
    Kind("scorecards", pgettext_lazy("workbook", "Scorecards"), results.Scorecard, *_RULES),
    Kind(
        "scorecard_items",
        pgettext_lazy("workbook", "Scorecard items"),
        results.ScorecardItem,
        *_RULES,
    ),
    Kind(
        "closing_rules",
        pgettext_lazy("workbook", "Closing rules"),
        results.ClosingRule,
        "month.read",
        "rules.write",
    ),
    Kind(
        "months", pgettext_lazy("workbook", "Months"), results.MonthRow, "month.read", "month.close"
    ),
    Kind("actuals", pgettext_lazy("workbook", "Actuals"), results.Actual, *_ACTUALS),
    Kind(
        "daily_figures",
        pgettext_lazy("workbook", "Daily figures"),
        results.DailyFigure,
        *_ACTUALS,
    ),
    Kind("pace_rules", pgettext_lazy("workbook", "Rules of pace"), results.PaceRule, *_RULES),
    Kind(
        "events", pgettext_lazy("workbook", "Events"), results.Event, "actuals.read", "events.write"
    ),
    Kind(
        "subsidy_policies",
        pgettext_lazy("workbook", "Subsidy policies"),
        results.SubsidyPolicy,
        *_SUBSIDIES,
    ),
    Kind(
        "competitions",
        pgettext_lazy("workbook", "Competitions"),
        results.Competition,
        *_COMPETITION,
    ),
    Kind(
        "competition_policies",
        pgettext_lazy("workbook", "Competition rules"),
        results.CompetitionPolicy,
        *_COMPETITION,
    ),
    Kind(
        "schemes",
        pgettext_lazy("workbook", "Commission schemes"),
        results.CommissionScheme,
        "commissions.read",
        "rules.write",
    ),
    Kind(
        "dealer_returns",
        pgettext_lazy("workbook", "Dealer returns"),
        results.DealerReturn,
        *_COMMISSIONS,
    ),
    Kind(
        "campaigns",
        pgettext_lazy("workbook", "Campaigns"),
        campaign_rows.Campaign,
        "competition.read",
        "competition.propose",
    ),
    Kind(
        "campaign_results",
        pgettext_lazy("workbook", "Campaign results"),
        campaign_rows.CampaignResult,
        "competition.read",
        "campaigns.report",
    ),
)
KIND = {kind.code: kind for kind in KINDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A district's year. A kind without rows leaves what there is untouched."""

    covers: tuple[organisation.Cover, ...]
    units: tuple[organisation.Unit, ...] = ()
    placements: tuple[organisation.Placement, ...] = ()
    posts: tuple[organisation.Post, ...] = ()
    people: tuple[organisation.Person, ...] = ()
    tenures: tuple[organisation.Tenure, ...] = ()
    supervisions: tuple[organisation.Supervision, ...] = ()
    dealers: tuple[organisation.Dealer, ...] = ()
    affiliations: tuple[organisation.Affiliation, ...] = ()
    breakdowns: tuple[planning.Breakdown, ...] = ()
    indicators: tuple[planning.Indicator, ...] = ()
    terms: tuple[planning.Term, ...] = ()
    annual_targets: tuple[planning.AnnualTarget, ...] = ()
    sheets: tuple[planning.Sheet, ...] = ()
    sheet_rows: tuple[planning.SheetRow, ...] = ()
    tasks: tuple[planning.Task, ...] = ()
    segment_tasks: tuple[planning.SegmentTask, ...] = ()
    scorecards: tuple[results.Scorecard, ...] = ()
    scorecard_items: tuple[results.ScorecardItem, ...] = ()
    closing_rules: tuple[results.ClosingRule, ...] = ()
    months: tuple[results.MonthRow, ...] = ()
    actuals: tuple[results.Actual, ...] = ()
    daily_figures: tuple[results.DailyFigure, ...] = ()
    pace_rules: tuple[results.PaceRule, ...] = ()
    events: tuple[results.Event, ...] = ()
    subsidy_policies: tuple[results.SubsidyPolicy, ...] = ()
    competitions: tuple[results.Competition, ...] = ()
    competition_policies: tuple[results.CompetitionPolicy, ...] = ()
    schemes: tuple[results.CommissionScheme, ...] = ()
    dealer_returns: tuple[results.DealerReturn, ...] = ()
    campaigns: tuple[campaign_rows.Campaign, ...] = ()
    campaign_results: tuple[campaign_rows.CampaignResult, ...] = ()

    @property
    def cover(self) -> organisation.Cover:
        return self.covers[0]

    def rows(self, kind: Kind) -> tuple[Any, ...]:
        found: tuple[Any, ...] = getattr(self, kind.code)
        return found

    def counts(self) -> Iterator[tuple[Kind, int]]:
        """Yield how many rows each kind has."""
        for kind in KINDS:
            yield kind, len(self.rows(kind))
