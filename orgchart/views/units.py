"""The chart, the units and their posts."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orgchart.forms import (
    AppointForm,
    CloseForm,
    MoveForm,
    OpenUnitForm,
    RenameForm,
    SupervisorForm,
)
from orgchart.models import DealerAffiliation, DealerTier, Person, Post, Tenure, Unit
from orgchart.permissions import require
from orgchart.queries.chart import Node, chart
from orgchart.rules import BOX_HEIGHT, Label, draw
from orgchart.services import people as people_services
from orgchart.services import units as unit_services
from orgchart.views.editing import answer_form, chosen_day, link, readable_units, unit_of


@dataclass(frozen=True, slots=True)
class Seat:
    """A box of the drawing, filled."""

    x: int
    y: int
    url: str
    unit: str
    post: str
    person: str
    supervisor: str
    is_root: bool


@require("organisation.read")
def organisation(request: HttpRequest) -> HttpResponse:
    """The chart of the district as of a day, drawn and as a list."""
    actor = request.actor
    on, form = chosen_day(request)
    root = chart(actor.district, on, readable_units(request))
    nodes = root.walk()
    vacant = [node.short for _depth, node in nodes if node.is_covered and not node.head]
    unsupervised = [
        node.short
        for _depth, node in nodes
        if node.is_covered and node.is_business and not node.supervisor
    ]
    context = {
        "root": root,
        "rows": [{"node": node, "depth": depth, "url": _unit_url(node)} for depth, node in nodes],
        "picture": _picture(root),
        "on": on,
        "form": form,
        "sentence": _judgement(len(nodes) - 1, vacant, unsupervised),
        "actions": [
            link(_("Open a unit"), "unit_open", "plus", primary=True),
        ]
        if actor.can("organisation.write")
        else [],
    }
    return render(request, "orgchart/organisation.html", context)


@require("organisation.read")
def unit_detail(request: HttpRequest, code: str) -> HttpResponse:
    """A unit: its posts with duties, its people, dealers by tier, and where it stood when."""
    unit = unit_of(request, code)
    on, form = chosen_day(request)
    tenures = list(
        Tenure.objects.filter(unit=unit)
        .select_related("post", "person")
        .order_by("post__position", "-valid_from", "pk")
    )
    in_force = [tenure for tenure in tenures if _holds(tenure, on)]
    tiers = dict(
        DealerAffiliation.objects.on(on)
        .filter(unit=unit)
        .values_list("dealer__tier")
        .annotate(Count("pk"))
        .order_by()
    )
    supervisions = list(unit.supervisions.select_related("person").order_by("-valid_from"))
    supervisor = next((row.person for row in supervisions if _holds(row, on)), None)
    may_write = request.actor.can("organisation.write") and unit.pk != unit.district_id
    context = {
        "unit": unit,
        "sentence": _standing(unit, supervisor),
        "actions": _unit_actions(unit) if may_write and not unit.closed_on else [],
        "on": on,
        "form": form,
        "present": in_force,
        "former": [tenure for tenure in tenures if tenure not in in_force],
        "posts": {tenure.post_id: tenure.post for tenure in in_force}.values(),
        "supervisions": supervisions,
        "placements": unit.placements.select_related("parent").order_by("-valid_from"),
        "tiers": [(label, tiers.get(tier, 0)) for tier, label in DealerTier.choices],
        "dealers": sum(tiers.values()),
        "may_write": may_write,
        "may_read_trail": request.actor.can("trail.read", unit),
    }
    return render(request, "orgchart/unit.html", context)


@require("organisation.read")
def posts(request: HttpRequest) -> HttpResponse:
    """Posts and duties (plan, appendix 1), in both languages, with who holds them today."""
    actor = request.actor
    unit_ids = readable_units(request)
    tenures = (
        Tenure.objects.on(actor.on)
        .filter(post__district=actor.district)
        .select_related("person", "unit")
    )
    if unit_ids is not None:
        tenures = tenures.filter(unit__in=unit_ids)
    holders: dict[int, list[Tenure]] = {}
    for tenure in tenures:
        holders.setdefault(tenure.post_id, []).append(tenure)
    rows = [
        {"post": post, "holders": holders.get(post.pk, [])}
        for post in Post.objects.filter(district=actor.district)
    ]
    return render(request, "orgchart/posts.html", {"rows": rows})


@require("organisation.write")
def unit_open(request: HttpRequest) -> HttpResponse:
    actor = request.actor

    def save(**fields: Any) -> None:
        unit_services.open_unit(district=actor.district, **fields)

    return answer_form(
        request, OpenUnitForm, save,
        initial={"opened_on": actor.on, "parent": actor.district.pk, "position": 0},
        title=_("Open a unit"), crumb=_("Organisation"), back=reverse("organisation"),
        done=_("Unit opened"), submit=_("Open a unit"),
    )  # fmt: skip


@require("organisation.write")
def unit_rename(request: HttpRequest, code: str) -> HttpResponse:
    unit = unit_of(request, code)
    fields = ("name_zh", "name_en", "short_zh", "short_en", "position", "version")
    return _change(
        request, unit, RenameForm, unit_services.rename_unit,
        {name: getattr(unit, name) for name in fields}, _("Rename %(unit)s"), _("Save"),
    )  # fmt: skip


@require("organisation.write")
def unit_move(request: HttpRequest, code: str) -> HttpResponse:
    unit = unit_of(request, code)
    return _change(
        request, unit, MoveForm, unit_services.move_unit,
        {"parent": unit.parent_id, "valid_from": request.actor.on, "version": unit.version},
        _("Move %(unit)s"), _("Move"), _("Until the day before, the chart stays as it is."),
    )  # fmt: skip


@require("organisation.write")
def unit_close(request: HttpRequest, code: str) -> HttpResponse:
    unit = unit_of(request, code)
    return _change(
        request, unit, CloseForm, unit_services.close_unit,
        {"last_day": request.actor.on, "version": unit.version},
        _("Close %(unit)s"), _("Close down"),
        _("Its past stays. People, dealers and units below it have to be elsewhere by then."),
    )  # fmt: skip


@require("organisation.write")
def unit_supervisor(request: HttpRequest, code: str) -> HttpResponse:
    unit = unit_of(request, code)
    return _change(
        request, unit, SupervisorForm, people_services.assign_supervisor,
        {"valid_from": request.actor.on, "version": unit.version},
        _("Supervisor of %(unit)s"), _("Assign"),
        _("A unit has one supervisor; the former one's term ends the day before."),
    )  # fmt: skip


@require("organisation.write")
def appoint(request: HttpRequest) -> HttpResponse:
    """Appoint somebody; `?person=` and `?unit=` (codes) fill the form."""
    actor = request.actor
    unit = Unit.objects.of(actor.district).filter(code=request.GET.get("unit", "")).first()
    named = request.GET.get("person", "")
    person = Person.objects.filter(district=actor.district, code=named).first()
    back = reverse("people")
    if person:
        back = reverse("person_detail", kwargs={"code": person.code})
    elif unit:
        back = reverse("unit_detail", kwargs={"code": unit.code})
    return answer_form(
        request, AppointForm, people_services.appoint,
        initial={"person": person, "unit": unit, "valid_from": actor.on},
        title=_("Appoint to a post"), sentence=_("The rights follow from the post."),
        crumb=_("People"), back=back, done=_("Appointed"), submit=_("Appoint"),
    )  # fmt: skip


def _change(
    request: HttpRequest,
    unit: Unit,
    form: Any,
    service: Any,
    initial: dict[str, Any],
    title: str,
    submit: str,
    sentence: str = "",
) -> HttpResponse:
    def save(**fields: Any) -> None:
        service(unit=unit, **fields)

    return answer_form(
        request, form, save, initial=initial, title=title % {"unit": unit.name},
        sentence=sentence, crumb=unit.name,
        back=reverse("unit_detail", kwargs={"code": unit.code}), done=_("Saved"), submit=submit,
    )  # fmt: skip


def _holds(row: Any, on: Any) -> bool:
    return row.valid_from <= on and (row.valid_to is None or row.valid_to >= on)


def _unit_url(node: Node) -> str:
    return reverse("unit_detail", kwargs={"code": node.code}) if node.is_covered else ""


def _unit_actions(unit: Unit) -> list[dict[str, Any]]:
    actions = [
        link(_("Appoint"), "appoint", "user", primary=True, query=f"unit={unit.code}"),
    ]
    if unit.is_business:
        actions.append(link(_("Name a supervisor"), "unit_supervisor", "eye", code=unit.code))
    return actions


def _standing(unit: Unit, supervisor: Person | None) -> str:
    if unit.closed_on:
        return _("Closed after %(day)s; its past stays.") % {"day": unit.closed_on.isoformat()}
    if not unit.is_business:
        return str(unit.get_kind_display())
    if supervisor is None:
        return _("Nobody supervises the unit.")
    return _("Supervised by %(person)s.") % {"person": supervisor.name}


def _judgement(units: int, vacant: list[str], unsupervised: list[str]) -> str:
    sentence = ngettext("%(count)s unit", "%(count)s units", units) % {"count": units}
    faults = []
    if vacant:
        faults.append(_("nobody in post: %(units)s") % {"units": _(", ").join(vacant)})
    if unsupervised:
        faults.append(_("no supervisor: %(units)s") % {"units": _(", ").join(unsupervised)})
    return _("; ").join([sentence, *(faults or [_("all posts and supervisors named")])])


def _picture(root: Node) -> dict[str, Any]:
    """Return the drawing of the tree with its texts; numbers are pixels."""
    nodes = {node.id: node for _depth, node in root.walk()}
    drawing = draw(_label(root))
    return {
        "label": _("Chart of %(unit)s with its heads and supervisors") % {"unit": root.name},
        "width": drawing.width + 2,  # the frames of the outer boxes stand half outside
        "height": drawing.height + 2,
        "box_width": drawing.box_width,
        "box_height": BOX_HEIGHT,
        "middle": drawing.box_width // 2,
        "elbows": drawing.elbows,
        "seats": [
            Seat(box.x, box.y, _unit_url(node), *_texts(node), is_root=node is root)
            for box in drawing.boxes
            for node in [nodes[box.key]]
        ],
    }


def _texts(node: Node) -> tuple[str, str, str, str]:
    """Return unit, post, person and supervisor of a box; a vacant post says so."""
    supervisor = _("Supervisor %(person)s") % {"person": node.supervisor} if node.supervisor else ""
    if node.head:
        return node.short, node.head.post, node.head.person, supervisor
    return node.short, "", _("Vacant") if node.is_covered else "", supervisor


def _label(node: Node) -> Label:
    unit, post, person, supervisor = _texts(node)
    return Label(
        key=node.id,
        lines=((unit, 14), (post, 12), (person, 13), (supervisor, 12)),
        below=tuple(_label(child) for child in node.children),
    )
