"""The trail's codes in words; higher apps add those of their own actions, fields and things."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from orgchart.models import Unit

ACTIONS: dict[str, Any] = {
    "open_unit": _("Opened a unit"),
    "rename_unit": _("Renamed a unit"),
    "move_unit": _("Moved a unit"),
    "close_unit": _("Closed a unit"),
    "add_person": _("Added a person"),
    "edit_person": _("Changed a person"),
    "appoint": _("Appointed to a post"),
    "end_tenure": _("Ended a post"),
    "assign_supervisor": _("Named a supervisor"),
    "open_dealer": _("Opened a dealer"),
    "edit_dealer": _("Changed a dealer"),
    "affiliate_dealer": _("Moved a dealer"),
    "close_dealer": _("Closed a dealer"),
    "create_account": _("Made an account"),
    "reset_password": _("Reset a password"),
    "block_account": _("Blocked an account"),
    "unblock_account": _("Unblocked an account"),
}

FIELDS: dict[str, Any] = {
    "account": _("account"),
    "account_manager": _("account manager"),
    "closed_on": _("last day"),
    "commission_class": _("commission class"),
    "dealer": _("dealer"),
    "is_active": _("may sign in"),
    "kind": _("kind"),
    "name_en": _("English name"),
    "name_zh": _("Chinese name"),
    "opened_on": _("opened on"),
    "parent": _("parent"),
    "person": _("person"),
    "phone": _("phone"),
    "position": _("order"),
    "post": _("post"),
    "short_en": _("short English name"),
    "short_zh": _("short Chinese name"),
    "supervisor": _("supervisor"),
    "tier": _("tier"),
    "unit": _("unit"),
    "valid_from": _("from"),
    "valid_to": _("to"),
}

# kind of thing -> the names of a district's things by their codes
NAMES: dict[str, Callable[[Unit], Mapping[str, Any]]] = {}


def action_words(code: str) -> str:
    """Return an action in words; an unknown code is shown as it is."""
    return str(ACTIONS.get(code, code))


def field_words(code: str) -> str:
    """Return a field or a kind of thing in words; an unknown code is shown as it is."""
    return str(FIELDS.get(code, code))
