"""Whose field work a person sees and changes, beyond the table of capabilities."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from fieldwork.models import (
    Account,
    Activity,
    Alarm,
    CalendarEntry,
    DayTakings,
    DealerStatement,
    Finding,
    Goal,
    SampledUser,
    StockMovement,
    StockRequest,
    Summary,
    Survey,
    WarnedUser,
)
from fieldwork.queries.accounts import accounts_of
from fieldwork.queries.alarms import alarms_of
from fieldwork.queries.audit import sampled_of, statements_of, takings_of
from fieldwork.queries.calendar import entries_of
from fieldwork.queries.findings import findings_of
from fieldwork.queries.goals import goals_of
from fieldwork.queries.promotions import promotions_of
from fieldwork.queries.retention import warned_of
from fieldwork.queries.summaries import leaders, summaries_of, unanswered
from fieldwork.queries.surveys import sheets_of, surveys_of
from fieldwork.queries.visits import visits_of
from fieldwork.queries.warehouse import movements_of, requests_of
from orgchart.models import Unit
from orgchart.permissions import Actor

OfUnit = TypeVar("OfUnit", Account, Activity, Alarm, StockRequest, WarnedUser)


def _seen(actor: Actor, rows: QuerySet[OfUnit], capability: str, **key: object) -> OfUnit:
    """Return one of the rows that the actor sees, or 404; 403 without the capability there."""
    row = get_object_or_404(rows, **key)
    actor.demand(capability, row.unit_id)
    return row


def visible_accounts(actor: Actor) -> QuerySet[Account]:
    """Return the accounts of the units that the actor reads."""
    return accounts_of(actor.district, actor.unit_ids("field.read"))


def account_of(actor: Actor, code: str, capability: str = "field.read") -> Account:
    """Return an account that the actor sees, or 404; 403 without the capability for its unit."""
    return _seen(actor, visible_accounts(actor), capability, code=code)


def visible_visits(actor: Actor) -> QuerySet[Activity]:
    """Return the visits of the units that the actor reads."""
    return visits_of(actor.district, actor.unit_ids("field.read"))


def visit_of(actor: Actor, pk: int, capability: str = "field.read") -> Activity:
    """Return a visit that the actor sees, or 404; 403 without the capability for its unit."""
    return _seen(actor, visible_visits(actor), capability, pk=pk)


def visible_promotions(actor: Actor) -> QuerySet[Activity]:
    """Return the promotions of the units whose promotions the actor reads."""
    return promotions_of(actor.district, actor.unit_ids("promotions.read"))


def promotion_of(actor: Actor, code: str, capability: str = "promotions.read") -> Activity:
    """Return a promotion that the actor sees, or 404; 403 without the capability there."""
    return _seen(actor, visible_promotions(actor), capability, promotion__code=code)


def visible_goals(actor: Actor) -> QuerySet[Goal]:
    """Return the goals of the units whose goals the actor reads, and the actor's own."""
    return goals_of(actor.district, actor.unit_ids("goals.read"), actor.person)


def goal_of(actor: Actor, pk: int) -> Goal:
    """Return a goal that the actor sees, or 404."""
    return get_object_or_404(visible_goals(actor), pk=pk)


def may_report(actor: Actor, goal: Goal) -> None:
    """Raise PermissionDenied unless it is the actor's own goal or one that he or she confirms."""
    if goal.person_id != actor.person.pk:
        actor.demand("field.confirm", goal.unit_id)


def visible_warned(actor: Actor) -> QuerySet[WarnedUser]:
    """Return the warned users of the units whose call-backs the actor reads."""
    return warned_of(actor.district, actor.unit_ids("retention.read"))


def warned_user(actor: Actor, pk: int, capability: str = "retention.read") -> WarnedUser:
    """Return a warned user that the actor sees, or 404; 403 without the capability there."""
    return _seen(actor, visible_warned(actor), capability, pk=pk)


def warned_users(actor: Actor, versions: Mapping[int, int]) -> list[tuple[WarnedUser, int]]:
    """Return the users with the versions read; 404 where one is not seen, 403 not given."""
    rows = list(visible_warned(actor).filter(pk__in=versions))
    if len(rows) != len(versions):
        raise Http404
    for unit_id in {row.unit_id for row in rows}:
        actor.demand("retention.assign", unit_id)
    return [(row, versions[row.pk]) for row in rows]


def may_call(actor: Actor, row: WarnedUser) -> bool:
    """Return whether the actor calls this user and so reads the number: the assigned, a manager."""
    if not actor.can("retention.call", row.unit_id):
        return False
    return row.person_id == actor.person.pk or actor.can("retention.assign", row.unit_id)


def units_for(actor: Actor, capability: str) -> QuerySet[Unit]:
    """Return the business units for which the actor has the capability, in order."""
    units = Unit.objects.of(actor.district).business().open_on(actor.on)
    ids = actor.unit_ids(capability)
    return (units if ids is None else units.filter(pk__in=ids)).order_by("position", "pk")


def visible_findings(actor: Actor) -> QuerySet[Finding]:
    """Return the findings of the units that the actor reads."""
    return findings_of(actor.district, actor.unit_ids("field.read"))


