"""Access to field work."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from fieldwork.models import (
    Account,
    Activity,
    ActivityPhoto,
    Alarm,
    CalendarEntry,
    DayTakings,
    Duty,
    Finding,
    Goal,
    Promotion,
    SampledUser,
    StockRequest,
    Summary,
    Survey,
    WarnedUser,
)
from fieldwork.services.calendar import make_link
from orgchart.models import Person
from tests.permissions.access import DISTRICT, MANAGERS, Access

READERS = DISTRICT | MANAGERS | {"staff", "supervisor"}
# In the demo the supervisor holds a staff post of the support centre, which has no accounts.
WRITERS = MANAGERS | {"clerk", "staff"}
CONFIRMERS = MANAGERS | {"clerk"}
# Of grid 1's account: the district, its manager and `staff`, who works there.
OF_GRID1 = DISTRICT | {"grid1", "staff"}
OWN_WRITERS, OWN_CONFIRMERS = frozenset({"clerk", "grid1", "staff"}), frozenset({"clerk", "grid1"})
AUDITOR, RULERS = frozenset({"auditor"}), frozenset({"head", "clerk"})
MOVED, BAD = frozenset({302}), frozenset({400})


def account() -> dict[str, Any]:
    return {"code": Account.objects.filter(unit__code="grid1", stage="lead").latest("pk").code}


def signed() -> dict[str, Any]:
    return {"code": Account.objects.filter(unit__code="grid1", stage="signed").latest("pk").code}


def finding() -> dict[str, Any]:
    return {"code": Finding.objects.filter(unit__code="grid1").latest("pk").code}


def visit() -> dict[str, Any]:
    found = Activity.objects.filter(kind="visit", unit__code="grid1", state="planned")
    return {"pk": found.latest("planned_on").pk}


def done() -> dict[str, Any]:
    found = Activity.objects.filter(kind="visit", unit__code="grid1", state="done")
    return {"pk": found.latest("done_at").pk}


def picture() -> dict[str, Any]:
    made = ActivityPhoto.objects.create(
        activity_id=done()["pk"], token="x", digest="x", content=b"x", added_at=timezone.now(),
        added_by=Person.objects.get(user__username="grid1"),
    )  # fmt: skip
    return done() | {"token": made.token}


def own() -> dict[str, Any]:
    """The goal of `staff` in the open month."""
    staff = Person.objects.get(user__username="staff")
    return {"pk": Goal.objects.filter(person=staff).latest("month").pk}


def summary() -> dict[str, Any]:
    """A day of `staff` that nobody has answered."""
    staff = Person.objects.get(user__username="staff")
    return {"pk": Summary.objects.filter(person=staff, reply="").latest("first").pk}


def duty() -> dict[str, Any]:
    return {"pk": Duty.objects.get(code="claims").pk}


def duty_of_grid1() -> dict[str, Any]:
    return {"pk": CalendarEntry.objects.filter(unit__code="grid1").latest("pk").pk}


def private() -> dict[str, Any]:
    """An entry that the manager of grid 1 keeps alone."""
    person = Person.objects.get(user__username="grid1")
    made = CalendarEntry.objects.create(
        district=person.district, person=person, name_zh="x", made_at=timezone.now(),
        first=timezone.now().date(), last=timezone.now().date(),
    )  # fmt: skip
    return {"pk": made.pk}


def feed() -> dict[str, str]:
    return {"token": make_link(by=Person.objects.get(user__username="grid1"), at=timezone.now())}


# The auditor of the demo supervises a unit, too.
SUMMARY_OPEN = READERS
GOAL_READERS = DISTRICT | {"grid1", "staff"}


def warned() -> dict[str, Any]:
    """A user of grid 1 who is given to `staff`."""
    found = WarnedUser.objects.filter(unit__code="grid1", person__user__username="staff")
    return {"pk": found.exclude(number="").latest("pk").pk}


def asked() -> dict[str, Any]:
    """A request of grid 1 that waits, made by `staff`."""
    found = StockRequest.objects.filter(unit__code="grid1", made_by__user__username="staff")
    return {"code": found.filter(state="submitted").latest("pk").code}


def differing() -> dict[str, Any]:
    """A day of a dealer of grid 1 whose difference was settled."""
    found = DayTakings.objects.filter(unit__code="grid1", settled_at__isnull=False)
    return {"pk": found.latest("pk").pk}


def unlike() -> dict[str, Any]:
    return differing() | {"source": "takings"}


def sampled() -> dict[str, Any]:
    return {"pk": SampledUser.objects.filter(unit__code="grid1", checked_at=None).latest("pk").pk}


AUDIT_READERS = DISTRICT | MANAGERS | {"supervisor"}
AUDIT_OF_GRID1 = DISTRICT | {"grid1"}
ASKERS, APPROVERS = MANAGERS | {"staff"}, frozenset({"head", "grid1"})
CLERK = frozenset({"clerk"})


def survey() -> dict[str, Any]:
    """The survey of November, which is open."""
    return {"pk": Survey.objects.get(closed_at=None).pk}


def sheet() -> dict[str, Any]:
    """Grid 1's sheet of it, given to `staff` and not sent."""
    return {"pk": Activity.objects.get(kind="survey", unit__code="grid1", survey=survey()["pk"]).pk}


