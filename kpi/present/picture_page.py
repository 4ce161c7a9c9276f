"""The page of charts: what a reader may see of a month, drawn; shared by the page and the API."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kpi.models import Month
from kpi.present import pictures
from kpi.queries.board import GATES, Board, leaderboard
from kpi.queries.standings import Standings, standings
from kpi.queries.year_board import YearBoard, year_board
from orgchart.models import Unit
from orgchart.permissions import Actor
from targets.charts import Chart
from targets.models import Indicator

MOST_HALF_STEPS = 9  # bars of a waterfall whose figures stand beside each other in half a page


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart, or why there is none."""

    chart: Chart | None
    title: str
    none: str
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Album:
    """A month as far as the actor may see it.

    Everybody sees what the leaderboard shows: totals, and the figures of both gates of every
    unit. Other figures are of the units whose actuals one may read.
    """

    actor: Actor
    year: YearBoard
    board: Board
    found: Standings
    indicators: tuple[Indicator, ...]  # to choose from
    units: tuple[Unit, ...]  # whose own charts one may open

    @property
    def sees_all(self) -> bool:
        return self.actor.unit_ids("actuals.read") is None

    @property
    def first_unit(self) -> Unit | None:
        """The unit to open with: none, that is the district, for who sees all."""
        return None if self.sees_all or not self.units else self.units[0]

    def units_of(self, indicator: Indicator) -> Sequence[Unit]:
        """Return the units whose figures of the indicator the actor may see."""
        return self.found.units if indicator.code in GATES.values() else self.units


def album(actor: Actor, month: Month) -> Album:
    """Gather a month; a fixed number of queries, however many units."""
    found = standings(actor.district, month.month, actor.on)
    units = tuple(unit for unit in found.units if actor.can("actuals.read", unit))
    # With the gates first; who reads no unit's figures has only those.
    gates = [row for row in found.indicators if row.code in GATES.values()]
    others = [row for row in found.indicators if row.code not in GATES.values()]
    return Album(
        actor,
        year_board(month),
        leaderboard(month),
        found,
        tuple([*gates, *(others if units else [])]),
        units,
    )


def panels(
    given: Album, indicator: Indicator | None, unit: Unit | None, *, by_month: bool
) -> list[Panel]:
    """Return the charts of an indicator, and of a unit or, without one, of the district."""
    shown = [
        Panel(
            pictures.race(given.year, given.actor.own_unit_ids, by_month=by_month),
            _("Race by month"), _("No month of this year has scores yet."), is_wide=True,
        )
    ]  # fmt: skip
    if indicator is not None:
        shown.append(
            Panel(
                pictures.by_unit(
                    given.found, indicator, given.units_of(indicator), given.actor.own_unit_ids
                ),
                _("%(name)s: completion against time") % {"name": indicator.short},
                _("No unit has a task for this indicator in this month."),
            )
        )
    if unit is not None or given.sees_all:
        name = unit.short if unit else _("Whole district")
        units = [unit] if unit else [*given.found.units, given.found.district]
        shown.append(
            Panel(
                pictures.by_indicator(given.found, units, name),
                _("%(name)s: every indicator against time") % {"name": name},
                _("Nothing is reported for this month yet."),
            )
        )
    if given.actor.can("reasons.read"):
        shown.append(
            Panel(
                pictures.heat(given.board, given.actor),
                _("Points by unit and item"), _("Nothing is scored in this month yet."),
                is_wide=True,
            )
        )  # fmt: skip
    if indicator is not None:
        carriers = [*given.units_of(indicator)]
        if given.sees_all:
            carriers.append(given.found.district)
        steps = pictures.contributions(given.found, indicator, carriers)
        shown.append(
            Panel(
                steps,
                _("%(name)s: from the task to the actual, by unit") % {"name": indicator.short},
                _("No unit has reported this indicator yet."),
                is_wide=steps is not None and len(steps.labels) > MOST_HALF_STEPS,
            )
        )
    row = next((row for row in given.board.rows if unit and row.unit.pk == unit.pk), None)
    if row is not None and given.actor.can("reasons.read", row.unit):
        title = _("%(name)s: from the full mark to the total, by item")
        shown.append(
            Panel(
                pictures.score_steps(row), title % {"name": row.unit.short},
                _("The unit has no total yet."),
            )
        )  # fmt: skip
    return shown
