"""What the database itself refuses for months that are closed or published."""

from orgchart.guards import guard

_MONTH_OF = (
    "EXISTS (SELECT 1 FROM kpi_month m JOIN orgchart_unit u ON u.district_id = m.district_id "
    "WHERE u.id = {{row}}.unit_id AND m.month = {{row}}.month AND m.state {state})"
)
_EVENTS = ("INSERT", "UPDATE", "DELETE")
_CLOSED = _MONTH_OF.format(state="<> 'open'")
_PUBLISHED = _MONTH_OF.format(state="= 'published'")

MONTH_GUARDS = [
    guard(
        name="actual_of_open_month",
        table="kpi_actual",
        events=_EVENTS,
        refused_when=_CLOSED,
        message="the month is closed",
    ),
    guard(
        name="daily_figure_of_open_month",
        table="kpi_dailyfigure",
        events=_EVENTS,
        refused_when=_CLOSED,
        message="the month is closed",
    ),
    guard(
        name="task_of_open_month",
        table="targets_task",
        events=_EVENTS,
        refused_when=_CLOSED,
        message="the month is closed",
    ),
    guard(
        name="event_of_open_month",
        table="kpi_event",
        events=_EVENTS,
        refused_when=_CLOSED,
        message="the month is closed",
    ),
    guard(
        name="score_not_frozen",
        table="kpi_score",
        events=_EVENTS,
        refused_when=_PUBLISHED,
        message="the month is published",
    ),
    guard(
        name="score_line_not_frozen",
        table="kpi_scoreline",
        events=_EVENTS,
        refused_when=_PUBLISHED,
        message="the month is published",
    ),
]