def form() -> dict[str, Any]:
    return {"kind": "market"}


def promotion(state: str) -> Callable[[], dict[str, Any]]:
    """A promotion of grid 1 in a state."""

    def found() -> dict[str, Any]:
        rows = Activity.objects.filter(kind="promotion", unit__code="grid1", state=state)
        return {"code": rows.latest("planned_on").promotion.code}

    return found


def waiting() -> dict[str, Any]:
    return {"code": Promotion.objects.filter(activity__state="submitted").latest("pk").code}


def stall() -> dict[str, Any]:
    row = Activity.objects.filter(kind="promotion", unit__code="grid1", state="done").latest("pk")
    made = ActivityPhoto.objects.create(
        activity=row, token="y", digest="y", content=b"y", added_at=timezone.now(),
        added_by=Person.objects.get(user__username="grid1"),
    )  # fmt: skip
    return {"code": row.promotion.code, "token": made.token}


HEAD = frozenset({"head"})


def alarm() -> dict[str, Any]:
    """An alarm of an outlet of grid 1 that `staff` does not look after."""
    return {"pk": Alarm.objects.filter(unit__code="grid1", state="open").latest("pk").pk}


PLAN = {"unit": "grid1", "month": "2020-01"}
STEP = {"stage": "lost", "on": "2026-11-20", "version": 1}

