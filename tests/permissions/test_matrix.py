"""Nobody in where they don't belong: every route of the URLconf, for every account."""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.template.backends.django import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import tests.permissions as package
from tests.permissions.access import ACCOUNTS, MANAGERS, Access

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


@pytest.fixture(scope="module")
def signed_in_with(demo_database: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """The cookie of every account, which holds its session: signing in costs more than asking."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(settings, "SESSION_ENGINE", "django.contrib.sessions.backends.signed_cookies")
        made = {"": ""}
        for account in ACCOUNTS:
            client = Client()
            client.force_login(User.objects.get(username=account))
            made[account] = client.cookies[settings.SESSION_COOKIE_NAME].value
        yield made


@pytest.mark.parametrize("access", TABLE, ids=str)
def test_only_those_allowed_get_in(
    access: Access, demo: None, signed_in_with: dict[str, str]
) -> None:
    url = reverse(access.route, kwargs=access.kwargs() if access.kwargs else None)
    body = {} if access.body is None else {"data": access.body, "content_type": "application/json"}
    client = Client()  # one: each would make its middleware
    wrong, seen = [], set()
    for account in asked(access):
        client.cookies[settings.SESSION_COOKIE_NAME] = signed_in_with[account]
        if access.is_public or account in access.allowed:
            expected = access.succeeds
        else:
            expected = frozenset({403, 404}) if account else frozenset({302, 401, 403})
        with undone(), decided_only() if expected in seen else nullcontext():
            response = getattr(client, access.method)(url + access.query, **body)
        seen.add(expected)
        if response.status_code not in expected:
            said = b"" if response.streaming else response.content[:200]
            wrong.append((account, response.status_code, said))
    assert wrong == []


def asked(access: Access) -> list[str]:
    """Return the accounts to ask with: nobody and all, of managers that all get in only one.

    On a server, and where everybody may go: one let in and one refused. Whom a route refuses does
    not depend on the engine, and the pages' own tests run on both.
    """
    if connection.vendor == "sqlite" and not access.is_public:
        alike = MANAGERS - {"grid1"} if access.allowed >= MANAGERS else frozenset()
        return ["", *(account for account in ACCOUNTS if account not in alike)]
    first = {account in access.allowed: account for account in reversed(ACCOUNTS)}
    return ["", *first.values()]


@contextmanager
def decided_only() -> Iterator[None]:
    """Leave pages empty: the view has decided who gets in, and one such page is in full."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", lambda *_arguments, **_named: "")
        yield


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever the block wrote, so that each account finds the same district."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
