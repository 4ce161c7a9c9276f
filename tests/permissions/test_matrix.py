"""Nobody in where they don't belong: every route of the URLconf, for every account."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import tests.permissions as package
from tests.permissions.access import ACCOUNTS, Access

TABLE: list[Access] = [
    access
    for module in pkgutil.iter_modules(package.__path__)
    if module.name.startswith("routes_")
    for access in importlib.import_module(f"{package.__name__}.{module.name}").ROUTES
]


def routes(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        else:
            yield pattern.name or str(pattern.pattern)


def test_every_route_is_in_the_table() -> None:
    listed = {access.route for access in TABLE}
    assert set(routes(get_resolver().url_patterns)) - listed == set()


def test_the_table_names_no_route_that_is_gone() -> None:
    assert {access.route for access in TABLE} - set(routes(get_resolver().url_patterns)) == set()


@pytest.mark.parametrize("access", TABLE, ids=str)
@pytest.mark.parametrize("account", ["", *ACCOUNTS])
def test_only_those_allowed_get_in(access: Access, account: str, demo: None, signed_in) -> None:
    client = signed_in(account) if account else Client()
    url = reverse(access.route, kwargs=access.kwargs() if access.kwargs else None)
    call = getattr(client, access.method)
    body = {"data": access.body, "content_type": "application/json"} if access.body else {}
    response = call(url + access.query, **body)
    if access.is_public or account in access.allowed:
        assert response.status_code in access.succeeds, response.content[:300]
    elif not account:
        assert response.status_code in {302, 401, 403}
    else:
        assert response.status_code in {403, 404}, response.content[:300]
