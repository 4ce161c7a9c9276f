"""Columns of the lists of dealers and people."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from orgchart.models import Dealer, Person


class DealerTable(tables.Table):
    code = tables.Column(_("Code"))
    name = tables.Column(
        _("Name"), order_by="name_zh", linkify=("dealer_detail", {"code": tables.A("code")}),
        attrs={"td": {"class": "is-name"}},
    )  # fmt: skip
    tier = tables.Column(_("Tier"))
    kind = tables.Column(_("Kind"))
    unit = tables.Column(
        _("Unit"), accessor="current__unit__short", order_by=("current__unit__position", "code")
    )
    manager = tables.Column(
        _("Account manager"), accessor="current__account_manager",
        order_by=("current__account_manager__code", "code"), empty_values=(),
    )  # fmt: skip
    commission_class = tables.Column(_("Commission class"))
    opened_on = tables.DateColumn(format="Y-m-d", verbose_name=_("Opened on"))

    class Meta:
        model = Dealer
        fields: tuple[str, ...] = ()
        sequence = (
            "code", "name", "tier", "kind", "unit", "manager", "commission_class", "opened_on"
        )  # fmt: skip
        attrs = {"class": "ui-table org-list"}
        empty_text = _("No dealer matches.")

    def render_manager(self, value: Person | None, record: Dealer) -> Any:
        if value is not None:
            return value.name
        return format_html('<span class="ui-chip ui-chip--warn">{}</span>', _("No manager"))

    def render_name(self, record: Dealer) -> Any:
        if record.closed_on is None:
            return record.name
        return format_html('{} <span class="ui-chip">{}</span>', record.name, _("Closed down"))


class PersonTable(tables.Table):
    code = tables.Column(_("Code"))
    name = tables.Column(
        _("Name"), order_by="name_zh", linkify=("person_detail", {"code": tables.A("code")}),
        attrs={"td": {"class": "is-name"}},
    )  # fmt: skip
    posts = tables.Column(_("Posts"), accessor="present_tenures", orderable=False, empty_values=())
    supervises = tables.Column(_("Supervises"), accessor="present_supervisions", orderable=False)
    phone = tables.Column(_("Phone"))
    account = tables.Column(_("Account"), accessor="user__username", order_by="user__username")

    class Meta:
        attrs = {"class": "ui-table org-list"}
        empty_text = _("Nobody matches.")

    def render_posts(self, value: list[Any]) -> Any:
        if not value:
            return format_html('<span class="ui-ink-3">{}</span>', _("No post"))
        return format_html_join(
            _(", "), "{} {}", ((tenure.unit.short, tenure.post.name) for tenure in value)
        )

    def render_supervises(self, value: list[Any]) -> str:
        return str(_(", ")).join(supervision.unit.short for supervision in value) or "—"

    def render_account(self, value: str, record: Person) -> Any:
        if record.user is not None and record.user.is_active:
            return value
        return format_html('{} <span class="ui-chip ui-chip--bad">{}</span>', value, _("Blocked"))