def visible_movements(actor: Actor) -> QuerySet[StockMovement]:
    """Return the lines of the store's ledger at the places that the actor reads."""
    return movements_of(actor.district, actor.unit_ids("stock.read"))


def visible_requests(actor: Actor) -> QuerySet[StockRequest]:
    """Return the requests of the units that the actor reads."""
    return requests_of(actor.district, actor.unit_ids("stock.read"))


def stock_request(actor: Actor, code: str, capability: str = "stock.read") -> StockRequest:
    """Return a request that the actor sees, or 404; 403 without the capability for its unit."""
    return _seen(actor, visible_requests(actor), capability, code=code)


def visible_alarms(actor: Actor) -> QuerySet[Alarm]:
    """Return the alarms of the units that the actor reads."""
    return alarms_of(actor.district, actor.unit_ids("field.read"))


def alarm_of(actor: Actor, pk: int, capability: str = "field.read") -> Alarm:
    """Return an alarm that the actor sees, or 404; 403 without the capability for its unit."""
    return _seen(actor, visible_alarms(actor), capability, pk=pk)


def visible_summaries(actor: Actor) -> QuerySet[Summary]:
    """Return the summaries of the units that the actor reads, the actor's own and own team's."""
    team = actor.unit_ids("summaries.write")
    return summaries_of(
        actor.district, actor.unit_ids("summaries.read"), person=actor.person, team_ids=team or ()
    )


def summary_of(actor: Actor, pk: int) -> Summary:
    """Return a summary that the actor sees, or 404."""
    return get_object_or_404(visible_summaries(actor), pk=pk)


def may_answer(actor: Actor, row: Summary) -> bool:
    """Return whether the actor answers it: the head, or the leader of the unit; never one's own."""
    if row.person_id == actor.person.pk or not actor.can("summaries.answer", row.unit_id):
        return False
    is_head = actor.unit_ids("summaries.answer") is None
    return is_head or leaders(actor.district, actor.on).get(row.unit_id) == actor.person.pk


def waiting_summaries(actor: Actor) -> QuerySet[Summary]:
    """Return the summaries that wait for the actor's answer."""
    rows = visible_summaries(actor).exclude(person=actor.person)
    if not actor.can("summaries.answer"):
        return rows.none()
    is_head = actor.unit_ids("summaries.answer") is None
    return unanswered(rows, leaders(actor.district, actor.on), None if is_head else actor.person)


def survey_of(actor: Actor, pk: int) -> Survey:
    """Return a survey of the district, or 404."""
    return get_object_or_404(surveys_of(actor.district), pk=pk)


def visible_sheets(actor: Actor) -> QuerySet[Activity]:
    """Return the sheets of the units that the actor reads."""
    return sheets_of(actor.district, actor.unit_ids("field.read"))


def sheet_of(actor: Actor, pk: int, capability: str = "field.read") -> Activity:
    """Return a sheet that the actor sees, or 404; 403 without the capability for its unit."""
    return _seen(actor, visible_sheets(actor), capability, pk=pk)


def visible_takings(actor: Actor) -> QuerySet[DayTakings]:
    """Return the takings of the units whose audit the actor reads."""
    return takings_of(actor.district, actor.unit_ids("audit.read"))


def visible_statements(actor: Actor, month: date) -> QuerySet[DealerStatement]:
    """Return a month's statements of the units whose audit the actor reads."""
    return statements_of(actor.district, actor.unit_ids("audit.read"), month)


def visible_sampled(actor: Actor) -> QuerySet[SampledUser]:
    """Return the drawn users of the units whose audit the actor reads."""
    return sampled_of(actor.district, actor.unit_ids("audit.read"))


def may_answer_alarm(actor: Actor, row: Alarm) -> bool:
    """Return whether the actor answers this alarm: the outlet's manager, the unit's, the clerk."""
    is_own = row.person_id in (None, actor.person.pk)
    return actor.can("field.confirm", row.unit_id) or (
        is_own and actor.can("field.write", row.unit_id)
    )


def entry_of(actor: Actor, pk: int) -> CalendarEntry:
    """Return a calendar entry that the actor sees, or 404."""
    return get_object_or_404(entries_of(actor), pk=pk)


def may_tick(actor: Actor, row: CalendarEntry) -> bool:
    """Return whether the actor notes that it is done: the owner, the unit's people, the office."""
    if row.unit_id is None:
        return row.person_id == actor.person.pk
    return actor.can("field.write", row.unit_id) or actor.can("field.rules")


def may_change(actor: Actor, row: CalendarEntry) -> bool:
    """Return whether the actor writes or removes it: the owner, a unit's manager, the office."""
    if row.unit_id is None:
        return row.person_id == actor.person.pk
    return actor.can("field.confirm", row.unit_id) or actor.can("field.rules")


def writable_units(actor: Actor) -> list[Unit]:
    """Return for which units, and for the district, the actor writes entries."""
    if actor.can("field.rules"):
        units = Unit.objects.of(actor.district).business().open_on(actor.on)
        return [actor.district, *units.order_by("position", "pk")]
    return list(units_for(actor, "field.confirm"))
