"""Access to sign-in, languages, health and the API's own pages."""

from tests.permissions.access import Access

ROUTES = [
    Access("login", is_public=True, succeeds=frozenset({200, 302})),
    Access("logout", is_public=True, method="post", succeeds=frozenset({302})),
    Access("set_language", is_public=True, method="post", succeeds=frozenset({302})),
    Access("js_catalog", is_public=True),
    Access("health", is_public=True),
    Access("schema", is_public=True),
    Access("api_docs", is_public=True),
    Access("api_token", is_public=True, method="post", body={}, succeeds=frozenset({400})),
]
