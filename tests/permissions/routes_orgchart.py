"""Access to the organisation and the audit trail."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from kpi.services.rescoring import start_rescoring
from orgchart.models import Dealer, Notification, Person, RunFile, Tenure, Unit
from tests.permissions.access import EVERYBODY, Access

WRITERS = frozenset({"clerk", "admin"})
READERS = frozenset({"head", "clerk", "auditor", "admin"})
TRAIL = EVERYBODY - {"staff"}
# A permitted account gets the form again: the empty body is refused for what it lacks.
INCOMPLETE = frozenset({400})


def unit() -> dict[str, Any]:
    return {"code": Unit.objects.get(code="grid2", district__code="xx").code}


def dealer() -> dict[str, Any]:
    affiliated = {"affiliations__unit__code": "grid2", "affiliations__valid_to": None}
    return {"code": Dealer.objects.filter(district__code="xx", **affiliated)[0].code}


def person() -> dict[str, Any]:
    return {"code": Person.objects.get(user__username="grid2").code}


def tenure() -> dict[str, Any]:
    return {"pk": Tenure.objects.filter(person__user__username="grid2")[0].pk}


def notification() -> dict[str, Any]:
    """Something that only the manager of the second grid was told."""
    told = Notification.objects.create(
        person=Person.objects.get(user__username="grid2"), key="matrix", text_zh="看",
        at=datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip
    return {"pk": told.pk}


def run() -> dict[str, Any]:
    """Long work that the clerk started; who closes months may watch it, others know of none."""
    clerk = Person.objects.get(user__username="clerk")
    started = start_rescoring(district=clerk.district, by=clerk, at=timezone.now())
    return {"pk": started.pk}


def run_with_file() -> dict[str, Any]:
    made = run()
    RunFile.objects.create(run_id=made["pk"], name="x.txt", content_type="text/plain", content=b"x")
    return made


def form(route: str, kwargs: Any = None) -> list[Access]:
    """Return the rows of a form page: shown and sent."""
    return [
        Access(route, WRITERS, kwargs),
        Access(route, WRITERS, kwargs, method="post", succeeds=INCOMPLETE),
    ]


OF_GRID2 = READERS | {"grid2", "supervisor"}  # the demo's supervisor has the second grid

ROUTES = [
    *[
        Access(route)
        for route in (
            "organisation", "posts", "dealers", "dealers_export", "affiliations",
            "affiliations_export", "people", "api_units", "api_dealers", "api_people",
            "api_affiliations",
        )
    ],
    Access("trail", TRAIL),
    Access("notifications"),
    Access("api_notifications"),
    Access("api_notification_read", frozenset({"grid2"}), notification, "post"),
    Access("notifications_read", method="post", succeeds=frozenset({302})),
    Access(
        "notification_open", frozenset({"grid2"}), notification, "post", succeeds=frozenset({302})
    ),
    Access("unit_detail", OF_GRID2, unit),
    Access("dealer_detail", OF_GRID2, dealer),
    Access("person_detail", OF_GRID2, person),
    Access("api_unit", OF_GRID2, unit),
    Access("api_dealer", OF_GRID2, dealer),
    Access("run", frozenset({"clerk"}), run),
    Access("api_run", frozenset({"clerk"}), run),
    Access("run_file", frozenset({"clerk"}), run_with_file),
    Access("run_cancel", frozenset({"clerk"}), run, method="post", succeeds=frozenset({302})),
    *form("unit_open"),
    *form("unit_rename", unit),
    *form("unit_move", unit),
    *form("unit_close", unit),
    *form("unit_supervisor", unit),
    *form("appoint"),
    *form("dealer_open"),
    *form("dealer_edit", dealer),
    *form("dealer_affiliate", dealer),
    *form("dealer_close", dealer),
    *form("person_add"),
    *form("person_edit", person),
    *form("tenure_end", tenure),
    Access(
        "person_account", frozenset({"admin"}), person, method="post",
        succeeds=INCOMPLETE,
    ),
]  # fmt: skip