ROUTES = [
    Access("field_accounts", READERS),
    Access("field_accounts", READERS, query="?view=board"),
    Access("field_accounts", READERS, query="?view=areas"),
    Access("field_accounts_export", READERS),
    Access("field_account", OF_GRID1, account),
    Access("field_account_new", WRITERS),
    Access("field_account_new", WRITERS, method="post", succeeds=BAD),
    Access("field_account_edit", OWN_WRITERS, account),
    Access("field_account_edit", OWN_WRITERS, account, method="post",
           succeeds=BAD),
    Access("field_account_move", OWN_WRITERS, account, method="post",
           succeeds=BAD),
    Access("field_account_remove", OWN_CONFIRMERS, account, method="post", succeeds=MOVED),
    Access("field_accounts_import", CONFIRMERS),
    Access("field_accounts_import", CONFIRMERS, method="post", succeeds=BAD),
    Access("api_field_accounts", READERS),
    Access("api_field_accounts", WRITERS, method="post", body={}, succeeds=BAD),
    Access("api_field_account", OF_GRID1, account),
    Access("api_field_account", OWN_WRITERS, account, method="put", body={},
           succeeds=BAD),
    Access("api_field_account", OWN_CONFIRMERS, account, method="delete",
           succeeds=frozenset({409})),
    Access("api_field_account_move", OWN_CONFIRMERS, signed, method="post", body=STEP),
    Access("field_visits", READERS),
    Access("field_visits", READERS, query="?view=problems"),
    Access("field_visits", READERS, query="?view=all"),
    Access("field_visits_export", READERS, query="?in_month=2026-11"),
    Access("field_visit", OF_GRID1, visit),
    Access("field_visit", OWN_WRITERS, visit, method="post", succeeds=BAD),
    Access("field_visit_new", WRITERS),
    Access("field_visit_new", WRITERS, method="post", succeeds=BAD),
    Access("field_visit_assign", OWN_CONFIRMERS, visit, method="post", succeeds=BAD),
    Access("field_visit_cancel", OWN_CONFIRMERS, visit, method="post", succeeds=MOVED),
    Access("field_visit_close", OWN_WRITERS, done, method="post", succeeds=MOVED),
    Access("field_visit_photo", OF_GRID1, picture),
    # Nobody names a unit here: those who may find none.
    Access("field_visits_plan", CONFIRMERS, method="post", succeeds=frozenset({404})),
    Access("field_visits_confirm", CONFIRMERS, method="post", succeeds=frozenset({404})),
    Access("field_visit_rules", RULERS),
    Access("field_visit_rules", RULERS, method="post"),
    Access("api_field_visits", READERS, query="?month=2026-11"),
    Access("api_field_visits", WRITERS, method="post", body={}, succeeds=BAD),
    Access("api_field_visits_plan", OWN_CONFIRMERS, method="post", body=PLAN,
           succeeds=frozenset({409})),
    Access("api_field_visit", OF_GRID1, visit),
    Access("api_field_visit_done", OWN_WRITERS, visit, method="post", body={}, succeeds=BAD),
    Access("api_field_visit_close", OWN_WRITERS, done, method="post", body={}, succeeds=BAD),
    Access("field_promotions", READERS),
    Access("field_promotions", READERS, query="?view=calendar&month=2026-11"),
    Access("field_promotions", READERS, query="?view=all"),
    Access("field_promotions_export", READERS, query="?in_month=2026-11"),
    Access("field_promotion_new", WRITERS),
    Access("field_promotion_new", WRITERS, method="post", succeeds=BAD),
    Access("field_promotions_import", CONFIRMERS),
    Access("field_promotions_import", CONFIRMERS, method="post", succeeds=BAD),
    Access("field_promotion", OF_GRID1, promotion("done")),
    Access("field_promotion", OWN_WRITERS, promotion("approved"), method="post", succeeds=BAD),
    Access("field_promotion_edit", OWN_WRITERS, promotion("approved")),
    Access("field_promotion_edit", OWN_WRITERS, promotion("approved"), method="post",
           succeeds=BAD),
    Access("field_promotion_approve", HEAD, waiting, method="post", succeeds=MOVED),
    Access("field_promotion_return", HEAD, waiting, method="post", succeeds=MOVED),
    Access("field_promotion_cancel", OWN_WRITERS, promotion("approved"), method="post",
           succeeds=MOVED),
    Access("field_promotion_photo", OF_GRID1, stall),
    Access("api_promotions", READERS, query="?month=2026-11"),
    Access("api_promotions", WRITERS, method="post", body={}, succeeds=BAD),
    Access("api_promotion", OF_GRID1, promotion("done")),
    Access("api_promotion", OWN_WRITERS, promotion("approved"), method="put", body={},
           succeeds=BAD),
    Access("api_promo_approve", HEAD, waiting, method="post", body={}, succeeds=BAD),
    Access("api_promo_return", HEAD, waiting, method="post", body={}, succeeds=BAD),
    Access("api_promo_result", OWN_WRITERS, promotion("approved"), method="post", body={},
           succeeds=BAD),
    Access("api_promo_cancel", OWN_WRITERS, promotion("approved"), method="post", body={},
           succeeds=BAD),
    Access("findings", READERS),
    Access("findings_export", READERS),
    Access("finding_new", AUDITOR),
    Access("finding_new", AUDITOR, method="post", succeeds=BAD),
    Access("finding", OF_GRID1, finding),
    Access("finding_close", AUDITOR, finding, "post", succeeds=BAD),
    Access("finding_void", AUDITOR, finding, "post", succeeds=BAD),
    Access("api_findings", READERS),
    Access("api_findings", AUDITOR, method="post", body={}, succeeds=BAD),
    Access("api_finding", OF_GRID1, finding),
    Access("api_finding_close", AUDITOR, finding, "post", body={}, succeeds=BAD),
    Access("api_finding_void", AUDITOR, finding, "post", body={}, succeeds=BAD),
    Access("field_goals", READERS, query="?month=2026-11"),
    Access("field_goals_export", READERS, query="?month=2026-03"),
    Access("field_goals_open", CONFIRMERS, method="post", succeeds=frozenset({404})),
    Access("field_goal", GOAL_READERS, own),
    Access("field_goal_set", OWN_CONFIRMERS, own, method="post", succeeds=BAD),
    Access("field_goal_report", OWN_WRITERS, own, method="post", succeeds=BAD),
    Access("field_goal_assess", OWN_CONFIRMERS, own, method="post", succeeds=BAD),
    Access("api_field_goals", READERS, query="?month=2026-11"),
    Access("api_field_goal", GOAL_READERS, own),
    Access("api_field_goal", OWN_CONFIRMERS, own, method="put", body={}, succeeds=BAD),
    Access("api_field_goal_report", OWN_WRITERS, own, method="post", body={}, succeeds=BAD),
    Access("api_field_goal_assess", OWN_CONFIRMERS, own, method="post", body={}, succeeds=BAD),
    Access("field_calendar", READERS),
    Access("field_calendar", READERS, query="?view=month&day=2026-03-12"),
    Access("field_calendar_export", READERS, query="?day=2026-03-12"),
    Access("field_calendar_new", READERS),
    Access("field_calendar_new", READERS, method="post", succeeds=BAD),
    Access("field_calendar_fill", frozenset({"head", "clerk"}), method="post", succeeds=MOVED),
    Access("field_calendar_link", READERS, method="post", succeeds=MOVED),
    Access("field_calendar_feed", kwargs=feed, is_public=True),
    Access("field_duties", frozenset({"head", "clerk"})),
    Access("field_duties", frozenset({"head", "clerk"}), method="post", succeeds=MOVED),
    Access("field_duty_new", frozenset({"head", "clerk"})),
    Access("field_duty_new", frozenset({"head", "clerk"}), method="post", succeeds=BAD),
    Access("field_duty", frozenset({"head", "clerk"}), duty),
    Access("field_calendar_entry", OF_GRID1, duty_of_grid1),
    Access("field_calendar_entry", frozenset({"head", "clerk", "grid1"}), duty_of_grid1, "post",
           succeeds=BAD),
    Access("field_calendar_entry", frozenset({"grid1"}), private),
    Access("field_calendar_tick", frozenset({"head", "clerk", "grid1", "staff"}), duty_of_grid1,
           "post", succeeds=MOVED),
    Access("field_calendar_remove", frozenset({"head", "clerk", "grid1"}), duty_of_grid1, "post",
           succeeds=MOVED),
    Access("api_field_calendar", READERS, query="?since=2026-03-12"),
    Access("api_field_calendar", READERS, method="post", body={}, succeeds=BAD),
    Access("api_field_calendar_entry", OF_GRID1, duty_of_grid1),
    Access("api_field_calendar_entry", frozenset({"grid1"}), private),
    Access("api_field_calendar_entry", frozenset({"head", "clerk", "grid1"}), duty_of_grid1, "put",
           body={}, succeeds=BAD),
    Access("api_field_calendar_entry", frozenset({"head", "clerk", "grid1"}), duty_of_grid1,
           "delete", succeeds=frozenset({409})),
    Access("api_field_calendar_done", frozenset({"head", "clerk", "grid1", "staff"}),
           duty_of_grid1, "post", body={}, succeeds=BAD),
    Access("field_summaries", SUMMARY_OPEN),
    Access("field_summaries", SUMMARY_OPEN, query="?view=week&day=2026-11-09"),
    Access("field_summaries", SUMMARY_OPEN, query="?view=all&words=走访"),
    Access("field_summaries_export", SUMMARY_OPEN, query="?since=2026-11-20"),
    Access("field_summary_day", MANAGERS | {"staff"}),
    Access("field_summary_day", MANAGERS | {"staff"}, method="post", succeeds=BAD),
    Access("field_summary_week", MANAGERS),
    Access("field_summary_week", MANAGERS, method="post", succeeds=BAD),
    Access("field_summary", frozenset({"head", "clerk", "grid1", "staff"}), summary),
    Access("field_summary_answer", frozenset({"head", "grid1"}), summary, "post", succeeds=BAD),
    Access("api_field_summaries", SUMMARY_OPEN),
    Access("api_field_summaries", MANAGERS | {"staff", "supervisor"}, method="post", body={},
           succeeds=BAD),
    Access("api_field_summaries_missing", SUMMARY_OPEN - {"staff"}),
    Access("api_field_summary", frozenset({"head", "clerk", "grid1", "staff"}), summary),
    Access("api_field_summary_answer", frozenset({"head", "grid1"}), summary, "post", body={},
           succeeds=BAD),
    Access("alarms", READERS),
    Access("alarms_export", READERS, query="?state=open"),
    Access("alarms_import", frozenset({"clerk"})),
    Access("alarms_import", frozenset({"clerk"}), method="post", succeeds=BAD),
    Access("alarm", OF_GRID1, alarm),
    Access("alarm", OWN_CONFIRMERS, alarm, method="post", succeeds=BAD),
    Access("alarm_close", OWN_CONFIRMERS, alarm, method="post", succeeds=MOVED),
    Access("alarm_visit", OWN_WRITERS, alarm, method="post", succeeds=MOVED),
    Access("api_alarms", READERS, query="?state=open"),
    Access("api_alarm", OF_GRID1, alarm),
    Access("api_alarm_answer", OWN_CONFIRMERS, alarm, method="post", body={}, succeeds=BAD),
    Access("api_alarm_close", OWN_CONFIRMERS, alarm, method="post", body={}, succeeds=BAD),
    Access("api_alarm_visit", OWN_WRITERS, alarm, method="post", body={},
           succeeds=frozenset({201})),
    Access("field_retention", READERS),
    Access("field_retention", READERS, query="?view=all"),
    Access("field_retention_export", READERS, query="?in_month=2026-11"),
    Access("field_retention_analysis", READERS),
    Access("api_field_retention", READERS, query="?month=2026-11"),
    Access("api_field_call", OF_GRID1, warned),
    Access("api_field_call_note", frozenset({"grid1", "staff"}), warned, method="post", body={},
           succeeds=BAD),
    Access("field_retention_import", CONFIRMERS),
    Access("field_retention_import", CONFIRMERS, method="post", succeeds=BAD),
    Access("field_retention_give", CONFIRMERS, method="post", succeeds=MOVED),
    Access("api_field_retention_give", CONFIRMERS, method="post", body={}, succeeds=BAD),
    Access("field_call", OF_GRID1, warned),
    # The clerk imports and assigns, but does not call.
    Access("field_call", frozenset({"grid1", "staff"}), warned, method="post", succeeds=BAD),
    Access("field_takings", AUDIT_READERS),
    Access("field_takings_export", AUDIT_READERS, query="?in_month=2026-10"),
    Access("field_takings_import", AUDITOR),
    Access("field_takings_import", AUDITOR, method="post", succeeds=BAD),
    Access("field_takings_day", AUDIT_OF_GRID1, differing),
    Access("field_takings_settle", AUDITOR, differing, "post", succeeds=BAD),
    Access("field_statements", AUDIT_READERS),
    Access("field_statements_export", AUDIT_READERS, query="?in_month=2026-10"),
    Access("field_statements_import", AUDITOR),
    Access("field_statements_import", AUDITOR, method="post", succeeds=BAD),
    Access("field_samples", AUDIT_READERS),
    Access("field_samples_export", AUDIT_READERS, query="?in_month=2026-10"),
    Access("field_sampled_user", AUDIT_OF_GRID1, sampled),
    Access("field_sampled_user", AUDITOR, sampled, "post", succeeds=BAD),
    Access("sample_draw", AUDITOR),
    Access("sample_draw", AUDITOR, method="post", succeeds=BAD),
    Access("field_audit_find", AUDITOR, unlike),
    Access("field_audit_find", AUDITOR, unlike, "post", succeeds=BAD),
    Access("api_field_takings", AUDIT_READERS, query="?month=2026-10"),
    Access("api_field_statements", AUDIT_READERS, query="?month=2026-10"),
    Access("api_field_sample", AUDIT_READERS, query="?month=2026-10"),
    Access("field_stock", READERS),
    Access("field_stock_export", READERS, query="?state=short"),
    Access("field_stock_ledger", READERS),
    Access("field_stock_ledger_export", READERS, query="?in_month=2026-11"),
    Access("field_stock_report", READERS),
    Access("field_stock_report_export", READERS, query="?in_month=2026-10"),
    Access("field_stock_item_new", CLERK),
    Access("field_stock_item_new", CLERK, method="post", succeeds=BAD),
    Access("field_stock_item", CLERK, lambda: {"code": "sim-4g"}),
    Access("field_stock_item", CLERK, lambda: {"code": "sim-4g"}, "post", succeeds=BAD),
    Access("field_stock_move", CLERK),
    Access("field_stock_move", CLERK, method="post", succeeds=BAD),
    Access("field_stock_hand_out", ASKERS),
    Access("field_stock_hand_out", ASKERS, method="post", succeeds=BAD),
    Access("field_stock_take", CLERK, query="?place=grid1"),
    Access("field_stock_take", CLERK, method="post", succeeds=BAD),
    Access("field_stock_import", CLERK),
    Access("field_stock_import", CLERK, method="post", succeeds=BAD),
    Access("field_stock_requests", READERS),
    Access("field_stock_requests_export", READERS),
    Access("field_stock_request_new", ASKERS),
    Access("field_stock_request_new", ASKERS, method="post", succeeds=BAD),
    Access("field_stock_request", OF_GRID1, asked),
    Access("field_stock_approve", APPROVERS, asked, "post", succeeds=BAD),
    Access("field_stock_refuse", APPROVERS, asked, "post", succeeds=BAD),
    Access("field_stock_withdraw", frozenset({"grid1", "staff"}), asked, "post", succeeds=BAD),
    Access("field_stock_issue", CLERK, asked, "post", succeeds=BAD),
    Access("api_field_stock", READERS),
    Access("api_field_stock_ledger", READERS, query="?kind=issue"),
    Access("api_field_requests", READERS),
    Access("api_field_requests", ASKERS, method="post", body={}, succeeds=BAD),
    Access("api_field_request", OF_GRID1, asked),
    Access("api_field_approve", APPROVERS, asked, "post", body={}, succeeds=BAD),
    Access("api_field_refuse", APPROVERS, asked, "post", body={}, succeeds=BAD),
    Access("api_field_issue", CLERK, asked, "post", body={}, succeeds=BAD),
    Access("field_call_give", OWN_CONFIRMERS, warned, method="post", succeeds=BAD),
    Access("field_surveys", READERS),
    Access("field_surveys", READERS, query="?due=over"),
    Access("field_survey_new", RULERS, query="?kind=market"),
    Access("field_survey_new", RULERS, method="post", query="?kind=market", succeeds=BAD),
    Access("field_survey_fields", RULERS, form),
    Access("field_survey_fields", RULERS, form, method="post", succeeds=BAD),
    *(Access("field_survey", READERS, survey, query=f"?view={view}")
      for view in ("sheets", "results", "charts", "units")),
    Access("field_survey_export", READERS, survey),
    Access("field_survey_import", CONFIRMERS, survey),
    Access("field_survey_import", CONFIRMERS, survey, method="post", succeeds=BAD),
    Access("field_survey_chase", RULERS, survey, method="post", succeeds=MOVED),
    Access("field_survey_close", RULERS, survey, method="post", succeeds=MOVED),
    Access("field_sheet_new", WRITERS, survey),
    Access("field_sheet_new", WRITERS, survey, method="post", succeeds=BAD),
    Access("field_sheet", OF_GRID1, sheet),
    Access("field_sheet", OWN_WRITERS, sheet, method="post", succeeds=BAD),
    Access("field_sheet_give", OWN_CONFIRMERS, sheet, method="post", succeeds=BAD),
    Access("field_sheet_cancel", OWN_CONFIRMERS, sheet, method="post", succeeds=MOVED),
    Access("api_field_surveys", READERS),
    Access("api_field_surveys", RULERS, method="post", body={}, succeeds=BAD),
    Access("api_field_survey", READERS, survey),
    Access("api_field_survey_form", READERS, form),
    Access("api_field_survey_form", RULERS, form, method="put", body={}, succeeds=BAD),
    Access("api_field_survey_close", RULERS, survey, method="post", body={}, succeeds=BAD),
    Access("api_field_survey_chase", RULERS, survey, method="post", body={}),
    Access("api_field_survey_import", CONFIRMERS, survey, method="post", succeeds=BAD),
    Access("api_field_sheets", READERS, survey),
    Access("api_field_sheets", WRITERS, survey, method="post", body={}, succeeds=BAD),
    Access("api_field_sheet", OF_GRID1, sheet),
    Access("api_field_sheet", OWN_WRITERS, sheet, method="put", body={}, succeeds=BAD),
    Access("api_field_accounts_import", CONFIRMERS, method="post", succeeds=BAD),
]  # fmt: skip
