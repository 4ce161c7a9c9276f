"""The OpenAPI schema against what the API answers."""

from collections.abc import Iterator

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from rest_framework.authtoken.models import Token

from competitions.models import Campaign
from fieldwork.models import Account, Finding, Promotion, StockRequest

QUERIES = {
    "month": "2026-03", "year": "2026", "unit": "grid1", "indicator": "mobile_gross_adds",
    "gate": "revenue",
}  # fmt: skip


def codes() -> dict[str, str]:
    """Return a code of the demo by what stands before it in the address."""
    owned = {
        "accounts": Account, "campaigns": Campaign, "findings": Finding, "requests": StockRequest,
    }  # fmt: skip
    made = {name: model.objects.filter(district__code="xx") for name, model in owned.items()}
    made["promotions"] = Promotion.objects.filter(activity__unit__district__code="xx")
    return {
        "competitions": "monthly",
        "dealers": "heping",
        "indicators": "arpu",
        "units": "grid1",
        "{month}": "K1",
    } | {name: rows.order_by("pk").first().code for name, rows in made.items()}


def reads() -> Iterator[schemathesis.Case]:
    """Yield a call of every operation that reads and needs no key of a row."""
    schema = schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())
    known = codes()
    for found in schema.get_all_operations():
        operation = found.ok()
        named = {one.name for one in operation.path_parameters}
        wanted = {one.name for one in operation.query}
        code = {"code": known.get(operation.path.partition("/{code}")[0].split("/")[-1])}
        if operation.method.upper() == "GET" and named <= {*QUERIES, "code"}:
            yield operation.Case(
                path_parameters={k: v for k, v in (QUERIES | code).items() if k in named},
                query={k: v for k, v in QUERIES.items() if k in wanted},
            )


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """The end of a request leaves the connection, and the test's transaction, alone."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_what_is_read_has_the_documented_shape(demo: None, kept_connection: None) -> None:
    token, _ = Token.objects.get_or_create(user=User.objects.get(username="head"))
    cases = list(reads())
    assert len(cases) > 20
    for case in cases:
        answer = case.call(headers={"Authorization": f"Token {token.key}"})
        assert answer.status_code == 200, case.path
        case.operation.validate_response(answer)
