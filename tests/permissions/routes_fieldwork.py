"""Access to field work."""

from typing import Any

from fieldwork.models import Account
from tests.permissions.access import DISTRICT, MANAGERS, Access

READERS = DISTRICT | MANAGERS | {"staff", "supervisor"}
# In the demo the supervisor holds a staff post of the support centre, which has no accounts.
WRITERS = MANAGERS | {"clerk", "staff"}
CONFIRMERS = MANAGERS | {"clerk"}
# Of grid 1's account: the district, its manager and `staff`, who works there.
OF_GRID1 = DISTRICT | {"grid1", "staff"}
OWN_WRITERS, OWN_CONFIRMERS = frozenset({"clerk", "grid1", "staff"}), frozenset({"clerk", "grid1"})
MOVED, BAD = frozenset({302}), frozenset({400})


def account() -> dict[str, Any]:
    return {"code": Account.objects.filter(unit__code="grid1", stage="lead").latest("pk").code}


def signed() -> dict[str, Any]:
    return {"code": Account.objects.filter(unit__code="grid1", stage="signed").latest("pk").code}


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
]  # fmt: skip
