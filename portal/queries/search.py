"""Finding units, people, dealers, accounts, promotions and indicators by a piece of their name."""

from dataclasses import dataclass

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fieldwork.queries.accounts import accounts_of
from fieldwork.queries.promotions import promotions_of
from fieldwork.wording import kind_name, stage_name
from orgchart.models import Unit
from orgchart.permissions import Actor
from orgchart.queries.dealers import dealers
from orgchart.queries.people import people
from targets.models import Indicator

MOST = 10  # of a kind


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: its name, what tells it apart, and the way to it."""

    name: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Hits:
    """The hits of a kind; `is_cut` when there are more."""

    label: str
    hits: list[Hit]
    is_cut: bool = False


def search(actor: Actor, text: str) -> list[Hits]:
    """Return what the actor may read and the text names, by kind; at most nine queries."""
    found = []
    if actor.can("organisation.read"):
        scope = actor.unit_ids("organisation.read")
        units = Unit.objects.of(actor.district)
        if scope is not None:
            units = units.filter(pk__in=scope)
        found += [
            _hits(_("Units"), units, text, "unit_detail", lambda unit: unit.get_kind_display()),
            _hits(
                _("People"),
                people(actor.district, actor.on, scope),
                text,
                "person_detail",
                lambda person: ", ".join(
                    f"{tenure.unit.short} {tenure.post.name}" for tenure in person.present_tenures
                ),
            ),
            _hits(
                _("Dealers"),
                dealers(actor.district, actor.on, scope),
                text,
                "dealer_detail",
                lambda dealer: dealer.current.unit.short if dealer.current else "",
            ),
        ]
    if actor.can("field.read"):
        found.append(
            _hits(
                pgettext("field", "Accounts"),
                accounts_of(actor.district, actor.unit_ids("field.read")),
                text,
                "field_account",
                lambda row: ", ".join(
                    [row.unit.short, kind_name(row.kind), stage_name(row.stage, row.kind)]
                ),
            )
        )
    if actor.can("promotions.read"):
        found.append(_promotions(actor, text))
    if actor.can("rules.read"):
        indicators = Indicator.objects.filter(district=actor.district)
        found.append(
            _hits(
                _("Indicators"),
                indicators,
                text,
                "indicator",
                lambda indicator: indicator.measure,
            )
        )
    return [hits for hits in found if hits.hits]


def _promotions(actor: Actor, text: str) -> Hits:
    """Find promotions by code or place, the latest first: they have no name."""
    rows = promotions_of(actor.district, actor.unit_ids("promotions.read"))
    named = rows.filter(Q(promotion__code__icontains=text) | Q(promotion__place__icontains=text))
    listed = list(named.order_by("-planned_on", "-pk")[: MOST + 1])
    hits = [
        Hit(
            row.promotion.place,
            f"{row.unit.short}, {row.planned_on:%Y-%m-%d}, {row.promotion.code}",
            reverse("field_promotion", kwargs={"code": row.promotion.code}),
        )
        for row in listed[:MOST]
    ]
    return Hits(_("Promotions"), hits, len(listed) > MOST)


def _hits(label, rows: QuerySet[Model], text: str, route: str, note) -> Hits:
    named = rows.filter(
        Q(name_zh__icontains=text) | Q(name_en__icontains=text) | Q(code__icontains=text)
    )
    listed = list(named[: MOST + 1])
    hits = [
        Hit(row.name, note(row), reverse(route, kwargs={"code": row.code})) for row in listed[:MOST]
    ]
    return Hits(label, hits, len(listed) > MOST)
