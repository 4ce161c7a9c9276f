"""The OpenAPI schema against what the API answers."""

from collections.abc import Iterator

import schemathesis
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from rest_framework.authtoken.models import Token

QUERIES = {"month": "2026-03", "year": "2026", "unit": "grid1", "indicator": "mobile_gross_adds"}
CODES = {  # by what stands before the code in the address
    "accounts": "v0001", "campaigns": "c0001", "competitions": "monthly", "dealers": "heping",
    "findings": "f0001", "units": "grid1",
}  # fmt: skip


def reads() -> Iterator[schemathesis.Case]:
    """Yield a call of every operation that reads and needs no key of a row."""
    schema = schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())
    for found in schema.get_all_operations():
        operation = found.ok()
        named = {one.name for one in operation.path_parameters}
        wanted = {one.name for one in operation.query}
        code = {"code": CODES.get(operation.path.partition("/{code}")[0].split("/")[-1])}
        if operation.method.upper() == "GET" and named <= {*QUERIES, "code"}:
            yield operation.Case(
                path_parameters={k: v for k, v in (QUERIES | code).items() if k in named},
                query={k: v for k, v in QUERIES.items() if k in wanted},
            )


def test_what_is_read_has_the_documented_shape(demo: None) -> None:
    token, _ = Token.objects.get_or_create(user=User.objects.get(username="head"))
    cases = list(reads())
    assert len(cases) > 20
    for case in cases:
        answer = case.call(headers={"Authorization": f"Token {token.key}"})
        assert answer.status_code == 200, case.path
        case.operation.validate_response(answer)
